package policy

import (
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

const (
	allPrivileges = "ALL_PRIVILEGES"
	useCatalog    = "USE_CATALOG"
	useSchema     = "USE_SCHEMA"
)

// rights are the privileges on catalogs and schemas, which what is in them
// inherits.
type rights struct {
	held map[held]time.Time      // until when; zero: without an end
	ways map[way]map[string]bool // who may use a catalog or schema
}

// held is a privilege of somebody on a securable: catalog/gold_dev.
type held struct{ on, who, privilege string }

// way is a use of a catalog or schema.
type way struct{ on, privilege string }

// anySchema is the use of some schema of a catalog.
const anySchema = "any"

// rights makes that index: what is declared, and what is live, stays, and is
// declared by nobody.
func (j *judge) rights() *rights {
	if j.inherited != nil {
		return j.inherited
	}
	r := &rights{held: map[held]time.Time{}, ways: map[way]map[string]bool{}}
	for _, l := range j.claims().grants {
		for _, s := range l.spots {
			for _, p := range s.values {
				r.add(s.on.Key, l.who, p, l.origin.Until)
			}
		}
	}
	for _, l := range j.claims().owners {
		for _, s := range l.spots {
			r.opens(s.on.Key, l.who, allPrivileges)
		}
	}
	if j.Live != nil {
		r.addLive(j.Live)
	}
	j.inherited = r
	return r
}

func (r *rights) addLive(live *Live) {
	for res, f := range live.staying(kindGrants) {
		for _, p := range f.Values {
			if _, declared := r.held[held{res.Key.Name, f.Name, p}]; !declared {
				r.add(res.Key, f.Name, p, time.Time{})
			}
		}
	}
	for res, f := range live.staying(kindOwner) {
		for _, who := range f.Values {
			r.opens(res.Key, who, allPrivileges)
		}
	}
}

// add notes a privilege on a catalog or schema; of several ends the last counts.
func (r *rights) add(k plan.Key, who, privilege string, until time.Time) {
	typ, _, _ := strings.Cut(k.Name, "/")
	if typ != "catalog" && typ != "schema" {
		return
	}
	h := held{k.Name, who, privilege}
	if before, ok := r.held[h]; !ok || compareEnds(until, before) > 0 {
		r.held[h] = until
	}
	r.opens(k, who, privilege)
}

// opens notes what a privilege lets somebody use; an owner may use all of it.
func (r *rights) opens(k plan.Key, who, privilege string) {
	d, ok := dataOf(k)
	if !ok || len(d.parts) > 2 {
		return
	}
	all := privilege == allPrivileges
	if all || privilege == useCatalog {
		r.open(way{k.Name, useCatalog}, who)
	}
	if all || privilege == useSchema {
		r.open(way{k.Name, useSchema}, who)
		r.open(way{catalogOf(d), anySchema}, who)
	}
}

func (r *rights) open(w way, who string) {
	if r.ways[w] == nil {
		r.ways[w] = map[string]bool{}
	}
	r.ways[w][who] = true
}

func catalogOf(d data) string { return "catalog/" + spec.JoinSecurable(d.parts[0]) }

func schemaOf(d data) string { return "schema/" + spec.JoinSecurable(d.parts[:2]...) }
