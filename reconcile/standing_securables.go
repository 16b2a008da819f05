package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// managesSecurable tells whether we may grant on a securable and hand it over:
//
//   - metastore admins, and owners of it or of what it is in;
//   - who holds MANAGE there, and the way to it: USE_CATALOG and USE_SCHEMA on
//     what it is in, and on itself if something can be in it.
//
// Nothing is inherited from the metastore.
func (s *standing) managesSecurable(label string) maybe {
	out := s.metastoreAdmin()
	if strings.HasPrefix(label, "metastore/") || out == yes {
		return out
	}
	chain := chainOf(label)
	for i := range chain {
		if out = max(out, s.owns(chain[i:])); out == yes {
			return yes
		}
	}
	if strings.HasPrefix(label, "share/") {
		return max(out, s.mayShare())
	}
	return max(out, min(s.granted(chain, manage), s.reaches(chain)))
}

// metastoreAdmin tells whether we, or a group that we are in, own the metastore.
func (s *standing) metastoreAdmin() maybe {
	if s.run.metastore.Owner == "" {
		return unknown
	}
	return s.is(s.run.ucPrincipal(s.run.metastore.Owner))
}

// ownsCatalog tells whether we own the catalog that a securable is in.
func (s *standing) ownsCatalog(label string) maybe {
	chain := chainOf(label)
	return s.owns(chain[len(chain)-1:])
}

// mayShare tells whether we hold what lets others than its owner change a share.
// Whether it is enough is nowhere said.
func (s *standing) mayShare() maybe {
	return min(unknown, s.granted([]string{"metastore/" + metastoreName}, "SET_SHARE_PERMISSION"))
}

// chainOf is a securable and all that it is in, as "type/name", upwards.
func chainOf(label string) []string {
	chain := []string{label}
	_, name, _ := strings.Cut(label, "/")
	for name = parentOf(name); name != ""; name = parentOf(name) {
		chain = append(chain, containerType(name)+"/"+name)
	}
	return chain
}

// containerType is the type of what holds others, by its name.
func containerType(name string) string {
	if parts, err := spec.SplitSecurable(name); err == nil && len(parts) == 2 {
		return "schema"
	}
	return "catalog"
}

// owns tells whether we own the first of a chain, or what it is in.
func (s *standing) owns(chain []string) maybe {
	out := no
	for _, label := range chain {
		if out = max(out, s.is(s.owner(label))); out == yes {
			return yes
		}
		if !s.knowsOwner(label) {
			out = max(out, unknown)
		}
	}
	return out
}

// owner is that of a securable by now, "" if it has none or is unknown.
func (s *standing) owner(label string) string {
	if c, made := s.made(plan.Key{Kind: kindOwner, Target: metastoreTarget, Name: label}); made {
		return c.Value(fieldOwner)
	}
	if sec, read := s.run.securables[label]; read {
		return s.run.ucPrincipal(sec.Owner)
	}
	if answer := s.answers[question{asksSecurable, label}]; answer != nil {
		return answer.owner
	}
	return ""
}

// knowsOwner tells whether the owner of a securable was read, and asks for it
// where it was not.
func (s *standing) knowsOwner(label string) bool {
	if _, read := s.run.securables[label]; read {
		return true
	}
	answer := s.reply(question{asksSecurable, label})
	return answer != nil && (answer.err == nil || s.shut(answer))
}

// shut tells whether an answer was refused since nothing is ours there, and no
// change lets us join a group that may have more.
func (s *standing) shut(answer *reply) bool {
	return answer.closed && !slices.ContainsFunc(s.groups, func(i int) bool {
		return slices.ContainsFunc(s.changes[i].Added(fieldMember), func(m string) bool { return m == s.self || plan.IsGroup(m) })
	})
}

// granted tells whether we hold a privilege on the first of a chain, there or on
// what it is in.
func (s *standing) granted(chain []string, privilege string) maybe {
	out := no
	for _, label := range chain {
		entries, read := s.grantsOn(label)
		if !read {
			out = max(out, unknown)
		}
		for _, f := range entries {
			gives := f.Has(privilege) || f.Has(allPrivileges) && !slices.Contains(notInAll, privilege)
			if gives {
				out = max(out, s.is(f.Name))
			}
		}
		if out == yes {
			return yes
		}
	}
	return out
}

// grantsOn are the grants on a securable by now, those to others included where
// they were read.
func (s *standing) grantsOn(label string) ([]plan.Field, bool) {
	if fields, read := s.fields(plan.Key{Kind: kindGrants, Target: metastoreTarget, Name: label}); read {
		return fields, true
	}
	answer := s.reply(question{asksSecurable, label})
	if answer == nil || answer.err != nil && !s.shut(answer) {
		return nil, false
	}
	return answer.grants, true
}

// reaches tells whether we may use all catalogs and schemas of a chain.
func (s *standing) reaches(chain []string) maybe {
	out := yes
	for i := len(chain) - 1; i >= 0; i-- {
		if typ, _, _ := strings.Cut(chain[i], "/"); typ == "catalog" || typ == "schema" {
			out = min(out, max(s.owns(chain[i:]), s.granted(chain[i:], "USE_"+strings.ToUpper(typ))))
		}
	}
	return out
}
