package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/plan"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// key reads kind@target/name.
func key(s string) plan.Key {
	kind, rest, _ := strings.Cut(s, "@")
	target, name, _ := strings.Cut(rest, "/")
	return plan.Key{Kind: kind, Target: target, Name: name}
}

// fields reads "member=user:a,user:b group:x=SELECT empty=".
func fields(s string) []plan.Field {
	var out []plan.Field
	for f := range strings.FieldsSeq(s) {
		name, values, _ := strings.Cut(f, "=")
		field := plan.Field{Name: name}
		if values != "" {
			field.Values = strings.Split(values, ",")
		}
		out = append(out, field)
	}
	return out
}

// write is the reverse of fields.
func write(fields []plan.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Name+"="+strings.Join(f.Values, ","))
	}
	return strings.Join(out, " ")
}

// at is an entry on a line of a.yaml; until is its last day, "" for ever.
func at(line int, until string) *plan.Origin {
	o := &plan.Origin{Pos: plan.Pos{File: "a.yaml", Line: line}}
	if until != "" {
		d, err := time.Parse(time.DateOnly, until)
		if err != nil {
			panic(err)
		}
		o.Until = d.AddDate(0, 0, 1)
	}
	return o
}

func from(o *plan.Origin, day string) *plan.Origin {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	o.From = d
	return o
}

func wanted(field, value string, o *plan.Origin) plan.Claim {
	return plan.Claim{Field: field, Value: value, Want: true, Origin: o}
}

func absent(field, value string, o *plan.Origin) plan.Claim {
	return plan.Claim{Field: field, Value: value, Origin: o}
}

// resource has everything it has declared outright, without claims.
func resource(k, fs string, with ...func(*plan.Resource)) plan.Resource {
	r := plan.Resource{Key: key(k), Fields: fields(fs), Origin: at(1, "")}
	for _, w := range with {
		w(&r)
	}
	return r
}

func authority(a plan.Authority) func(*plan.Resource) {
	return func(r *plan.Resource) { r.Authority = a }
}
func presence(p plan.Presence) func(*plan.Resource) { return func(r *plan.Resource) { r.Presence = p } }
func single(r *plan.Resource)                       { r.Single = true }
func partial(r *plan.Resource)                      { r.Partial = true }
func late(r *plan.Resource)                         { r.Late = true }
func held(reason string) func(*plan.Resource)       { return func(r *plan.Resource) { r.Held = reason } }
func label(l ...string) func(*plan.Resource) {
	return func(r *plan.Resource) { r.Labels = append(r.Labels, l...) }
}
func claims(c ...plan.Claim) func(*plan.Resource) {
	return func(r *plan.Resource) { r.Claims = append(r.Claims, c...) }
}
func refs(keys ...string) func(*plan.Resource) {
	return func(r *plan.Resource) {
		for _, k := range keys {
			r.Refs = append(r.Refs, key(k))
		}
	}
}

// folded is the desired state of these, which must not conflict.
func folded(t testing.TB, declared ...plan.Resource) plan.State {
	t.Helper()
	state, conflicts := plan.Fold(declared, now)
	if len(conflicts) > 0 {
		t.Fatal(conflicts)
	}
	return state
}

// owned owns every principal but those whose name begins with x_.
func owned(who string) bool { return !strings.Contains(who, ":x_") }

// show writes a plan line by line: changes with what they add and remove, then
// what stays and why.
func show(p plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s", c.Action, c.Key)
		for _, d := range c.Deltas() {
			fmt.Fprintf(&b, " %s", d.Field)
			for _, v := range d.Added {
				b.WriteString(" +" + v)
			}
			for _, v := range d.Removed {
				b.WriteString(" -" + v)
			}
		}
		b.WriteString("\n")
	}
	for _, u := range p.Unmanaged {
		b.WriteString(strings.TrimSpace(fmt.Sprintf("keep %s %s %s: %s %s", u.Fact.Key, u.Fact.Field, u.Fact.Value, u.Kept, u.From)) + "\n")
	}
	return b.String()
}
