package policy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// placeholders are texts that say nothing, as wordsOf writes them: in lower
// case, without marks. Only a whole text is one of them.
var placeholders = []string{
	"tbd", "tba", "tbc", "t b d", "todo", "to do", "fixme", "changeme", "change me", "xxx", "wip",
	"to be defined", "to be determined", "to be done", "to be filled", "to be added", "fill in", "fill me in",
	"na", "n a", "nn", "nil", "null", "none", "nothing", "no reason", "no justification", "not applicable", "not needed", "unknown",
	"test", "testing", "just testing", "dummy", "foo", "foo bar", "bar", "baz", "asdf", "qwerty", "qwertz", "lorem ipsum",
	"access", "access needed", "access required", "access requested", "needs access", "need access", "i need access",
	"grant access", "please grant access", "give access", "data access", "data access needed", "need data", "needed", "required",
	"justification", "reason", "the reason", "placeholder", "because", "as discussed", "as requested", "see above", "see below",
	"keine", "keine angabe", "k a", "folgt", "wird nachgereicht", "zugriff benötigt", "zugang benötigt",
	"à définir", "aucun", "aucune", "sans objet", "néant", "accès requis", "por definir", "ninguno", "ninguna", "acceso necesario",
	"a definir", "nenhum", "nenhuma", "da definire", "nessuno", "nessuna", "nvt", "n v t", "geen", "brak", "nie dotyczy",
	"なし", "未定", "テスト", "无", "無", "待定", "测试", "없음", "테스트",
}

// isPlaceholder reports whether a text stands for one that nobody has written:
// it has no word, is one of the placeholders, or one sign or word over and over.
func isPlaceholder(text string) bool {
	words := wordsOf(text)
	return len(words) == 0 || slices.Contains(placeholders, strings.Join(words, " ")) || repeats(words)
}

// saysLittle reports whether a text is a single word, which is too little where
// nothing stands beside it. Scripts without spaces and languages that make one
// long word of several would be misjudged by counting words alone.
func saysLittle(text string) bool {
	const compound, unspaced = 16, 4 // letters that make up for a second word
	words := wordsOf(text)
	if len(words) != 1 {
		return len(words) == 0
	}
	letters := utf8.RuneCountInString(words[0])
	if strings.ContainsFunc(words[0], isUnspaced) {
		return letters < unspaced
	}
	return letters < compound
}

// wordsOf are the runs of letters and digits of a text, in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// repeats reports one word over and over, or one word of one letter.
func repeats(words []string) bool {
	for _, w := range words[1:] {
		if w != words[0] {
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	return len(words) > 1 || strings.Trim(words[0], string(first)) == "" && !isUnspaced(first)
}

// isUnspaced is true of letters of scripts that put no space between words.
func isUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
