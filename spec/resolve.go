package spec

import (
	"fmt"
	"regexp"
	"strings"
)

// reading is what a plain scalar means to one version of YAML.
type reading string

const (
	aString reading = "a string"
	aBool   reading = "a boolean"
	anInt   reading = "a whole number"
	aFloat  reading = "a number"
	aNull   reading = "null"
	aTime   reading = "a date"
	aMark   reading = "a special mark"
)

// The forms below are those of YAML 1.1 as its common parsers read it (the
// type repository's own forms for numbers are looser than any parser) and of
// the core schema of YAML 1.2.
var (
	bool11  = regexp.MustCompile(`^(y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$`)
	bool12  = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	null    = regexp.MustCompile(`^(|~|null|Null|NULL)$`)
	int11   = regexp.MustCompile(`^[-+]?(0b[01_]+|0[0-7_]*|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(:[0-5]?[0-9])+)$`)
	int12   = regexp.MustCompile(`^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`)
	float11 = regexp.MustCompile(`^([-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	float12 = regexp.MustCompile(`^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	time11  = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)?$`)

	// plainInt is an integer with the same digits and value everywhere.
	plainInt = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)
)

// read11 is what YAML 1.1 takes a plain scalar for.
func read11(text string) reading {
	switch {
	case null.MatchString(text):
		return aNull
	case text == "=" || text == "<<":
		return aMark
	case bool11.MatchString(text):
		return aBool
	case int11.MatchString(text):
		return anInt
	case float11.MatchString(text):
		return aFloat
	case time11.MatchString(text):
		return aTime
	}
	return aString
}

// read12 is what YAML 1.2 takes a plain scalar for.
func read12(text string) reading {
	switch {
	case null.MatchString(text):
		return aNull
	case bool12.MatchString(text):
		return aBool
	case int12.MatchString(text):
		return anInt
	case float12.MatchString(text):
		return aFloat
	}
	return aString
}

// mayBeTyped is false of most strings, at far less cost than the forms above.
func mayBeTyped(text string) bool {
	const longestWord, words, numbers = len("false"), "~=<yYnNtTfFoO", "0123456789+-."
	switch {
	case text == "":
		return true
	case strings.IndexByte(words, text[0]) >= 0:
		return len(text) <= longestWord
	case strings.IndexByte(numbers, text[0]) >= 0:
		return strings.Trim(text, numbers+"_:abcdefABCDEFxoinINTtZ \t") == ""
	}
	return false
}

// ambiguity says how the versions of YAML differ about a plain scalar; empty
// if they agree. Dates are left to the decoder, since where a date is wanted a
// plain one means the same to both.
func ambiguity(text string) string {
	if !mayBeTyped(text) {
		return ""
	}
	if isDay(text) {
		return "" // by far the most common of what is left
	}
	old, now := read11(text), read12(text)
	switch {
	case old == aTime && now == aString:
		return ""
	case old != now:
		return fmt.Sprintf("plain %s is %s in YAML 1.1 and %s in YAML 1.2; quote it: %q", text, old, now, text)
	case old == anInt && !plainInt.MatchString(text) && !strings.Contains(text, "x"):
		return fmt.Sprintf("plain %s is octal in YAML 1.1 and decimal in YAML 1.2; quote it: %q", text, text)
	}
	return ""
}

// isDay reports the form 2026-12-31, which is a date to YAML 1.1 and a string to
// YAML 1.2.
func isDay(text string) bool {
	if len(text) != len("2026-12-31") || text[4] != '-' || text[7] != '-' {
		return false
	}
	return strings.Trim(text[:4]+text[5:7]+text[8:], "0123456789") == ""
}

// notString says what a plain scalar is other than a string, in either
// version; empty if it is one.
func notString(text string) string {
	if !mayBeTyped(text) {
		return ""
	}
	r := read11(text)
	if r == aString {
		r = read12(text)
	}
	if r == aString {
		return ""
	}
	return fmt.Sprintf("plain %s is %s; where a string is wanted, quote it: %q", text, r, text)
}
