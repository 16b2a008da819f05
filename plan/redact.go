package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redact is the plan with people's names taken out, for a public place: wherever a
// person is named there is a pseudonym, the same for the same person in every plan
// with the same key, and different ones for two.
//
//	user:alice@example.com  ──▶  user:person-3f9a2c1b77d0
//
// That holds for principals, for every e-mail in names and texts, and in texts for
// the first and last name that an e-mail gives away (Alice Smith, of
// alice.smith@example.com). Groups and service principals keep their names, but for
// e-mails in these. Nothing else that a text tells of people is found.
//
// Who has the key can tell whether somebody is in the plan, and so can everybody
// where it can be guessed. The checksum is that of the plan itself. Such a plan is
// to be looked at: Save refuses it.
func (p Plan) Redact(key []byte) Plan {
	r := newRedactor(&p, key)
	out := p
	out.Redacted = p.Checksum()
	out.Changes = redactEach(p.Changes, r.change)
	out.Blocked = redactEach(p.Blocked, r.change)
	out.Findings = redactEach(p.Findings, func(f Finding) Finding {
		return Finding{r.eMails(f.Code), f.Level, r.pos(f.Pos), r.pos(f.Doc), r.text(f.Message)}
	})
	out.Unmanaged = redactEach(p.Unmanaged, func(u Unmanaged) Unmanaged { return Unmanaged{r.fact(u.Fact), r.eMails(u.Kept), r.eMails(u.From)} })
	out.Held = redactEach(p.Held, func(h Held) Held {
		return Held{r.resource(h.Key), r.origin(h.Origin), r.text(h.Reason), h.Failed}
	})
	out.Warnings = redactEach(p.Warnings, func(w Warning) Warning { return Warning{r.pos(w.Pos), r.text(w.Message), w.Foremost} })
	out.Lacks = redactEach(p.Lacks, func(l Lack) Lack {
		return Lack{r.resource(l.Key), l.Action, r.text(l.Needs), r.set(l.Holders), r.resource(l.TakenBy), l.By}
	})
	out.Violations = redactEach(p.Violations, func(v Violation) Violation {
		return Violation{r.eMails(v.Guard), r.resource(v.Key), r.pos(v.Pos), r.text(v.Message)}
	})
	out.Waivers = redactEach(p.Waivers, func(w Waiver) Waiver { return Waiver{r.eMails(w.Guard), r.text(w.Reason)} })
	out.Unjudged = redactEach(p.Unjudged, r.name)
	out.Impact = r.impact(p.Impact)
	out.Base = r.base(p.Base)
	out.Drift = r.drift(p.Drift)
	return out
}

// redactEach keeps nil what is nil.
func redactEach[T any](in []T, redact func(T) T) []T {
	if in == nil {
		return nil
	}
	return each(in, redact)
}

// redactor knows the people of one plan.
type redactor struct {
	key    []byte
	known  map[string]string   // pseudonyms by name in lower case
	spoken map[string]string   // the same by first and last name, with one space between
	odd    map[string]bool     // names that are no plain e-mails, as they are and in lower case
	sizes  []int               // of these, the largest first
	marks  map[*Origin]*Origin // an entry's claims share it afterwards too
}

func newRedactor(p *Plan, key []byte) *redactor {
	r := &redactor{key: key, known: map[string]string{}, spoken: map[string]string{}, odd: map[string]bool{}, marks: map[*Origin]*Origin{}}
	for _, name := range p.people() {
		lower := strings.ToLower(name)
		who, before := r.pseudonym(lower), len(r.known)
		if r.known[lower] = who; len(r.known) == before {
			continue
		}
		if eMail.FindString(name) != name || strings.ContainsAny(name, beforeEMail) {
			r.odd[name], r.odd[lower] = true, true
			continue
		}
		if spoken, ok := spokenName(lower); ok {
			if r.spoken[spoken] != "" {
				who = r.pseudonym(spoken) // of two people: nobody knows which
			}
			r.spoken[spoken] = who
		}
	}
	for name := range r.odd {
		r.sizes = append(r.sizes, len(name))
	}
	slices.SortFunc(r.sizes, func(a, b int) int { return b - a }) // a name before one that begins it
	r.sizes = slices.Compact(r.sizes)
	return r
}

// pseudonym of somebody, by name in lower case. It is long enough for two people
// never to have one.
func (r *redactor) pseudonym(lower string) string {
	const digits = 12
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(lower))
	return "person-" + hex.EncodeToString(h.Sum(nil))[:digits]
}

