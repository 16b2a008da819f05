package plan

import "time"

// jsonBase says what the repository said before: which of the changes are which, is
// said at each of them.
type jsonBase struct {
	Ref       string          `json:"ref"`
	Commit    string          `json:"commit"`
	Counts    Counts          `json:"counts"`
	Satisfied []jsonSatisfied `json:"satisfied"`
}

type jsonSatisfied struct {
	jsonKey
	Field   string    `json:"field"` // "" where it is the resource itself
	Value   string    `json:"value"`
	Removed bool      `json:"removed"`
	Why     []jsonWhy `json:"why"`
}

// jsonDrift says that the document is a report of drift.
type jsonDrift struct {
	Drifted  int `json:"drifted"`  // facts
	Due      int `json:"due"`      // facts: access that has ended
	Returned int `json:"returned"` // unmanaged, and there again after brickgate had taken it away
}

// jsonTrace is the last recorded change of a fact.
type jsonTrace struct {
	Run     string    `json:"run"`
	Who     string    `json:"who"`
	Command string    `json:"command"`
	At      time.Time `json:"at"`
	Removed bool      `json:"removed"`
	Whole   bool      `json:"whole"` // it was its resource that was made or deleted, without the fact
}

// The parts of a plan.
const (
	partIntent = "intent" // what the change of the repository asks for
	partDrift  = "drift"
	partDue    = "due"
	partBoth   = "both" // of a change: its values say which is which
)

// partOf names the part that a move belongs to; "" where there are none.
func (p Plan) partOf(m Move) string {
	switch {
	case p.Drift != nil && p.Drift.Due[m]:
		return partDue
	case p.Drift != nil, p.Base != nil && p.Base.Drift[m]:
		return partDrift
	case p.Base != nil:
		return partIntent
	}
	return ""
}

// tellParts adds to a document what is known of the parts of the plan.
func (p Plan) tellParts(d *document) {
	if p.Base != nil {
		d.Base = &jsonBase{p.Base.Ref, p.Base.Commit, p.Counts(), each(p.Base.Satisfied, satisfiedJSON)}
	}
	if p.Drift != nil {
		drift, due := p.Drifted()
		d.Drift = &jsonDrift{Facts(drift), Facts(due), len(p.Returned())}
		for i, u := range p.Unmanaged {
			d.Unmanaged[i].Last = p.trace(Move{u.Fact, true})
		}
	}
	if p.Base == nil && p.Drift == nil {
		return
	}
	for i := range p.Changes {
		p.tellPart(&p.Changes[i], &d.Changes[i])
	}
}

// tellPart says of each value which part it belongs to, and of the change the part
// that all of it does.
func (p Plan) tellPart(c *Change, j *jsonChange) {
	note := func(m Move) string {
		part := p.partOf(m)
		switch j.Part {
		case "":
			j.Part = part
		case part:
		default:
			j.Part = partBoth
		}
		return part
	}
	if c.Action != Update {
		m := Move{Fact{Key: c.Key}, c.Action == Delete}
		note(m)
		j.Last = p.trace(m)
	}
	for i := range j.Fields {
		f := &j.Fields[i]
		tell := func(values []jsonValue, removed bool) {
			for k := range values {
				m := Move{Fact{c.Key, f.Name, values[k].Value}, removed}
				values[k].Part, values[k].Last = note(m), p.trace(m)
			}
		}
		tell(f.Added, false)
		tell(f.Removed, true)
	}
}

func (p Plan) trace(m Move) *jsonTrace {
	if p.Drift == nil {
		return nil
	}
	t, ok := p.Drift.Traces[m]
	if !ok {
		return nil
	}
	return &jsonTrace{t.Run, t.Who, t.Command, t.At, t.Removed, t.Fact.Field == "" && m.Field != ""}
}

func satisfiedJSON(s Satisfied) jsonSatisfied {
	j := jsonSatisfied{jsonKey(s.Key), s.Field, s.Value, s.Removed, []jsonWhy{}}
	if s.Origin != nil {
		j.Why = append(j.Why, whyJSON(s.Origin))
	}
	return j
}

// Counts are the facts of a plan that is held against a base.
type Counts struct {
	Intent    int `json:"intent"`
	Drift     int `json:"drift"`
	Satisfied int `json:"satisfied"`
}

// Counts counts the facts of each part.
func (p Plan) Counts() Counts {
	intent, drift := p.Parts()
	c := Counts{Intent: Facts(intent), Drift: Facts(drift)}
	if p.Base != nil {
		c.Satisfied = len(p.Base.Satisfied)
	}
	return c
}

// Facts counts what changes do. What is created or deleted counts too.
func Facts(changes []Change) int {
	n := 0
	for i := range changes {
		n += len(changes[i].Edits())
	}
	return n
}
