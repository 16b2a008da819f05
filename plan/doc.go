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
//	err := plan.Order(&p, self)
//	violations := plan.Check(p, desired, live, guards)
package plan
