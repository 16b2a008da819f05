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
//
// A plan may be held against that of an earlier version of the repository, made at
// the same instant of the same live state. What both would do had drifted before,
// and what is left is what the change of the repository asks for. Drift comes first:
//
//	live ──drift──▶ where the base would have led, as far as this plan goes too ──intent──▶ desired
//
//	p.Base = &plan.Base{Ref: "main", Commit: commit}
//	p.Base.Hold(p.Changes, before.Changes)
//	intent, drift := p.Parts()
//
// What is shown of a plan may be [Plan.Redact]ed first: pseudonyms take the place of
// people, everywhere. [Schema] describes the JSON that programs read.
package plan
