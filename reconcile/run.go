package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// Options are the limits of one run; the zero value has useful ones.
type Options struct {
	Concurrency int           // requests at once; 0 = 16
	MemberChunk int           // members in one PATCH; 0 = 100 (no limit is documented, 20 is in use)
	Settle      time.Duration // how long a new principal may take to be known to Unity Catalog; 0 = 2 min
	SettlePause time.Duration // between two attempts; 0 = 2 s
	Stale       time.Duration // how long reads may show what was before a write; 0 = 90 s (60 s were seen)
	// AllUsers lists all users of the account where otherwise those are asked for that
	// are needed, so that what was read tells of others, too.
	AllUsers bool
}

func (o Options) concurrency() int           { return cmp.Or(o.Concurrency, 16) }
func (o Options) memberChunk() int           { return cmp.Or(o.MemberChunk, 100) }
func (o Options) settle() time.Duration      { return cmp.Or(o.Settle, 2*time.Minute) }
func (o Options) settlePause() time.Duration { return cmp.Or(o.SettlePause, 2*time.Second) }
func (o Options) stale() time.Duration       { return cmp.Or(o.Stale, 90*time.Second) }

// pauseBefore is how long live is given before it is looked at for the nth time.
func (o Options) pauseBefore(n int) time.Duration {
	return o.settlePause() << min(n-1, 3)
}

// Run is one environment as it was read: what plans are made from and what an
// apply writes through.
type Run struct {
	*Declared
	Options  Options
	Lease    *Lease // under which Apply writes; nil = none
	Live     plan.State
	Held     []plan.Held
	Warnings []plan.Warning
	Witness  Witness // of an apply; nil = none

	mu         sync.Mutex      // guards Held and Warnings while kinds are read at once
	stop       <-chan struct{} // of the apply under way: closed once nothing is to be waited for
	clients    *Clients
	dir        *Directory
	metastore  metastore
	objects    map[plan.Key]object  // by permissions key
	securables map[string]securable // by "type/full name"
	creators   map[plan.Fact]bool   // a creator's own CAN_MANAGE
	bindings   map[string][]string  // of the isolated catalogs of which they are known
	// catalogOwners are those of the catalogs that hold securables in scope.
	catalogOwners map[string]string
	departed      map[string]bool               // users who are gone or inactive
	watched       map[string][]iam.ComplexValue // members of groups that somebody else fills, by name
	// unknownMembers are those of whom only the id is known, and nobody says that
	// they are gone.
	unknownMembers map[plan.Fact]bool
	powers         map[string][]string // Kind.Powers by kind
	doubtful       map[string]bool     // groups that we may have left since, by name; of Verify
	managed        map[string]bool     // securables on which we hold MANAGE, by "type/full name"; of Verify
}

// Kind is a kind of resource: how its facts are read and written.
type Kind struct {
	Name      string
	Read      func(context.Context, *Run) ([]plan.Resource, error)
	Apply     func(context.Context, *Run, plan.Change) error
	See       func(context.Context, *Run, []plan.Change) []glance // reads again what was written, in as few requests as it takes
	Canonical func(*plan.Resource)                                // makes equal access equal facts, on both sides
	// Powers are the values that administer, own or manage: what a protected
	// principal never loses by accident. everything stands for all values.
	Powers []string
}

// everything are the powers of a kind of which every fact is one.
var everything = []string{"*"}

// kinds is the table of kinds, one row each, in the order in which access is
// built up: who, where, what.
func kinds() []Kind {
	return []Kind{
		{Name: kindGroup, Read: readGroups, Apply: applyGroup, See: seeGroups},
		{Name: kindServicePrincipal, Read: readServicePrincipals, Apply: applyServicePrincipal, See: seeServicePrincipals, Powers: []string{isActive}},
		{Name: kindRoles, Read: readRoles, Apply: applyRoles, See: seeRoles, Powers: []string{roleAccountAdmin}},
		{Name: kindAssignment, Read: readAssignments, Apply: applyAssignment, See: seeAssignments, Powers: []string{permissionAdmin}},
		{Name: kindEntitlements, Read: readEntitlements, Apply: applyEntitlements, See: seeEntitlements},
		{Name: kindPermissions, Read: readPermissions, Apply: applyPermissions, See: seePermissions, Canonical: canonicalPermissions, Powers: []string{canManage, isOwner}},
		{Name: kindGrants, Read: readGrants, Apply: applyGrants, See: seeGrants, Powers: []string{manage}},
		{Name: kindOwner, Read: readOwners, Apply: applyOwner, See: seeOwners, Powers: everything},
	}
}

func kind(name string) Kind {
	for _, k := range kinds() {
		if k.Name == name {
			return k
		}
	}
	panic("reconcile: a change of the unknown kind " + name)
}

