package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Names are the groups and service principals that the documents declare in one
// environment, and the environments of all others of the same account.
type Names struct {
	project    *spec.Project
	env        *spec.Environment
	all        []*principal                   // of this environment, sorted by key
	specs      map[string]*principal          // kind + spec name
	tokens     map[string]*principal          // target + token
	homes      map[string]string              // kind + live name → environment, over all environments of the account
	everywhere []declaredIn                   // of all environments of the account
	known      map[string]bool                // kind + spec name, in any environment
	products   map[*spec.Product][]*principal // derived groups, by role
	told       map[[2]spec.Pos]bool           // pairs of documents with one name that were reported
}

// newNames registers every principal document. Mistakes go to report.
func newNames(repo *spec.Repository, env *spec.Environment, catalogue *spec.Catalogue, report func(*spec.Error)) *Names {
	n := &Names{
		project: repo.Project, env: env,
		specs: map[string]*principal{}, tokens: map[string]*principal{},
		homes: map[string]string{}, known: map[string]bool{}, products: map[*spec.Product][]*principal{}, told: map[[2]spec.Pos]bool{},
	}
	for i := range repo.Project.Environments.Entries {
		other := &repo.Project.Environments.Entries[i].Value
		if other.Account.Value == env.Account.Value {
			n.register(repo.Entries, naming{other, catalogue}, report)
		} else {
			n.know(repo.Entries, naming{other, catalogue})
		}
	}
	n.settleHomes(report)
	n.checkApplicationIDs(report)
	slices.SortFunc(n.all, func(a, b *principal) int { return a.key().Compare(b.key()) })
	return n
}

// declaredIn is a principal of one of the account's environments.
type declaredIn struct {
	env string
	*principal
}

// naming is what the names of principals depend on beside their documents.
type naming struct {
	env       *spec.Environment
	catalogue *spec.Catalogue
}

// principals are those that a document declares, by whatever name.
func (in naming) principals(e spec.Entry) []*principal {
	if names := document(e.Kind).Names; names != nil {
		return names(in, e)
	}
	return nil
}

// know remembers the names in the specs of principals that no environment of the
// account may have.
func (n *Names) know(entries []spec.Entry, in naming) {
	for _, e := range entries {
		for _, p := range in.principals(e) {
			n.known[p.Kind+"\x00"+p.Spec] = true
		}
	}
}

func (n *Names) register(entries []spec.Entry, in naming, report func(*spec.Error)) {
	seen := map[string]*principal{}
	here := in.env.Name == n.env.Name
	for _, e := range entries {
		for _, p := range in.principals(e) {
			n.known[p.Kind+"\x00"+p.Spec] = true
			name, system := p.systemGroup()
			switch {
			case !e.In(in.env.Name):
			case !system:
				n.add(p, in.env.Name, seen, report)
			case here:
				report(spec.Errorf(p.Pos, "%q is a system group: it is never created, renamed, changed or deleted", name))
			}
		}
	}
}

// add registers a principal of an environment, unless another one has its name.
func (n *Names) add(p *principal, env string, seen map[string]*principal, report func(*spec.Error)) {
	here := env == n.env.Name
	at := p.target() + "\x00" + p.token()
	before := seen[at]
	if twin := n.specs[p.Kind+"\x00"+p.Spec]; before == nil && here {
		before = twin
	}
	if before != nil && here {
		pair := [2]spec.Pos{before.Pos, p.Pos} // two products share all their groups, and are told once
		if !n.told[pair] {
			reportTwins(before, p, report)
		}
		n.told[pair] = true
		return
	}
	seen[at] = p
	n.everywhere = append(n.everywhere, declaredIn{env, p})
	if here {
		n.all = append(n.all, p)
		n.specs[p.Kind+"\x00"+p.Spec] = p
		n.tokens[at] = p
		if p.Derived != nil {
			n.products[p.Derived.Product] = append(n.products[p.Derived.Product], p)
		}
	}
}

// reportTwins tells of two principals with one name. Where products are
// involved it is told at both, since either may be the one to change.
func reportTwins(first, second *principal, report func(*spec.Error)) {
	switch {
	case first.Derived != nil || second.Derived != nil:
		report(spec.Errorf(second.Pos, "%s has the name %s, like %s at %s", second.what(), second.Live, first.what(), first.Pos).With(first.Pos))
		if first.Pos != second.Pos {
			report(spec.Errorf(first.Pos, "%s has the name %s, like %s at %s", first.what(), first.Live, second.what(), second.Pos).With(second.Pos))
		}
	case first.Live == second.Live:
		report(spec.Errorf(second.Pos, "%s %s has the live name %s, like %s %s at %s", second.kindOfDocument(), second.Spec, second.Live, first.Kind, first.Spec, first.Pos).With(first.Pos))
	default:
		report(spec.Errorf(second.Pos, "%s %s is declared at %s already", second.Kind, second.Spec, first.Pos).With(first.Pos))
	}
}

