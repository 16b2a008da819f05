package render

import "strings"

// phrase is a piece of a sentence of ours in which names of others stand. Each form of
// a plan tells the two apart in its way.
type phrase []word

// word is some of our words, or a name.
type word struct {
	Words string
	Name  term
}

func say(words string) phrase { return phrase{{Words: words}} }

func naming(name string) phrase { return phrase{{Name: termOf(name)}} }

// namings lists names.
func namings(names []string) phrase {
	out := make([]phrase, len(names))
	for i, n := range names {
		out[i] = naming(n)
	}
	return joined(out, ", ")
}

// then puts one behind the other.
func (p phrase) then(more ...phrase) phrase {
	out := p[:len(p):len(p)]
	for _, m := range more {
		out = append(out, m...)
	}
	return out
}

// capital is a phrase at the beginning of a line of its own.
func capital(p phrase) phrase {
	if p[0].Words == "" {
		return p
	}
	return say(strings.ToUpper(p[0].Words[:1]) + p[0].Words[1:]).then(p[1:])
}

func joined(list []phrase, between string) phrase {
	var out phrase
	for i, p := range list {
		if i > 0 {
			out = append(out, word{Words: between})
		}
		out = append(out, p...)
	}
	return out
}

// firstOf lists the first of some, and counts the rest.
func firstOf(list []phrase, shown int) phrase {
	out := joined(list[:min(len(list), shown)], ", ")
	if more := len(list) - shown; more > 0 {
		out = out.then(say(" and " + number(more) + " more"))
	}
	return out
}

func (p phrase) plain() string {
	var b strings.Builder
	for _, w := range p {
		b.WriteString(w.Words + w.Name.Text)
	}
	return b.String()
}

func (p phrase) markdown() string {
	var b strings.Builder
	for _, w := range p {
		if w.Words != "" {
			b.WriteString(w.Words)
		} else {
			b.WriteString(code(w.Name.Text))
		}
	}
	return b.String()
}

func plains(list []phrase) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.plain()
	}
	return out
}

func markdowns(list []phrase) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.markdown()
	}
	return out
}
