package render

import (
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// lacksShown is how many changes that lack the same right, and how many principals that
// have it, are named; the rest are counted.
const lacksShown = 3

// lacking is the changes that lack the same right for the same reason.
type lacking struct {
	plan.Lack
	changes []plan.Key
}

// lacks writes which rights the changes need and the applying identity does not
// have, each once.
func (t *text) lacks(lacks []plan.Lack) {
	if len(lacks) == 0 {
		return
	}
	t.line("", span{"needs rights", bold}, span{": the applying identity does not have these", plain})
	for _, l := range byRight(lacks) {
		t.paragraph(safe(l.Needs), span{"  ! ", alarm})
		t.paragraph("for "+count(len(l.changes), "change")+": "+few(l.changes, plan.Key.String), span{"      ", plain})
		if l.TakenBy != (plan.Key{}) {
			t.paragraph("taken away before by: "+safe(string(l.By))+" "+safe(l.TakenBy.String()), span{"      ", plain})
		}
		if len(l.Holders) > 0 {
			t.paragraph("who has it: "+few(l.Holders, func(s string) string { return s }), span{"      ", plain})
		}
	}
	t.line("")
}

// byRight joins what is lacked alike, in the order in which it comes up.
func byRight(lacks []plan.Lack) []lacking {
	var out []lacking
	at := map[string]int{}
	for _, l := range lacks {
		id := strings.Join(append([]string{l.Needs, l.TakenBy.String()}, l.Holders...), "\x00")
		i, ok := at[id]
		if !ok {
			i = len(out)
			at[id] = i
			out = append(out, lacking{Lack: l})
		}
		out[i].changes = append(out[i].changes, l.Key)
	}
	return out
}

// few names the first of a list and counts the rest.
func few[T any](list []T, name func(T) string) string {
	var names []string
	for _, v := range list[:min(len(list), lacksShown)] {
		names = append(names, safe(name(v)))
	}
	out := strings.Join(names, ", ")
	if more := len(list) - len(names); more > 0 {
		out += " and " + number(more) + " more"
	}
	return out
}