// settleHomes decides which environment manages each declared account
// principal: the one that declares it; where several do, since its name has no
// suffix, the one that sharedPrincipals names.
func (n *Names) settleHomes(report func(*spec.Error)) {
	shared := n.project.SharedEnvironment(n.env.Account.Value)
	for _, d := range n.everywhere {
		at := d.Kind + "\x00" + d.Live
		if home, several := n.homes[at]; d.manages() && (!several || d.env == shared && home != shared) {
			n.homes[at] = d.env
		}
	}
	for _, d := range n.everywhere {
		home := n.homes[d.Kind+"\x00"+d.Live]
		if d.manages() && home != d.env && home != shared && (home == n.env.Name || d.env == n.env.Name) {
			report(spec.Errorf(d.Pos, "%s is called %s in environments %s and %s: say which with environments:, or let sharedPrincipals be one of them", d.Spec, d.Live, home, d.env))
		}
	}
	for _, p := range n.all {
		if home, ok := n.homes[p.Kind+"\x00"+p.Live]; ok && home != n.env.Name && p.manages() {
			p.Elsewhere = home
		}
	}
}

// checkApplicationIDs reports an id that is to have two live names: each plan
// would rename it.
func (n *Names) checkApplicationIDs(report func(*spec.Error)) {
	first := map[string]declaredIn{}
	external := map[string]spec.Text{}
	for _, e := range n.project.External.ServicePrincipals.Entries {
		id := strings.ToLower(e.Value.Value)
		if twin, twice := external[id]; twice {
			report(spec.Errorf(e.Value.Pos, "applicationId %s is external service principal %s already (%s)", e.Value.Value, twin.Value, twin.Pos))
		}
		external[id] = e.Key
	}
	for _, d := range n.everywhere {
		if d.ApplicationID == "" || d.Removal != nil {
			continue
		}
		id := strings.ToLower(d.ApplicationID)
		if alias, twice := external[id]; twice && alias.Value != d.Spec && d.env == n.env.Name {
			report(spec.Errorf(d.Pos, "applicationId %s is external.servicePrincipals.%s already (%s)", d.ApplicationID, alias.Value, alias.Pos).With(alias.Pos))
		}
		before, known := first[id]
		if !known {
			first[id] = d
			continue
		}
		if before.Live != d.Live && (before.env == n.env.Name || d.env == n.env.Name) {
			report(spec.Errorf(d.Pos, "applicationId %s is %s of environment %s already (%s)", d.ApplicationID, before.Live, before.env, before.Pos).With(before.Pos))
		}
	}
}

// systemGroup tells whether a document is about one, or about what it was
// called before.
func (p *principal) systemGroup() (string, bool) {
	for _, name := range append([]string{p.Live}, p.Previously...) {
		if p.Kind == kindGroup && isSystemGroup(name) {
			return name, true
		}
	}
	return "", false
}

func principalKind(documentKind string) string {
	if documentKind == "ServicePrincipal" {
		return kindServicePrincipal
	}
	return strings.ToLower(documentKind)
}

// groupName and servicePrincipalName make the principal of a document in an
// environment.
func groupName(in naming, e spec.Entry) []*principal {
	g := e.Spec.(*Group)
	return []*principal{newPrincipal(kindGroup, e, &g.Principal, in.env)}
}

func servicePrincipalName(in naming, e spec.Entry) []*principal {
	s := e.Spec.(*ServicePrincipal)
	p := newPrincipal(kindServicePrincipal, e, &s.Principal, in.env)
	id, _ := s.ApplicationID.For(in.env.Name)
	p.ApplicationID = id.Value
	return []*principal{p}
}

func newPrincipal(kind string, e spec.Entry, doc *Principal, env *spec.Environment) *principal {
	external, _ := doc.ExternalID.For(env.Name)
	p := &principal{
		Kind: kind, Spec: e.Name, Live: doc.LiveName(e.Name, env), Pos: e.Pos, ExternalID: external,
		Level: cmp.Or(doc.Level.Value, levelAccount), Workspace: doc.Workspace.Value,
		Source: cmp.Or(doc.Source.Value, sourceDatabricks),
	}
	p.canonical = rawToken(kind, p.Live)
	for _, before := range doc.Previously {
		p.Previously = append(p.Previously, (spec.LiveNaming{EnvironmentSuffix: doc.EnvironmentSuffix}).LiveName(before.Value, env))
	}
	return p
}

