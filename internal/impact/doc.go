// Package impact says what a plan does to people: who gains and who loses what
// effectively, on which of the changed facts that rests, and where a reviewer should
// look twice.
//
//	p.Impact = impact.Of(impact.Input{Desired: desired, Live: live, Plan: p, …})
//	for _, group := range impact.Unread(p.Impact) { … } // of which somebody may count the heads
//	impact.Count(p.Impact, heads)
//
// It compares effective access before and after the changes of the plan; what is
// blocked is not carried out and is no part of it. What somebody had in another way
// is no gain, and what is still held in another way is no loss: facts that change
// nothing so are Idle. Where the way to something was not read, as USE_CATALOG on a
// catalog that others look after, it counts as open, and Unknown tells of it: a grant
// behind it would not be called one that leads nowhere.
//
// # Risks
//
// Risks are about gains. A loss has one only where it takes ownership or
// administration away. Privileges that are only the way to something, as USE_CATALOG,
// have none: they open what else is granted, and that is an effect of its own.
//
// An environment is production if its name says so: if prd, prod, production or live
// is one of its words. Where no environment of the Project is called so, those under
// guards.requirePinned are production, in which no principal is taken on its name
// alone.
//
// A principal belongs to a domain if it owns the domain, or owns or writes a product of it;
// so do the derived groups of owners, and those who come by one of these groups. It is
// outside a domain if it belongs to others only.
//
// A party is external if nobody here decides who is in it: a group that is synced, or
// referred to, or never declared, and a service principal that is referred to. Its
// first access to a product is told apart, once it had nothing on any data of the
// product before.
package impact
