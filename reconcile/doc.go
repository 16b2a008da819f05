// Package reconcile turns documents into claims, reads the live account and
// workspaces through the Databricks SDK, and makes plans true.
//
//	spec.Load ─▶ Declare ─▶ Read ─────────────────────────────▶ Run.Plan ─▶ Run.Preflight ─▶ Run.Apply ─▶ Run.Verify
//	             offline,    principals: one list per level      fold, diff,  our rights,      stage by stage,
//	             positioned  members:    one GET per group       judge,       change by        every change one
//	             mistakes    objects:    one list per type,      order,       change           outcome
//	                                     one GET per object      guards
//	                         securables: lists down the catalogs,
//	                                     one GET per securable
//
// Two tables hold all that differs between kinds, one row a file: [Document],
// what users write, and [Kind], what is read and written. A new kind is a file
// with, in this order, the API's quirks as a comment, the YAML struct and its
// declaration where the kind has a document, its read, its apply and how what it
// wrote is seen; and a row.
// Securable types and object types are rows of tables of their own.
//
// Invariants:
//   - names in claims, plans and messages; ids at the last moment, by the
//     [Directory] alone;
//   - what is printed is what is sent: a PATCH is built from the added and
//     removed values of a change, and whatever replaces a whole is preceded by a
//     read that finds the change's before;
//   - a failed list fails the run, a failed read of one object holds back its
//     changes, and absence is proven by the server's own word alone;
//   - requests go through one [Transport], which owns rates and repetition: it
//     keeps below what is documented for each family of requests, goes slower
//     where the server refuses, and repeats what can do no harm twice;
//   - credentials go to the host that they are for: no redirection takes them to
//     another, and what a server answers is told without them;
//   - a run that is killed at any of its requests leaves what the next one ends:
//     nothing is made twice, and the lock of the dead is taken over;
//   - what can is sent once. If its answer is lost, live is read until two reads
//     agree: what was done is done, what was made is ours if it is new and holds
//     nothing but what we gave it, and what is neither before nor after the
//     change is somebody else's and stops it;
//   - what a plan gives to and takes from the applying identity is simulated: what
//     gives it rights is made first, what takes some that a change needs last, and
//     a change that lacks a right when its turn comes refuses the plan before the
//     first write;
//   - what was written is read again by [Run.Verify], and never written again: reads
//     may be old for a minute, so that only what two of them show after that was
//     written by somebody else;
//   - one writer at a time: under a [Lease] nobody else writes, and once it is
//     lost no change begins.
//
// Example, without errors:
//
//	repo, _ := spec.Load(dir, reconcile.SpecKinds())
//	declared, _ := reconcile.Declare(repo, "prd")
//	clients, _ := reconcile.Connect(ctx, declared.Env, endpoints, &reconcile.Transport{})
//	run, _ := reconcile.Read(ctx, clients, declared, reconcile.Options{})
//	p, _ := run.Plan(now, nil, nil)
//	_ = run.Preflight(ctx, &p, nil)
//	outcomes := run.Apply(ctx, p, func(plan.Outcome) {})
package reconcile
