package plan

// Sight is what reads after a run showed of a change that was applied.
type Sight string

const (
	Visible    Sight = "visible"                  // it is as the change leaves it
	NotYet     Sight = "not yet visible"          // what is read is still as it was before
	Changed    Sight = "changed by somebody else" // it is neither: somebody has written to it since
	Unverified Sight = "not verified"             // it could not be read again
)

// Seen is what reads after a run showed of a change; its zero value, that nobody
// looked.
type Seen struct {
	Sight   Sight
	Differs []Delta // of one that is not visible: what is read and was not to be (Added), and what is missing (Removed)
	Why     string  // in words, where the sight does not say all
}

// Differs is in which of its own facts live is not as the change leaves it. What
// the change does not touch is none of its business. live is sorted.
func (c *Change) Differs(live []Field) []Delta {
	var out []Delta
	for _, d := range c.Deltas() {
		after, _ := find(c.After, d.Field)
		now, _ := find(live, d.Field)
		diff := Delta{Field: d.Field, Added: minus(now.Values, after.Values), Removed: minus(after.Values, now.Values)}
		if len(diff.Added)+len(diff.Removed) > 0 {
			out = append(out, diff)
		}
	}
	return out
}
