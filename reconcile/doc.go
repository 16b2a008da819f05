// Package reconcile turns documents into claims, reads the live account and
// workspaces through the Databricks SDK, and makes plans true.
//
//	spec.Load ─▶ Declare ─▶ Read ─────────────────────────────▶ Run.Plan ─▶ Run.Apply
//	             offline,    principals: one list per level      fold, diff,  stage by stage,
//	             positioned  members:    one GET per group       judge,       every change one
//	             mistakes    objects:    one list per type,      order,       outcome
//	                                     one GET per object      guards
//	                         securables: lists down the catalogs,
//	                                     one GET per securable
//
// Two tables hold all that differs between kinds, one row a file: [Document],
// what users write, and [Kind], what is read and written. A new kind is a file
// with, in this order, the API's quirks as a comment, the YAML struct and its
// declaration where the kind has a document, its read and its apply; and a row.
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
//   - requests go through one transport, which owns repetition.
//
// Example, without errors:
//
//	repo, _ := spec.Load(dir, reconcile.SpecKinds())
//	declared, _ := reconcile.Declare(repo, "prd")
//	clients, _ := reconcile.Connect(ctx, declared.Env, endpoints, &reconcile.Transport{})
//	run, _ := reconcile.Read(ctx, clients, declared, reconcile.Options{})
//	p, _ := run.Plan(now, nil, nil)
//	outcomes := run.Apply(ctx, p, func(plan.Outcome) {})
package reconcile
