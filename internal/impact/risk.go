package impact

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// worst are the risks by weight.
var worst = []plan.Risk{
	plan.RiskEverybody, plan.RiskPersonalData, plan.RiskProduction, plan.RiskOwner,
	plan.RiskExternalParty, plan.RiskExternalGroup, plan.RiskOutside,
}

// severity orders by the worst risk; what has none comes last.
func severity(risks []plan.Risk) int {
	if len(risks) == 0 {
		return len(worst)
	}
	return slices.Index(worst, risks[0])
}

// Privileges and levels by what they are to a reviewer.
var (
	// ways lead to what else is granted, and give nothing themselves.
	ways = []string{"BROWSE", "USE_CATALOG", "USE_SCHEMA"}
	// data is reading or changing data, be it by giving oneself the rest.
	data = []string{
		"ALL_PRIVILEGES", "EXECUTE", "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA", "MANAGE", "MODIFY",
		"READ_FILES", "READ_VOLUME", "SELECT", "WRITE_FILES", "WRITE_VOLUME",
	}
	// writing changes what is there, or adds to it.
	writing = []string{
		"ALL_PRIVILEGES", "CAN_CREATE", "CAN_EDIT", "CAN_MANAGE", "CAN_MANAGE_PRODUCTION_VERSIONS", "CAN_MANAGE_STAGING_VERSIONS",
		"IS_OWNER", "MANAGE", "MODIFY", "WRITE_FILES", "WRITE_VOLUME",
	}
	// owning is deciding about it, and about who else has access.
	owning = []string{"ADMIN", "CAN_MANAGE", "IS_OWNER", "MANAGE", "MANAGE_ALLOWLIST", "account_admin"}
)

func anyOf(privileges, of []string) bool {
	return slices.ContainsFunc(privileges, func(p string) bool { return slices.Contains(of, p) })
}

// isWriting tells privileges by which something in production changes.
func isWriting(p string) bool {
	return slices.Contains(writing, p) || strings.HasPrefix(p, "CREATE_")
}

// everybody tells the groups that all users of the account or of a workspace are in.
func everybody(token string) bool {
	return token == "group:account users" || token == "group:users"
}

// risks are those of an effect, the worst first.
func (m *measure) risks(e *plan.Effect) []plan.Risk {
	owns := anyOf(e.Privileges, owning)
	if !e.Gained {
		if owns {
			return []plan.Risk{plan.RiskOwner}
		}
		return nil
	}
	if !slices.ContainsFunc(e.Privileges, func(p string) bool { return !slices.Contains(ways, p) }) {
		return nil
	}
	takers := m.takers(e)
	has := map[plan.Risk]bool{
		plan.RiskEverybody:     slices.ContainsFunc(takers, everybody),
		plan.RiskPersonalData:  m.isPersonal(e),
		plan.RiskProduction:    m.production && slices.ContainsFunc(e.Privileges, isWriting),
		plan.RiskOwner:         owns,
		plan.RiskExternalParty: e.Product != "" && slices.ContainsFunc(takers, func(t string) bool { return m.foreign(t) && m.first(t, e.Product) }),
		plan.RiskExternalGroup: slices.ContainsFunc(takers, func(t string) bool { return plan.IsGroup(t) && m.foreign(t) }),
		plan.RiskOutside:       m.outside(e, takers),
	}
	var out []plan.Risk
	for _, r := range worst {
		if has[r] {
			out = append(out, r)
		}
	}
	return out
}

// takers are the principals that the entries name by which an effect comes, and the
// groups whose members nobody knows.
func (m *measure) takers(e *plan.Effect) []string {
	var out []string
	for _, c := range e.Causes {
		if token := plan.Principal(c.Fact); token != "" {
			out = append(out, token)
		}
	}
	for _, g := range e.Open {
		out = append(out, g.Group)
	}
	return plan.Set(out)
}

// isPersonal tells whether an effect opens personal data: the object is labelled so, or
// what it is in, or something in it, on which the same can be done then.
func (m *measure) isPersonal(e *plan.Effect) bool {
	return anyOf(e.Privileges, data) && (m.holding[e.Object] ||
		slices.ContainsFunc(within(e.Object), func(at plan.Key) bool { return slices.Contains(m.labels[at], "pii") }))
}

// first tells whether a party had nothing on any data of a product before.
func (m *measure) first(token, product string) bool {
	id := [2]string{token, product}
	had, known := m.had[id]
	if !known {
		had = m.hadAnything(token, product)
		m.had[id] = had
	}
	return !had
}

func (m *measure) hadAnything(token, product string) bool {
	for k, labels := range m.labels {
		if k.Kind != "grants" || !slices.Contains(labels, "product:"+product) {
			continue
		}
		typ, _, _ := strings.Cut(k.Name, "/")
		for _, p := range m.Platform.Privileges(typ) {
			if !slices.Contains(ways, p) && m.before.Can(token, p, k) {
				return true
			}
		}
	}
	return false
}

// isProduction tells whether an environment is production; see the package
// documentation.
func isProduction(p *spec.Project, env *spec.Environment) bool {
	if called(env.Name) {
		return true
	}
	for _, e := range p.Environments.Entries {
		if called(e.Key.Value) {
			return false
		}
	}
	for _, pinned := range p.Guards.RequirePinned {
		if pinned.Value == env.Name {
			return true
		}
	}
	return false
}

// called tells whether a name says that it is production.
func called(env string) bool {
	words := strings.FieldsFunc(strings.ToLower(env), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains([]string{"prd", "prod", "production", "live"}, w) })
}