// Read reads everything in the scope of the declared environment: principals in
// bulk, then what they have. A failed list is an error; a failed read of one
// object is held back in Held, and the rest goes on.
func Read(ctx context.Context, clients *Clients, declared *Declared, opts Options) (*Run, error) {
	clients.Self.Groups = nil // of an earlier read
	r := newRun(clients, declared, opts)
	if err := r.readPrincipals(ctx); err != nil {
		return nil, err
	}
	if err := r.findThings(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(r.Resources, func(a, b plan.Resource) int { return a.Key.Compare(b.Key) }) // by the keys that they have by now
	resources, err := r.readKinds(ctx)
	if err != nil {
		return nil, err
	}
	holdTogether(resources)
	if err := r.readPowerful(ctx, resources); err != nil {
		return nil, err
	}
	resources = append(resources, r.accountAdmins(resources)...)
	resources = append(resources, r.ownersAbove(resources)...)
	resources = append(resources, r.watchedGroups(resources)...)
	for i := range resources {
		if c := canonicalOf(resources[i].Key.Kind); c != nil {
			c(&resources[i])
		}
	}
	r.Live = plan.NewState(resources)
	slices.SortFunc(r.Held, func(a, b plan.Held) int { return a.Key.Compare(b.Key) })
	return r, nil
}

func newRun(clients *Clients, declared *Declared, opts Options) *Run {
	r := &Run{
		Declared: declared, Options: opts, clients: clients,
		objects: map[plan.Key]object{}, securables: map[string]securable{},
		creators: map[plan.Fact]bool{}, departed: map[string]bool{}, unknownMembers: map[plan.Fact]bool{}, powers: map[string][]string{},
	}
	for _, k := range kinds() {
		r.powers[k.Name] = k.Powers
	}
	return r
}

// holdTogether holds back every change to what could not be read, the owner of a
// securable along with its grants.
func holdTogether(resources []plan.Resource) {
	held := map[place]string{}
	for i := range resources {
		if why := resources[i].Held; why != "" {
			held[placeOf(resources[i].Key)] = why
		}
	}
	for i := range resources {
		if why, ok := held[placeOf(resources[i].Key)]; ok {
			resources[i].Held = why
		}
	}
}

func canonicalOf(name string) func(*plan.Resource) {
	for _, k := range kinds() {
		if k.Name == name {
			return k.Canonical
		}
	}
	return nil
}

// findThings looks up the objects and securables in scope. What is wrong with
// either is reported, since it is for one person to mend.
func (r *Run) findThings(ctx context.Context) error {
	objects, securables := &finder{run: r}, &finder{run: r}
	var wrong [2]error
	var both sync.WaitGroup
	both.Go(func() { wrong[0] = r.findObjects(ctx, objects) })
	both.Go(func() { wrong[1] = r.findSecurables(ctx, securables) })
	both.Wait()
	if err := errors.Join(wrong[:]...); err != nil {
		return err
	}
	objects.flush()
	securables.flush()
	return nil
}

// finder collects what a lookup has to say, apart from those that run beside it.
type finder struct {
	run      *Run
	warnings []plan.Warning
	held     []plan.Held
	waiting  map[place]string
}

// place is what resources of several kinds can be about: the grants and the
// owner of one securable.
type place struct{ target, name string }

func placeOf(k plan.Key) place { return place{k.Target, k.Name} }

func (f *finder) flush() {
	f.run.warnAll(f.warnings)
	f.run.Held = append(f.run.Held, f.held...)
	for i := range f.run.Resources {
		res := &f.run.Resources[i]
		if why, ok := f.waiting[placeOf(res.Key)]; ok {
			res.Held = why
		}
	}
}

// hold lists what the plan must not touch.
func (r *Run) hold(h plan.Held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Held = append(r.Held, h)
}

func (r *Run) warnAll(warnings []plan.Warning) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Warnings = append(r.Warnings, warnings...)
}

// wait holds back the changes to something that does not exist yet.
func (f *finder) wait(key plan.Key, pos plan.Pos, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	f.hold(key, message)
	f.warnings = append(f.warnings, plan.Warning{Pos: pos, Message: "waiting: " + message})
}

func (f *finder) hold(key plan.Key, why string) {
	if f.waiting == nil {
		f.waiting = map[place]string{}
	}
	f.waiting[placeOf(key)] = why
}

func (r *Run) readKinds(ctx context.Context) ([]plan.Resource, error) {
	table := kinds()
	found := make([][]plan.Resource, len(table))
	g, ctx := errgroup.WithContext(ctx)
	for i, k := range table {
		g.Go(func() (err error) {
			found[i], err = k.Read(ctx, r)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

func (r *Run) isDeclared(k plan.Key) bool {
	_, ok := r.declaration(k)
	return ok
}

// declaration is what the documents say of a key.
func (r *Run) declaration(k plan.Key) (*plan.Resource, bool) {
	i, ok := slices.BinarySearchFunc(r.Resources, k, func(a plan.Resource, k plan.Key) int { return a.Key.Compare(k) })
	if !ok {
		return nil, false
	}
	return &r.Resources[i], true
}

// declared lists the declared resources of a kind.
func (r *Run) declared(kind string) []plan.Resource {
	from, _ := slices.BinarySearchFunc(r.Resources, kind, func(a plan.Resource, k string) int { return cmp.Compare(a.Key.Kind, k) })
	to := from
	for to < len(r.Resources) && r.Resources[to].Key.Kind == kind {
		to++
	}
	return r.Resources[from:to]
}
