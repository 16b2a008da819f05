package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// Directory is the only place that translates between the names of facts and
// the ids and application ids of the API. Reading fills it; a create adds to it.
type Directory struct {
	account    *level // nil without an account
	workspaces map[string]*level
	tokens     map[string]string // application id → sp:… as facts call it
	appIDs     map[string]string // sp:… → application id
	renamed    map[place]string  // target and live group name → the name it is about to get
	created    bool              // this run created a principal
	mu         *sync.Mutex       // guards tokens, appIDs and the levels' maps during an apply
}

// level is what one SCIM surface knows: the account, or one workspace. In a
// workspace, principals of the account stand under the id they have there.
type level struct {
	target string
	scim
	mu     *sync.Mutex // the Directory's
	groups map[string][]*liveGroup
	sps    []*livePrincipal
	apps   map[string]*livePrincipal // service principals by lower-cased application id
	users  map[string]*livePrincipal // by lower-cased user name
	names  map[string]string         // id → group:…, sp:…, user:…

	all      bool              // lists of users are read to their end
	whole    bool              // users holds every user that was listed
	pages    int               // what a list of all users takes, once it is known
	asked    map[string]bool   // filters of users that were asked for on their own
	unlisted map[string]string // id → token of the members that no list holds
	ids      map[string]string // token → id of these
}

type liveGroup struct {
	ID, Name, ExternalID string
	Local                bool // of the workspace alone
	Entitlements, Roles  []string
	Members              []iam.ComplexValue
}

// livePrincipal is a user or a service principal.
type livePrincipal struct {
	ID, ApplicationID, Name, ExternalID string
	Active                              bool
	Entitlements, Roles                 []string
}

const (
	groupAttributes   = "id,displayName,externalId,roles,meta"
	spAttributes      = "id,applicationId,displayName,externalId,active,roles"
	userAttributes    = "id,userName,externalId,active,roles"
	inWorkspace       = ",entitlements"
	withMembers       = ",members"
	namesPerFilter    = 60 // filters hold at most 200 nodes
	requestsPerFilter = 2  // a page and the empty one
)

