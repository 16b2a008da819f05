package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
)

// facts is a state in lines: a key, then field=value,value …; "in" begins a field
// of the context, "ended", "future" and "absent" a claim instead of a field.
//
//	group@account/g member=user:ann,group:h
//	grants@metastore/catalog/c group:g=SELECT in isolation=ISOLATED
func facts(t *testing.T, text string) *access.Access {
	t.Helper()
	return access.New(stateOf(t, text), platform, now)
}

func stateOf(t *testing.T, text string) plan.State {
	t.Helper()
	var all []plan.Resource
	for line := range strings.Lines(text) {
		line = strings.ReplaceAll(strings.TrimSpace(line), `\ `, "\x00")
		if line == "" {
			continue
		}
		words := strings.Fields(line)
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "\x00", " ")
		}
		kind, rest, _ := strings.Cut(words[0], "@")
		target, name, _ := strings.Cut(rest, "/")
		r := plan.Resource{Key: plan.Key{Kind: kind, Target: target, Name: name}}
		if kind == "permissions" {
			r.ID = name
		}
		for i := 1; i < len(words); i++ {
			switch words[i] {
			case "gone":
				r.Presence = plan.Gone
			case "held":
				r.Held = "not read"
			case "in":
				i++
				r.Context = append(r.Context, field(words[i]))
			case "ended", "future", "absent":
				r.Claims = append(r.Claims, claim(words[i], field(words[i+1])))
				i++
			default:
				f := field(words[i])
				r.Fields = append(r.Fields, f)
				for _, v := range f.Values {
					r.Claims = append(r.Claims, claim("", plan.Field{Name: f.Name, Values: []string{v}}))
				}
			}
		}
		all = append(all, r)
	}
	return plan.NewState(all)
}

func field(word string) plan.Field {
	name, values, _ := strings.Cut(word, "=")
	f := plan.Field{Name: name}
	if values != "" {
		f.Values = strings.Split(values, ",")
	}
	return f
}

func claim(how string, f plan.Field) plan.Claim {
	o := &plan.Origin{Pos: plan.Pos{File: "access.yaml", Line: 7}}
	switch how {
	case "ended":
		o.Until = now.Add(-24 * time.Hour)
	case "future":
		o.From = now.Add(24 * time.Hour)
	}
	c := plan.Claim{Field: f.Name, Want: how != "absent", Origin: o}
	if len(f.Values) > 0 {
		c.Value = f.Values[0]
	}
	return c
}

func key(text string) plan.Key {
	kind, rest, _ := strings.Cut(text, "@")
	target, name, _ := strings.Cut(rest, "/")
	return plan.Key{Kind: kind, Target: target, Name: name}
}

func on(securable string) plan.Key { return key("grants@metastore/" + securable) }