// person is the pseudonym of somebody, known or not.
func (r *redactor) person(name string) string {
	lower := strings.ToLower(name)
	if p, ok := r.known[lower]; ok {
		return p
	}
	return r.pseudonym(lower)
}

var (
	eMail = regexp.MustCompile(`[\pL\pM\pN.!#$%&'*+/=?^_{|}~-]+@[\pL\pM\pN](?:[\pL\pM\pN.-]*[\pL\pM\pN])?`)
	words = regexp.MustCompile(`[\pL\pM]+`)
)

// beforeEMail are characters that an e-mail can begin with, and that mostly end what
// stands before one.
const beforeEMail = `'/={|}&?!#$%*^~`

// spokenName is the first and last name that an e-mail gives away.
func spokenName(address string) (string, bool) {
	local, _, _ := strings.Cut(address, "@")
	parts := words.FindAllString(local, -1)
	return strings.Join(parts, " "), len(parts) > 1 && len(parts) <= maxSpoken && len(strings.Join(parts, " ")) == len(local)
}

const maxSpoken = 4 // words of a name

// name redacts what names something: people, and e-mails in other names.
func (r *redactor) name(s string) string {
	if who, ok := strings.CutPrefix(s, userPrefix); ok {
		return userPrefix + r.person(who)
	}
	return r.eMails(s)
}

// eMails redacts the e-mails in a name or a text.
func (r *redactor) eMails(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	s = r.oddOnes(s, func(name string) bool { return strings.Contains(name, "@") })
	return eMail.ReplaceAllStringFunc(s, func(found string) string {
		at := strings.LastIndexByte(found, '@')
		for from := 0; ; {
			if p, ok := r.known[strings.ToLower(found[from:])]; ok {
				return found[:from] + p
			}
			cut := strings.IndexAny(found[from:at], beforeEMail)
			if cut < 0 || from+cut+1 == at {
				return found[:from] + r.person(found[from:])
			}
			from += cut + 1
		}
	})
}

// text redacts a sentence, or a path.
func (r *redactor) text(s string) string {
	return r.spokenNames(r.eMails(r.oddOnes(s, func(string) bool { return true })))
}

// oddOnes redacts the people whose names are not found as e-mails, where these stand
// by themselves. Behind user: all names are meant.
func (r *redactor) oddOnes(s string, meant func(name string) bool) string {
	if len(r.odd) == 0 {
		return s
	}
	lower := strings.ToLower(s)
	if len(lower) != len(s) {
		lower = s // the few letters that another case makes longer
	}
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); i++ {
		behind := strings.HasSuffix(lower[:i], userPrefix)
		if before, _ := utf8.DecodeLastRuneInString(s[:i]); i < done || !behind && i > 0 && isName(before) {
			continue
		}
		if name := r.oddAt(s[i:], lower[i:]); name != "" && (behind || meant(name)) {
			b.WriteString(s[done:i] + r.person(name))
			done = i + len(name)
		}
	}
	return b.String() + s[done:]
}

// oddAt is the name that a text begins with, "" where it is none or goes on.
func (r *redactor) oddAt(s, lower string) string {
	for _, n := range r.sizes {
		if n > len(s) || !r.odd[lower[:n]] && !r.odd[s[:n]] {
			continue
		}
		if after, _ := utf8.DecodeRuneInString(s[n:]); n == len(s) || !isName(after) && after != '@' {
			return s[:n]
		}
	}
	return ""
}

func isName(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) }

// spokenNames redacts first and last names that stand beside each other.
func (r *redactor) spokenNames(s string) string {
	if len(r.spoken) == 0 {
		return s
	}
	at := words.FindAllStringIndex(s, -1)
	var b strings.Builder
	done := 0
	for i := 0; i < len(at); i++ {
		name := ""
		for j := i; j < min(i+maxSpoken, len(at)); j++ {
			if j > i {
				gap := s[at[j-1][1]:at[j][0]]
				if len(gap) != 1 || !strings.Contains(" ._-", gap) {
					break
				}
				name += " "
			}
			name += strings.ToLower(s[at[j][0]:at[j][1]])
			if who := r.spoken[name]; who != "" {
				b.WriteString(s[done:at[i][0]] + who)
				done, i = at[j][1], j
				break
			}
		}
	}
	return b.String() + s[done:]
}
