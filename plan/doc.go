// Package plan is the vocabulary of access and the pure functions on it.
//
// Access is sets: the members of a group, the entitlements of a principal, the
// privileges of a principal on a securable, the permission level of a principal
// on an object. So everything has one shape, a keyed [Resource] with named sets
// of values, and everything here is written once and mentions no kind:
//
//	claims ──Fold(now)──▶ desired ┐
//	                              ├─Diff(Scope)─▶ Plan ─Block(findings)─▶ Plan ─Order─▶ stages ─Check─▶ violations
//	               live (read) ───┘
//
// Invariants: a [State] is sorted and free of duplicates; a [Change] carries its
// complete before and after, and what is added and removed is computed from them;
// equal input gives equal bytes; nothing here reads a clock, a file or a socket.
//
//	desired, conflicts := plan.Fold(declared, now)
//	p := plan.Diff(desired, live, scope)
//	plan.Block(&p, findings, now, lower) // or plan.OnlyEnded(&p, ending): what has ended alone
//	err := plan.Order(&p, bearing) // on the rights of the applying identity
//	violations := plan.Check(p, desired, live, guards)
//
// What a plan does to people is its [Impact], which others compute: from the plan
// alone nobody can tell what a fact is worth. [Planned] is the state that it leaves.
//
// What a plan does is its [Edit]s, one fact each; its checksum is over them. A
// plan that is saved is compared by them with the plan of the time at which it is
// applied, never by what else is live or by why something is done:
//
//	approved   + a  + b  - c  + d until noon
//	now             + b                         a is there, c is gone, noon has passed: go on
//	now             + b  - e                    e was not approved: refuse
//	now        + a                              b is neither there nor to be given: refuse
//
//	data, err := p.Save(making, now)
//	file, err := plan.ReadFile(r)
//	c := file.Compare(later, plan.Reading{Live: live, Now: then, Spec: digest})
package plan