// readDirectory lists groups and service principals of every level at once.
// localMembers names the workspaces whose own groups are declared: only there
// are members asked for in the list, since that is slow in large workspaces
// (databrickslabs/ucx#625). Account lists hold no members at all.
func readDirectory(ctx context.Context, c *Clients, localMembers map[string]bool) (*Directory, error) {
	d := &Directory{
		workspaces: map[string]*level{}, renamed: map[place]string{},
		tokens: map[string]string{}, appIDs: map[string]string{}, mu: new(sync.Mutex),
	}
	var levels []*level
	if c.Account != nil {
		d.account = &level{target: accountTarget, scim: accountSCIM(c.Account)}
		levels = append(levels, d.account)
	}
	for _, w := range c.Workspaces {
		l := &level{target: w.Name, scim: scim{w.wire, workspaceSCIM}}
		d.workspaces[w.Name] = l
		levels = append(levels, l)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range levels {
		l.mu = d.mu
		l.users, l.names, l.groups = map[string]*livePrincipal{}, map[string]string{}, map[string][]*liveGroup{}
		l.apps = map[string]*livePrincipal{}
		l.asked, l.unlisted, l.ids = map[string]bool{}, map[string]string{}, map[string]string{}
		attributes := groupAttributes
		if l.target != accountTarget {
			attributes += inWorkspace
		}
		if localMembers[l.target] {
			attributes += withMembers
		}
		g.Go(func() error { return l.readGroups(ctx, attributes) })
		g.Go(func() error { return l.readServicePrincipals(ctx) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return d, nil
}

func (l *level) readGroups(ctx context.Context, attributes string) error {
	groups, err := scimGroups.list(ctx, l.scim, attributes, "", nil)
	if err != nil {
		return fmt.Errorf("%s: %w", l.target, explain(err, "list groups"))
	}
	for _, g := range groups {
		l.groups[g.DisplayName] = append(l.groups[g.DisplayName], &liveGroup{
			ID: g.Id, Name: g.DisplayName, ExternalID: g.ExternalId,
			Local:        l.target != accountTarget && g.Meta != nil && g.Meta.ResourceType == "WorkspaceGroup",
			Entitlements: values(g.Entitlements), Roles: values(g.Roles), Members: g.Members,
		})
	}
	return nil
}

func (l *level) readServicePrincipals(ctx context.Context) error {
	attributes := spAttributes
	if l.target != accountTarget {
		attributes += inWorkspace
	}
	sps, err := scimServicePrincipals.list(ctx, l.scim, attributes, "", nil)
	if err != nil {
		return fmt.Errorf("%s: %w", l.target, explain(err, "list service principals"))
	}
	for _, sp := range sps {
		l.sps = append(l.sps, &livePrincipal{
			ID: sp.Id, ApplicationID: sp.ApplicationId, Name: sp.DisplayName, ExternalID: sp.ExternalId,
			Active: sp.Active, Entitlements: values(sp.Entitlements), Roles: values(sp.Roles),
		})
	}
	slices.SortFunc(l.sps, func(a, b *livePrincipal) int { return strings.Compare(a.ApplicationID, b.ApplicationID) })
	for _, sp := range l.sps {
		l.apps[strings.ToLower(sp.ApplicationID)] = sp
	}
	return nil
}

// index names groups and service principals by id, once their tokens are known.
func (l *level) index(d *Directory) {
	for _, gs := range l.groups {
		for _, g := range gs {
			l.names[g.ID] = "group:" + d.groupName(l.homeOf(g), g.Name)
		}
	}
	for _, sp := range l.sps {
		l.names[sp.ID] = d.spToken(sp.ApplicationID)
	}
}

// groupName is the name by which facts call a live group: its own, or the one
// it is being renamed to.
func (d *Directory) groupName(target, live string) string {
	if to, ok := d.renamed[place{target, live}]; ok {
		return to
	}
	return live
}

// homeOf is where a group that the level shows lives: there, or in the account.
func (l *level) homeOf(g *liveGroup) string {
	if g.Local {
		return l.target
	}
	return accountTarget
}

// whereIs tells which group a name in a workspace's ACL means: its own, where it
// has one of that name, else the account's.
func (d *Directory) whereIs(workspace, name string) string {
	l := d.workspaces[workspace]
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.groups[name] {
		if g.Local {
			return workspace
		}
	}
	return accountTarget
}

// spToken is how facts call the service principal of that application id.
func (d *Directory) spToken(applicationID string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t, ok := d.tokens[strings.ToLower(applicationID)]; ok {
		return t
	}
	return "sp:" + applicationID
}

// applicationID is the id of a service principal that a fact names.
func (d *Directory) applicationID(token string) string {
	if id, ok := d.knownApplicationID(token); ok {
		return id
	}
	return strings.TrimPrefix(token, "sp:")
}

func (d *Directory) knownApplicationID(token string) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, ok := d.appIDs[token]
	return id, ok
}

// group returns the group of that name at the level: local ones only, or, in a
// workspace, the account's as seen from there.
func (l *level) group(name string, local bool) (*liveGroup, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*liveGroup
	for _, g := range l.groups[name] {
		if g.Local == local {
			found = append(found, g)
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	ids := make([]string, len(found))
	for i, g := range found {
		ids[i] = g.ID
	}
	return nil, fmt.Errorf("%s: %d groups are called %q (ids %s): rename or delete all but one", l.target, len(found), name, list(ids))
}

// hasGroup tells whether the level shows a group of that name.
func (l *level) hasGroup(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.groups[name]) > 0
}

func (l *level) servicePrincipal(applicationID string) *livePrincipal {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.apps[strings.ToLower(applicationID)]
}

// id is the SCIM id of a principal that a fact names.
func (d *Directory) id(l *level, token string) (string, error) {
	if id, ok := l.unlistedID(token); ok {
		return id, nil
	}
	kind, name, _ := strings.Cut(token, ":")
	switch kind {
	case "user":
		if u := l.user(name); u != nil {
			return u.ID, nil
		}
	case "sp":
		if sp := l.servicePrincipal(d.applicationID(token)); sp != nil {
			return sp.ID, nil
		}
	case "group":
		g, err := l.group(name, false)
		if g == nil && err == nil && l.target != accountTarget {
			g, err = l.group(name, true)
		}
		if g != nil || err != nil {
			return idOf(g), err
		}
	}
	return "", fmt.Errorf("%s is not known in %s", token, l.target)
}

func idOf(g *liveGroup) string {
	if g == nil {
		return ""
	}
	return g.ID
}

func (l *level) user(name string) *livePrincipal {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.users[name]
}

// member is how facts call a member of a group.
func (l *level) member(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, ok := l.names[id]; ok {
		return t
	}
	return l.unlisted[id]
}

// level is the SCIM surface of a key's target.
func (d *Directory) level(target string) *level {
	if target == accountTarget {
		return d.account
	}
	return d.workspaces[target]
}

// principals is the level at which principals are known: the account, or the
// only kind of level there is without one.
func (d *Directory) top() *level {
	if d.account != nil {
		return d.account
	}
	return d.workspaces[slices.Min(slices.Collect(maps.Keys(d.workspaces)))]
}

func (d *Directory) addGroup(target string, g *liveGroup) {
	l := d.level(target)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.groups[g.Name] = append(l.groups[g.Name], g)
	l.names[g.ID] = "group:" + g.Name
	d.created = true
}

// grew tells whether this run created a principal, which other services may
// not know yet.
func (d *Directory) grew() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.created
}

func (d *Directory) addServicePrincipal(target, token string, sp *livePrincipal) {
	l := d.level(target)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sps = append(l.sps, sp)
	l.apps[strings.ToLower(sp.ApplicationID)] = sp
	l.names[sp.ID] = token
	d.created = true
	d.appIDs[token] = sp.ApplicationID
	d.tokens[strings.ToLower(sp.ApplicationID)] = token
}

// principalKey is the resource of a principal that is named at a target.
func principalKey(target, token string) plan.Key {
	kind, name, _ := strings.Cut(token, ":")
	if kind == "sp" {
		kind = kindServicePrincipal
	}
	return plan.Key{Kind: kind, Target: target, Name: name}
}

func values(vs []iam.ComplexValue) []string {
	out := make([]string, 0, len(vs))
	for _, v := range vs {
		if v.Value != "" {
			out = append(out, v.Value)
		}
	}
	return plan.Set(out)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func list(names []string) string { return strings.Join(names, ", ") }

func ceil(a, b int) int { return max(0, (a+cmp.Or(b, 1)-1)/cmp.Or(b, 1)) }

// levels are the account and the workspaces, in this order.
func (d *Directory) levels() []*level {
	var out []*level
	if d.account != nil {
		out = append(out, d.account)
	}
	for _, name := range sortedKeys(d.workspaces) {
		out = append(out, d.workspaces[name])
	}
	return out
}
