package policy

import (
	"fmt"
	"slices"

	"github.com/brickgate/brickgate/spec"
)

// externalDrift is BG501: the identity provider fills the group, the entries
// say who should be in it. What the plan could not read is not compared.
func externalDrift(j *judge) {
	if j.Live == nil {
		return
	}
	var byProduct map[*spec.Product][]*entry
	for i := range j.Declared {
		r := &j.Declared[i]
		role, derived := label(r, labelRole)
		if source, _ := label(r, labelSource); source != sourceExternal || !derived || role == spec.RoleOwner {
			continue
		}
		name, _ := label(r, labelProduct)
		p := j.Catalogue.Product(name)
		direct, read := j.Live.Members(principalOf(r.Key))
		if p == nil || !read {
			continue
		}
		if byProduct == nil {
			byProduct = j.byProduct()
		}
		synced := synced{p, role, r.Key.Name}
		entitled := j.outsiders(synced, byProduct[p])
		j.strangers(synced, slices.DeleteFunc(slices.Clone(direct), func(token string) bool { return entitled[token] }))
	}
}

const sourceExternal = "external"

// synced is a group of a product that the identity provider fills.
type synced struct {
	product *spec.Product
	role    string
	group   string // its live name
}

func (j *judge) byProduct() map[*spec.Product][]*entry {
	out := map[*spec.Product][]*entry{}
	j.inForce(func(e *entry) { out[e.Product] = append(out[e.Product], e) })
	return out
}

// outsiders reports the entries whose consumer is not in the group, and returns
// whom the entries let in.
func (j *judge) outsiders(s synced, entries []*entry) map[string]bool {
	entitled := map[string]bool{}
	members := j.groups.of(s.group)
	now := span{j.Now, j.Now.Add(1)}
	for _, e := range entries {
		if e.Role() != s.role {
			continue
		}
		for _, token := range j.party(e.Party) {
			entitled[token] = true
			if in, unread := members.has(token, now); !in && len(unread) == 0 {
				j.about(e, nil, "%s has an entry for %s, but %s is not in the synced group %s: have the identity provider add it", e.Party, e.name(), token, s.group)
			}
		}
	}
	return entitled
}

// strangers reports members of the group whom no entry lets in.
func (j *judge) strangers(s synced, tokens []string) {
	if len(tokens) == 0 {
		return
	}
	const shown = 20 // one finding for a group: a synced group may have thousands
	list := listed(tokens[:min(shown, len(tokens))])
	if more := len(tokens) - shown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	name := s.product.Metadata.Name
	group, _ := s.product.Groups.Get(s.role)
	j.find(at(group.Pos, name.Pos), name.Pos, "the synced group %s of %s has members without an entry that is in force: %s", s.group, name, list)
}
