package spec

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Instead is what stands for a file with mistakes.
type Instead string

const (
	LeftOut      Instead = "left out"      // nothing
	OlderVersion Instead = "older version" // the newest one that has no mistakes
	InPart       Instead = "in part"       // its documents, or those of an older version, without what is wrong in them
)

// Broken is a file that holds mistakes, and what is read in its place.
type Broken struct {
	File    string
	Errors  []*Error // the first that were found, by place; never empty
	Instead Instead
	Commit  string // of the version that is read; "" for the file as it stands, or none
	History error  // why there may be older versions that were not seen; nil: there are none
	Unread  bool   // nobody knows the text as it stands
	Loads   bool   // its mistakes are only in what it means together with other files
	Repeats bool   // it has nothing but documents that other files have

	words string // that text, for Mentions
}

func newBroken(file mistaken, text string, err error) Broken {
	mistakes := slices.Clone(file.mistakes)
	slices.SortStableFunc(mistakes, func(a, b *Error) int { return a.Pos.Compare(b.Pos) })
	return Broken{File: file.name, Errors: mistakes, Instead: LeftOut, words: words(text), Unread: err != nil}
}

// Lost reports whether the file may say something that nobody has read.
func (b Broken) Lost() bool { return b.Instead != OlderVersion }

// Unjudged reports whether it may declare access of which nobody can tell whether
// it has ended.
func (b Broken) Unjudged() bool {
	return b.Instead == LeftOut && !b.Repeats || b.Instead == InPart && !b.Loads
}

// Mentions reports whether the text of the file, as it stands, holds a name as a
// word of its own; of a file that loads, the text of the entries with mistakes. Of a text that cannot be read it is true: it may.
func (b Broken) Mentions(name string) bool {
	if b.Unread {
		return true
	}
	name = words(name)
	for rest, from := b.words, 0; name != ""; {
		at := strings.Index(rest[from:], name)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(rest[:at])
		after, _ := utf8.DecodeRuneInString(rest[at+len(name):])
		if !inWord(before) && !inWord(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(rest[at:])
		from = at + size
	}
	return false
}

// MayMend reports whether the file may hold the document without which another one
// is wrong.
func (b Broken) MayMend(m *Error) bool { return slices.ContainsFunc(m.Missing, b.Mentions) }

// words is a text in which names can be looked for: without differences of case
// and of white space, over which YAML folds lines, and without the zeros of texts
// in UTF-16.
func words(text string) string {
	text = strings.ToLower(strings.ReplaceAll(text, "\x00", ""))
	return strings.Join(strings.Fields(text), " ")
}

func inWord(c rune) bool {
	return c == '_' || c == '-' || c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c))
}
