// Package consumer follows the life of a data product's consumers: who has
// access, who waits for it, what ends and what is due.
//
// It computes; reading live groups and writing tables is done by others:
//
//	spec.Catalogue ─┐
//	live members  ──┼─▶ List ─▶ rows, one per entry, and one per member without
//	approvals     ──┘
//	spec.Catalogue, declared claims ─▶ Upcoming ─▶ what is due, sorted
//
//	rows := consumer.List(consumer.Input{Project: p, Catalogue: c, Product: product, Env: "prd", Now: now})
//
// Times are those of the Project's zone. An end is written as readers count it:
// the last day on which something holds, or an instant in RFC 3339.
package consumer
