package render

import "github.com/brickgate/brickgate/plan"

// blocked writes what documents with an error would add. It has the form of the
// changes, with ! where these have what they do.
func (t *text) blocked(changes []plan.Change) {
	if len(changes) == 0 {
		return
	}
	t.line("", span{"blocked", alarm}, span{": not applied while its document has an error", plain})
	t.indent(2)
	t.withheld = true
	for i, g := range groups(changes) {
		if i > 0 {
			t.line("")
		}
		t.group(g)
	}
	t.withheld = false
	t.indent(-2)
	t.line("")
}
