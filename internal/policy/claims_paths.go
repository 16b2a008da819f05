package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// noWay is BG305: privileges to which no USE_CATALOG and USE_SCHEMA lead. What a
// product gives comes with its way.
func noWay(j *judge) {
	p := paths{judge: j, known: map[held]bool{}}
	for _, l := range j.claims().grants {
		if l.derived() {
			continue
		}
		var missing []string
		for _, s := range l.spots {
			for _, need := range p.missing(l.who, s) {
				if !slices.Contains(missing, need) {
					missing = append(missing, need)
				}
			}
		}
		if len(missing) > 0 {
			j.findAt(l.origin.Pos, l.origin.Document(), "%s, which gives nothing without %s: grant that too, to it or to a group that it is in", l.has(), few(missing))
		}
	}
}

// paths finds out, once for each principal, which ways are open.
type paths struct {
	*judge
	known map[held]bool
}

// missing lists the grants that are missing on the way to what a spot gives.
func (p *paths) missing(who string, s spot) []string {
	d, ok := dataOf(s.on.Key)
	if !ok || !slices.ContainsFunc(s.values, func(p string) bool { return p != "BROWSE" }) {
		return nil // BROWSE shows what is there to those who have no way to it
	}
	var out []string
	catalog := catalogOf(d)
	if !p.isOpen(who, way{catalog, useCatalog}) {
		out = append(out, useCatalog+" on "+words(catalog))
	}
	switch onCatalog := (way{catalog, useSchema}); {
	case len(d.parts) == 1 && inSchemas(s.values) && !p.isOpen(who, onCatalog) && !p.isOpen(who, way{catalog, anySchema}):
		out = append(out, useSchema+" on "+words(catalog))
	case len(d.parts) > 1 && reading(s.values) && !p.isOpen(who, onCatalog) && !p.isOpen(who, way{schemaOf(d), useSchema}):
		out = append(out, useSchema+" on "+words(schemaOf(d)))
	}
	return out
}

// words is the name of a securable as people say it.
func words(securable string) string { return thing(plan.Key{Kind: kindGrants, Name: securable}) }

// isOpen tells whether a principal may go a way now, by itself or as a member of
// a group.
func (p *paths) isOpen(who string, w way) bool {
	key := held{w.on, who, w.privilege}
	open, known := p.known[key]
	if !known {
		open = p.mayGo(who, p.rights().ways[w])
		p.known[key] = open
	}
	return open
}

// mayGo tells whether a principal is one of those who may go a way, is in a group
// that may, or everybody may.
func (j *judge) mayGo(who string, all map[string]bool) bool {
	if all[who] || all[accountUsers] {
		return true
	}
	for holder := range all {
		if !plan.IsGroup(holder) {
			continue
		}
		if is, _ := j.groups.of(strings.TrimPrefix(holder, "group:")).has(who, j.instant()); is {
			return true
		}
	}
	return false
}

// instant is now, as a time that other times can overlap.
func (j *judge) instant() span { return span{j.Now, j.Now.Add(time.Nanosecond)} }

// inSchemas tells whether privileges on a catalog are about what is in its
// schemas.
func inSchemas(privileges []string) bool {
	return slices.ContainsFunc(privileges, func(p string) bool {
		switch p {
		case useCatalog, useSchema, "BROWSE", "CREATE_SCHEMA", "MANAGE", "APPLY_TAG", "READ_METADATA":
			return false
		}
		return true
	})
}
