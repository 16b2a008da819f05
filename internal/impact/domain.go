package impact

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// belonging tells which domains principals belong to.
func (m *measure) belonging(planned plan.State) map[string]map[string]bool {
	names := map[string]string{} // what specs call it, to what facts call it
	out := map[string]map[string]bool{}
	add := func(token, domain string) {
		if out[token] == nil {
			out[token] = map[string]bool{}
		}
		out[token][domain] = true
	}
	all := planned.All()
	for i := range all {
		r := &all[i]
		kind, token := r.Key.Kind, r.Key.Kind+":"+r.Key.Name
		if kind == "servicePrincipal" {
			token = "sp:" + r.Key.Name
		}
		for _, l := range r.Labels {
			if name, ok := strings.CutPrefix(l, "name:"); ok && (kind == "group" || kind == "servicePrincipal") {
				names[kind+":"+name] = token
			}
			if domain, ok := strings.CutPrefix(l, "domain:"); ok && slices.Contains(r.Labels, "role:"+spec.RoleOwner) {
				add(token, domain)
			}
		}
	}
	belongs := func(ref spec.Ref, domain string) { add(tokenOf(ref, names), domain) }
	for name, d := range m.Catalogue.Domains {
		for _, ref := range d.Owners {
			belongs(ref, name)
		}
		for _, email := range d.Approvers {
			add("user:"+strings.ToLower(email.Value), name)
		}
	}
	for _, p := range m.Catalogue.Products {
		for _, h := range slices.Concat(p.Owners, p.Writers) {
			if !h.Absent {
				belongs(h.Ref, p.Metadata.Domain.Value)
			}
		}
	}
	return out
}

// tokenOf is what facts call a principal of the specs. Who has no document is called
// the same in both.
func tokenOf(ref spec.Ref, names map[string]string) string {
	if token, ok := names[ref.String()]; ok {
		return token
	}
	switch ref.Kind() {
	case spec.RefUser:
		return "user:" + ref.Name()
	case spec.RefServicePrincipal:
		return "sp:" + ref.Name()
	}
	return "group:" + ref.Name()
}

// outside tells whether an effect lets somebody of another domain in: one of the
// principals by which it comes belongs to others only, and the one who is named as
// well, on the way that it is told of.
func (m *measure) outside(e *plan.Effect, takers []string) bool {
	if e.Domain == "" {
		return false
	}
	along := slices.Clone(takers)
	for _, s := range e.Way {
		along = append(along, s.From)
	}
	if len(e.Way) > 0 && m.domains[e.Way[0].From][e.Domain] {
		return false
	}
	return slices.ContainsFunc(along, func(t string) bool {
		of := m.domains[t]
		return len(of) > 0 && !of[e.Domain]
	})
}