// rawToken is how facts name a principal of that live name.
func rawToken(kind, live string) string {
	if kind == kindGroup {
		return "group:" + live
	}
	return "sp:" + live
}

// All are the principals of the environment, sorted by key.
func (n *Names) All() []*principal { return n.all }

// of is the principal of a document; nil if another document has its name.
func (n *Names) of(e spec.Entry) *principal {
	kind := e.Kind
	if r, ok := e.Spec.(*Removed); ok {
		kind = r.Kind.Value
	}
	p := n.specs[principalKind(kind)+"\x00"+e.Name]
	if p == nil || p.Pos != e.Pos {
		return nil
	}
	return p
}

// Get finds a principal by its spec name.
func (n *Names) Get(kind, name string) *principal { return n.specs[kind+"\x00"+name] }

// byToken finds a declared principal as facts name it at a target; a workspace
// sees the account's principals too.
func (n *Names) byToken(token, target string) *principal {
	if p := n.tokens[target+"\x00"+token]; p != nil {
		return p
	}
	return n.tokens[accountTarget+"\x00"+token]
}

// at is byToken for the target alone.
func (n *Names) at(token, target string) *principal { return n.tokens[target+"\x00"+token] }

// rename makes facts call a service principal by another token.
func (n *Names) rename(p *principal, token string) {
	delete(n.tokens, p.target()+"\x00"+p.token())
	p.canonical = token
	n.tokens[p.target()+"\x00"+token] = p
}

func (n *Names) byKey(k plan.Key) *principal {
	p := n.tokens[k.Target+"\x00"+plan.Principal(plan.Fact{Key: k})]
	if p == nil {
		panic("reconcile: no document declares " + k.String())
	}
	return p
}

func (n *Names) specNames(kind string) []string {
	var names []string
	for _, p := range n.all {
		if p.Kind == kind && p.Removal == nil {
			names = append(names, p.Spec)
		}
	}
	slices.Sort(names)
	return names
}

// home is the environment that manages a live account principal.
func (n *Names) home(kind, live string) (string, bool) {
	return n.project.Home(n.env.Account.Value, kind, live, func(live string) (string, bool) {
		env, ok := n.homes[kind+"\x00"+live]
		return env, ok
	})
}

// owned tells whether undeclared access of a principal may be removed, by the
// live display name that stands for it.
func (n *Names) owned(kind, live string) bool {
	switch kind {
	case "user":
		return n.project.Owns.User(live)
	case kindGroup:
		if isSystemGroup(live) {
			return false
		}
		if n.project.Owns.ExternalGroup(live) {
			return true
		}
	}
	_, ok := n.home(kind, live)
	return ok
}

// checkOwned reports a principal that this repository would manage without
// being authoritative for it.
func (d *Declaring) checkOwned(p *principal, e spec.Entry) {
	if d.owns(p) {
		d.checkHome(p)
		return
	}
	where := "groups"
	if p.Kind == kindServicePrincipal {
		where = "servicePrincipals"
	}
	d.Errorf(e.Pos, "%s is managed here (source: databricks), but owns.%s does not cover it: add a pattern there, or say source: external or reference", p.Spec, where)
}

// owns tells whether the repository is authoritative for a principal, by its
// name in the specs or live.
func (d *Declaring) owns(p *principal) bool {
	owns := d.Project.Owns
	return owns.Principal(p.Kind, p.Spec) || owns.Principal(p.Kind, p.Live)
}

// checkHome reports a fixed live name that no environment would answer for if
// its document went away.
func (d *Declaring) checkHome(p *principal) {
	suffix := d.Env.Suffix.Value
	if p.Level == levelWorkspace || suffix != "" && strings.HasSuffix(p.Live, suffix) || suffix == "" {
		return
	}
	if slices.ContainsFunc(d.Project.Owns.Shared, func(t spec.Text) bool { return spec.MatchName(t.Value, p.Live) }) &&
		d.Project.SharedEnvironment(d.Env.Account.Value) != "" {
		return
	}
	d.Errorf(p.Pos, "the live name %s does not end in %s, so no environment would answer for it once this document is gone: add it to owns.shared, and name sharedPrincipals", p.Live, suffix)
}

// known ends a message about an unknown name: the nearest one and the choice.
func known(name string, names []string) string {
	s := nearest(name, names)
	const shown = 12
	switch {
	case len(names) == 0:
		return s
	case len(names) > shown:
		return s + "; known: " + list(names[:shown]) + ", …"
	}
	return s + "; known: " + list(names)
}

func workspaceNames(p *spec.Project) []string {
	var names []string
	for _, e := range p.Environments.Entries {
		names = append(names, e.Value.Workspaces.Keys()...)
	}
	return plan.Set(names)
}
