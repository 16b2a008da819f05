package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// reword brings claims into the words of the live side: service principals of
// ambiguous name are called by application id.
func (r *Run) reword() {
	words := map[string]string{}
	for _, p := range r.Names.All() {
		if raw := rawToken(p.Kind, p.Live); raw != p.token() {
			words[raw] = p.token()
		}
	}
	if len(words) == 0 {
		return
	}
	for i := range r.Resources {
		rewordResource(&r.Resources[i], words)
	}
	for from, to := range words {
		if o, ok := r.Leaving[from]; ok {
			delete(r.Leaving, from)
			r.Leaving[to] = o
		}
		if i := slices.Index(r.Protected, from); i >= 0 {
			r.Protected[i] = to
		}
		if r.Forgotten[from] {
			delete(r.Forgotten, from)
			r.Forgotten[to] = true
		}
	}
}

func rewordResource(res *plan.Resource, words map[string]string) {
	say := func(s string) string {
		if to, ok := words[s]; ok {
			return to
		}
		return s
	}
	res.Key = rewordKey(res.Key, words)
	for i := range res.Refs {
		res.Refs[i] = rewordKey(res.Refs[i], words)
	}
	for i := range res.Claims {
		res.Claims[i].Field, res.Claims[i].Value = say(res.Claims[i].Field), say(res.Claims[i].Value)
	}
}

func rewordKey(k plan.Key, words map[string]string) plan.Key {
	if to, ok := words[k.Name]; ok {
		k.Name = to
	} else if to, ok := words["sp:"+k.Name]; ok && k.Kind == kindServicePrincipal {
		k.Name = strings.TrimPrefix(to, "sp:")
	}
	return k
}

// settle makes the desired resources say what only the live side can tell: new
// names, the owner who stays, the references that a rename brings.
func (r *Run) settle(desired []plan.Resource) []plan.Resource {
	for i := range desired {
		d := &desired[i]
		live, ok := r.Live.Get(d.Key)
		if d.Key.Kind == kindGrants {
			settleGrants(d, live)
		}
		if !ok {
			continue
		}
		switch d.Key.Kind {
		case kindGroup, kindServicePrincipal:
			r.settlePrincipal(d, live)
		case kindPermissions:
			r.settleOwner(d, live)
		}
	}
	return r.waitForRenames(desired)
}

func (r *Run) settlePrincipal(d, live *plan.Resource) {
	if d.Authority == plan.External || d.Presence == plan.Gone {
		return
	}
	if old, ok := live.Field(fieldName); ok {
		p := r.Names.byKey(d.Key)
		d.Fields = append(d.Fields, plan.Field{Name: fieldName, Values: []string{p.Live}})
		d.Gone = append(d.Gone, plan.Field{Name: fieldName, Values: old.Values})
	}
	if _, ok := d.Field(fieldActive); !ok && d.Key.Kind == kindServicePrincipal {
		d.Fields = append(d.Fields, plan.Field{Name: fieldActive, Values: []string{isActive}})
	}
}

// settleOwner: an object has one owner. Where the documents name one, the one
// before loses the entry; where they name none, the live one keeps it, whatever
// level a document gives to that principal.
func (r *Run) settleOwner(d, live *plan.Resource) {
	owner := ""
	for _, f := range d.Fields {
		if slices.Contains(f.Values, isOwner) {
			owner = f.Name
		}
	}
	for _, f := range live.Fields {
		if !f.Has(isOwner) || f.Name == owner {
			continue
		}
		if owner == "" {
			if i := slices.IndexFunc(d.Fields, func(g plan.Field) bool { return g.Name == f.Name }); i >= 0 {
				d.Fields[i] = f
			}
			continue
		}
		d.Gone = append(d.Gone, f)
		for _, c := range d.Claims {
			if c.Value == isOwner && c.Want {
				d.Claims = append(d.Claims, plan.Claim{Field: f.Name, Value: isOwner, Origin: c.Origin})
				break
			}
		}
	}
	if owner == "" && ownerless(d.Key, live) {
		d.Held = ownerMissing
	}
}

// ownerMissing holds back the changes to an object without the owner that it needs.
const ownerMissing = "it has no owner, so its ACL cannot be replaced: declare owner:"

// ownerless tells whether an object that must have an owner has none
// (databrickslabs migrate#168: legacy jobs).
func ownerless(k plan.Key, live *plan.Resource) bool {
	typeName, _, _ := strings.Cut(k.Name, "/")
	if t, ok := findObjectType(typeName); !ok || !t.Owner {
		return false
	}
	return !slices.ContainsFunc(live.Fields, func(f plan.Field) bool { return f.Has(isOwner) })
}

// waitForRenames makes every change of access that is written by name wait for
// the rename of the group that it names.
func (r *Run) waitForRenames(desired []plan.Resource) []plan.Resource {
	if len(r.dir.renamed) == 0 {
		return desired
	}
	renamed := map[string]plan.Key{}
	for from, to := range r.dir.renamed {
		renamed["group:"+to] = plan.Key{Kind: kindGroup, Target: from.target, Name: to}
	}
	at := map[plan.Key]int{}
	for i := range desired {
		at[desired[i].Key] = i
	}
	for _, live := range r.Live.All() {
		if live.Key.Kind != kindGrants && live.Key.Kind != kindPermissions {
			continue
		}
		for _, f := range live.Fields {
			key, ok := renamed[f.Name]
			if !ok {
				continue
			}
			i, have := at[live.Key]
			if !have {
				i = len(desired)
				at[live.Key] = i
				desired = append(desired, plan.Resource{Key: live.Key, Authority: plan.Managed, Origin: live.Origin, Single: live.Single})
			}
			desired[i].Refs = append(desired[i].Refs, key)
		}
	}
	return desired
}
