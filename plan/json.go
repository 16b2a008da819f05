package plan

// FormatVersion is that of the JSON document: a minor step only adds.
const FormatVersion = "1.4"

type document struct {
	FormatVersion string          `json:"formatVersion"`
	ToolVersion   string          `json:"toolVersion"`
	Environment   string          `json:"environment"`
	Checksum      string          `json:"checksum"`
	Summary       Summary         `json:"summary"`
	Changes       []jsonChange    `json:"changes"`
	Blocked       []jsonChange    `json:"blocked"`
	Findings      []jsonFinding   `json:"findings"`
	Unmanaged     []jsonUnmanaged `json:"unmanaged"`
	Held          []jsonHeld      `json:"held"`
	Warnings      []string        `json:"warnings"`
	Lacks         []jsonLack      `json:"lacks"`
	Violations    []jsonViolation `json:"violations"`
	Waivers       []jsonWaiver    `json:"waivers"`
	Base          *jsonBase       `json:"base,omitempty"`   // with --base alone
	Drift         *jsonDrift      `json:"drift,omitempty"`  // of a report of drift alone
	Impact        *jsonImpact     `json:"impact,omitempty"` // not there: not computed
}

type jsonKey struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
	Name   string `json:"name"`
}

type jsonChange struct {
	jsonKey
	Action   Action      `json:"action"`
	Reason   string      `json:"reason"`
	Fields   []jsonField `json:"fields"`
	Origin   string      `json:"origin"`
	WaitsFor []string    `json:"waitsFor"`
	Part     string      `json:"part,omitempty"` // see jsonparts.go
	Last     *jsonTrace  `json:"last,omitempty"`
}

type jsonField struct {
	Name    string      `json:"name"`
	Added   []jsonValue `json:"added"`
	Removed []jsonValue `json:"removed"`
}

type jsonValue struct {
	Value string     `json:"value"`
	Why   []jsonWhy  `json:"why"`
	Part  string     `json:"part,omitempty"`
	Last  *jsonTrace `json:"last,omitempty"`
}

type jsonWhy struct {
	At      string `json:"at"`
	Until   string `json:"until"`
	Ends    string `json:"ends"` // why it ends then, where that is not its own term
	Reason  string `json:"reason"`
	Request string `json:"request"`
	Product string `json:"product"`
}

type jsonFinding struct {
	Code     string `json:"code"`
	Level    Level  `json:"level"`
	Message  string `json:"message"`
	At       string `json:"at"`
	Document string `json:"document"`
}

type jsonUnmanaged struct {
	jsonKey
	Field string `json:"field"`
	Value string `json:"value"`
	Kept  string `json:"kept"`
	From  string `json:"from,omitempty"`

	Last *jsonTrace `json:"last,omitempty"` // that took it away, or made its resource without it
}

type jsonHeld struct {
	jsonKey
	Reason string `json:"reason"`
	At     string `json:"at"`
}

type jsonLack struct {
	jsonKey
	Action  Action   `json:"action"`
	Needs   string   `json:"needs"`
	Holders []string `json:"holders"`
	TakenBy string   `json:"takenBy"` // the change before it that takes the right away; "" where it never was there
}

type jsonViolation struct {
	Guard   string `json:"guard"`
	Message string `json:"message"`
	At      string `json:"at"`
}

type jsonWaiver struct {
	Guard  string `json:"guard"`
	Reason string `json:"reason"`
}

// JSON writes the plan as one document. It holds no clock time and no live id:
// equal plans give equal bytes.
func (p Plan) JSON(toolVersion string) ([]byte, error) {
	return encoded(p.document(toolVersion), "write the plan of "+p.Environment+" as JSON")
}

func (p Plan) document(toolVersion string) document {
	d := document{
		FormatVersion: FormatVersion,
		ToolVersion:   toolVersion,
		Environment:   p.Environment,
		Checksum:      p.Checksum(),
		Summary:       p.Summary(),
		Changes:       each(p.Changes, changeJSON),
		Blocked:       each(p.Blocked, changeJSON),
		Findings:      each(p.Findings, findingJSON),
		Unmanaged:     each(p.Unmanaged, unmanagedJSON),
		Held:          each(p.Held, heldJSON),
		Warnings:      each(p.Warnings, Warning.String),
		Lacks:         each(p.Lacks, lackJSON),
		Violations: each(p.Violations, func(v Violation) jsonViolation {
			return jsonViolation{v.Guard, v.Message, v.Pos.String()}
		}),
		Waivers: each(p.Waivers, func(w Waiver) jsonWaiver { return jsonWaiver(w) }),
		Impact:  impactJSON(p.Impact),
	}
	p.tellParts(&d)
	return d
}

// each maps a slice; the result is never null in JSON.
func each[A, B any](in []A, convert func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = convert(v)
	}
	return out
}

func changeJSON(c Change) jsonChange {
	return jsonChange{
		jsonKey: jsonKey(c.Key),
		Action:  c.Action,
		Reason:  c.Reason,
		Fields: each(c.Deltas(), func(d Delta) jsonField {
			value := func(v string) jsonValue { return jsonValue{Value: v, Why: each(c.Why(d.Field, v), whyJSON)} }
			return jsonField{d.Field, each(d.Added, value), each(d.Removed, value)}
		}),
		Origin:   origin(&c).String(),
		WaitsFor: each(c.WaitsFor, Key.String),
	}
}

func whyJSON(o *Origin) jsonWhy {
	return jsonWhy{o.Pos.String(), o.LastsUntil(), o.Ends, o.Reason, o.Request, o.Product}
}

func findingJSON(f Finding) jsonFinding {
	return jsonFinding{f.Code, f.Level, f.Message, f.Pos.String(), f.Doc.String()}
}

func unmanagedJSON(u Unmanaged) jsonUnmanaged {
	return jsonUnmanaged{jsonKey: jsonKey(u.Fact.Key), Field: u.Fact.Field, Value: u.Fact.Value, Kept: u.Kept, From: u.From}
}

func heldJSON(h Held) jsonHeld {
	at := ""
	if h.Origin != nil {
		at = h.Origin.Pos.String()
	}
	return jsonHeld{jsonKey(h.Key), h.Reason, at}
}

func lackJSON(l Lack) jsonLack {
	by := ""
	if l.TakenBy != (Key{}) {
		by = l.TakenBy.String()
	}
	return jsonLack{jsonKey(l.Key), l.Action, l.Needs, append([]string{}, l.Holders...), by}
}

// String writes the warning behind its place, where it has one.
func (w Warning) String() string {
	if at := w.Pos.String(); at != "" {
		return at + ": " + w.Message
	}
	return w.Message
}
