package main

import "testing"

func TestALineOfOthersIsOneAndNoCommand(t *testing.T) {
	for text, want := range map[string]string{
		"a.yaml:1:1: x":               "a.yaml:1:1: x",
		"a\n::error::b.yaml:1:1: x":   "a\uFFFD::error::b.yaml:1:1: x",
		"::error::a.yaml:1:1: x":      ": :error::a.yaml:1:1: x",
		"  ::error::a.yaml":           "  : :error::a.yaml",
		"\t::add-mask::a":             "\uFFFD::add-mask::a",
		"grp::one ##[error]\x1b[31mx": "grp::one # #[error]\uFFFD[31mx",
	} {
		if got := line(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
