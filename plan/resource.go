package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Key names a resource: what it is, where it lives, what it is called.
//
//	group@account/grp_readers_prd
//	grants@metastore/schema/gold_prd.sales
//	permissions@main/clusters/shared-etl
type Key struct {
	Kind   string // group, servicePrincipal, permissions, grants, …
	Target string // account, metastore, or a workspace's name
	Name   string // live name; for access on an object "type/name", for access of a principal "group:name"
}

func (k Key) String() string { return k.Kind + "@" + k.Target + "/" + k.Name }

// Compare orders keys by kind, target and name.
func (k Key) Compare(o Key) int {
	return cmp.Or(
		strings.Compare(k.Kind, o.Kind),
		strings.Compare(k.Target, o.Target),
		strings.Compare(k.Name, o.Name),
	)
}

// Fact is the unit of diff, guard, journal and checksum: one value of one field.
// A Fact with neither Field nor Value stands for the resource itself.
type Fact struct {
	Key   Key
	Field string
	Value string
}

// Pos is a place in the repository; the zero Pos is nowhere.
type Pos struct {
	File      string // relative to the repository, slash separated
	Line, Col int    // from 1
}

func (p Pos) String() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Compare orders positions by file, line and column.
func (p Pos) Compare(o Pos) int {
	return cmp.Or(strings.Compare(p.File, o.File), cmp.Compare(p.Line, o.Line), cmp.Compare(p.Col, o.Col))
}

// Origin is one entry of the repository: where it stands, why it is there and
// how long it holds. The claims of one entry share one Origin.
type Origin struct {
	Pos     Pos
	From    time.Time // zero: always
	Until   time.Time // first instant at which it no longer holds; zero: for ever
	Reason  string    // justification or ticket, as written: hostile text to a renderer
	Request string    // access request that led to it
	Product string    // data product that it is about
	Ends    string    // why it ends at Until, where that is not its own term: revoked (unused), …
	Doc     *Pos      // the place of the name of its document, which all entries of it share; nil if it stands in none
}

// Document is the place of the name of the document that the entry stands in.
func (o *Origin) Document() Pos {
	if o.Doc == nil {
		return Pos{}
	}
	return *o.Doc
}

// InForce tells whether the entry holds at now.
func (o *Origin) InForce(now time.Time) bool {
	return !o.Future(now) && (o.Until.IsZero() || now.Before(o.Until))
}

// Over tells whether the entry held once and does not any more.
func (o *Origin) Over(now time.Time) bool { return !o.Until.IsZero() && !now.Before(o.Until) }

// Future tells whether the entry does not hold yet; until then it is no claim at all.
func (o *Origin) Future(now time.Time) bool { return now.Before(o.From) }

// Claim says why a value is wanted, or that it must not be there. A claim
// without Field is about the resource's existence; one with a Field and no
// Value is about every value of that field.
type Claim struct {
	Field  string
	Value  string
	Want   bool
	Origin *Origin
}

// Field is a named set of values, sorted and unique; a scalar is a set of one.
// A Field named after a principal (user:, group:, sp:) is an entry: missing in
// desired means undeclared. Any other Field is compared only where desired has
// it; present with no Values means nobody.
type Field struct {
	Name   string
	Values []string
}

// Authority says what happens to access that is live and not declared.
type Authority string

const (
	Managed  Authority = "managed"  // of owned principals: removed; of anyone else: left alone
	Exact    Authority = "exact"    // removed
	Merge    Authority = "merge"    // left alone; only what is expired, revoked or absent goes
	External Authority = "external" // somebody else's: never created, renamed or deleted here
)

// Presence says whether a resource that can be created and deleted is to exist.
type Presence int

const (
	Undeclared Presence = iota // nothing is said; resources that always exist stay here
	Present
	Gone
)

// Resource is the one shape between YAML and HTTP.
type Resource struct {
	Key       Key
	ID        string // live id; never printed as a value
	Authority Authority
	Presence  Presence
	Partial   bool    // entries of its lists do not count here, so that a list without values is no empty list
	Single    bool    // a field holds at most one value: a declared one displaces the live one
	Late      bool    // applied after all grants and revocations: handing over ownership
	Refs      []Key   // what it refers to: a group's members, a grant's principals
	Fields    []Field // desired: wanted at now; live: what is there
	Gone      []Field // desired only: claimed by entries of which none is in force; a field with no values means all
	Claims    []Claim // why each value is wanted or not; live resources have none
	Origin    *Origin // the document that governs the resource, or the line that owns it
	Labels    []string
	Context   []Field // read, never compared
	Held      string  // non-empty: why nothing may be written to it in this run
}

// Principals of facts have one of these forms.
const (
	userPrefix  = "user:"
	groupPrefix = "group:"
	spPrefix    = "sp:"
)

// IsPrincipal tells whether s has the form user:…, group:… or sp:….
func IsPrincipal(s string) bool {
	return strings.HasPrefix(s, groupPrefix) || strings.HasPrefix(s, userPrefix) || strings.HasPrefix(s, spPrefix)
}

// Principal tells whose access a fact is: the field's if it names a principal,
// else the value's, else the resource's; "" for a resource that is nobody's. The
// name of a principal is no access: it may be chosen to look like somebody's.
func Principal(f Fact) string {
	switch {
	case IsPrincipal(f.Field):
		return f.Field
	case IsPrincipal(f.Value) && !(f.Field == nameField && f.Key.isPrincipal()):
		return f.Value
	}
	return f.Key.principal()
}

// principal is the principal that the resource is, or whose access it holds. A
// principal's resource has its bare name, and that may be user:x too.
func (k Key) principal() string {
	if prefix := k.prefix(); prefix != "" {
		return prefix + k.Name
	}
	if IsPrincipal(k.Name) {
		return k.Name
	}
	return ""
}

// prefix is that of the principal that the resource is; "" where it is none.
func (k Key) prefix() string {
	switch k.Kind {
	case "group":
		return groupPrefix
	case "servicePrincipal":
		return spPrefix
	case "user":
		return userPrefix
	}
	return ""
}

// isPrincipal tells whether the resource is a principal, in contrast to access of one.
func (k Key) isPrincipal() bool { return k.prefix() != "" }

// Field returns the field of that name, and whether there is one.
func (r *Resource) Field(name string) (Field, bool) { return find(r.Fields, name) }

// Facts counts the values of all fields.
func (r *Resource) Facts() int {
	n := 0
	for i := range r.Fields {
		n += len(r.Fields[i].Values)
	}
	return n
}

func find(fields []Field, name string) (Field, bool) {
	i, ok := slices.BinarySearchFunc(fields, name, func(f Field, n string) int { return strings.Compare(f.Name, n) })
	if !ok {
		return Field{}, false
	}
	return fields[i], true
}

// Has tells whether the set holds the value.
func (f Field) Has(value string) bool {
	_, ok := slices.BinarySearch(f.Values, value)
	return ok
}

// IsGroup tells whether a principal is a group.
func IsGroup(principal string) bool { return strings.HasPrefix(principal, groupPrefix) }
