package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// bind finds the live principal of every document and settles how facts call
// each service principal. All that is ambiguous is reported at once.
func (r *Run) bind() error {
	var mistakes []error
	report := func(p *principal, format string, args ...any) {
		mistakes = append(mistakes, spec.Errorf(p.Pos, format, args...))
	}
	r.bindExternal()
	for _, p := range r.Names.All() {
		l := r.dir.level(p.target())
		if l == nil {
			report(p, "environment %s has no account: say level: workspace", r.Env.Name)
			continue
		}
		if p.Kind == kindGroup {
			r.bindGroup(p, l, report)
		} else {
			r.bindServicePrincipal(p, l, report)
		}
	}
	r.nameTheRest()
	for _, l := range r.dir.levels() {
		l.index(r.dir)
	}
	return errors.Join(mistakes...)
}

// bindExternal calls the service principals of other repositories as the Project
// does.
func (r *Run) bindExternal() {
	for _, e := range r.Project.External.ServicePrincipals.Entries {
		r.dir.tokens[strings.ToLower(e.Value.Value)] = "sp:" + e.Key.Value
		r.dir.appIDs["sp:"+e.Key.Value] = e.Value.Value
	}
}

func (r *Run) bindGroup(p *principal, l *level, report func(*principal, string, ...any)) {
	live, err := l.group(p.Live, p.Level == levelWorkspace)
	if err != nil {
		report(p, "%v", err)
		return
	}
	for _, before := range p.Previously {
		old, err := l.group(before, p.Level == levelWorkspace)
		switch {
		case err != nil:
			report(p, "%v", err)
		case old == nil:
		case live != nil:
			report(p, "%s and its previous name %s both exist in %s: merge or delete one", p.Live, before, l.target)
		case r.Names.at("group:"+before, p.target()) != nil:
			report(p, "its previous name %s is declared by another document", before)
		case p.Managed() && !r.owns(p, before):
			report(p, "its previous name %s is not owned by this repository", before)
		default:
			r.dir.renamed[place{l.target, before}] = p.Live
			live = old
		}
	}
	if live == nil && !p.Managed() {
		report(p, "group %s is %s", p.Live, p.notFound(l.target))
	}
	if live != nil && p.Managed() && live.ExternalID != "" && !r.Forgotten[p.token()] {
		report(p, "group %s is synced from the identity provider (external id %s): say source: external; its members are only read, and it is deleted there", p.Live, live.ExternalID)
	}
	if live != nil && !p.ExternalID.IsZero() && !strings.EqualFold(live.ExternalID, p.ExternalID.Value) {
		report(p, "group %s has the external id %q, the document says %q", p.Live, live.ExternalID, p.ExternalID.Value)
	}
	if live != nil && p.Source == sourceExternal && live.ExternalID == "" {
		report(p, "group %s is declared as source: external, but has no external id: it is not synced", p.Live)
	}
}

func notFound(target string) string {
	if target == accountTarget {
		return "not found in the account: check the SCIM sync"
	}
	return "not found in workspace " + target
}

// notFound says why a principal that exists elsewhere is missed.
func (p *principal) notFound(target string) string {
	if p.Elsewhere != "" {
		return "managed from environment " + p.Elsewhere + " and not there yet: apply that first"
	}
	return notFound(target)
}

// owns tells whether this environment answers for a live name at the level of
// the principal; a workspace's own principals have no other environment.
func (r *Run) owns(p *principal, live string) bool {
	if p.Level == levelWorkspace {
		return r.Project.Owns.Principal(p.Kind, strings.TrimSuffix(live, r.Env.Suffix.Value))
	}
	return r.isHome(p.Kind, live)
}

func (r *Run) isHome(kind, live string) bool {
	env, ok := r.Names.home(kind, live)
	return ok && env == r.Env.Name
}

func (r *Run) bindServicePrincipal(p *principal, l *level, report func(*principal, string, ...any)) {
	live, err := l.findServicePrincipal(p)
	switch {
	case err != nil:
		report(p, "%v", err)
		return
	case live == nil && !p.Managed():
		report(p, "service principal %s is %s", p.Live, p.notFound(l.target))
		return
	case live == nil:
		if p.ApplicationID != "" {
			r.dir.tokens[strings.ToLower(p.ApplicationID)] = p.token()
			r.dir.appIDs[p.token()] = p.ApplicationID
		}
		return
	case p.Managed() && live.Name != p.Live && !r.mayChange(p, live, report):
		return
	case p.ApplicationID == "":
		r.warn(p.Pos, "service principal %s is found by its name: pin it with applicationId: %s", p.Live, live.ApplicationID)
	}
	token := "sp:" + p.Live
	if slices.ContainsFunc(l.sps, func(o *livePrincipal) bool { return o.Name == p.Live && o.ID != live.ID }) {
		token = "sp:" + live.ApplicationID
	}
	if token != p.token() {
		r.Names.rename(p, token)
	}
	r.dir.tokens[strings.ToLower(live.ApplicationID)] = token
	r.dir.appIDs[token] = live.ApplicationID
}

// mayChange tells whether a live service principal of another name is ours to
// rename or remove: one that this environment answers for and that no other
// document declares. One that nobody answers for must be named as previous.
func (r *Run) mayChange(p *principal, live *livePrincipal, report func(*principal, string, ...any)) bool {
	home, managed := r.Names.home(kindServicePrincipal, live.Name)
	other := r.Names.at("sp:"+live.Name, p.target())
	switch {
	case other != nil && other != p:
		report(p, "it is the service principal %s, which is declared at %s", live.Name, other.Pos)
	case p.Removal != nil && !r.owns(p, live.Name):
		report(p, "applicationId %s is the service principal %q, which is not owned here and cannot be removed", live.ApplicationID, live.Name)
	case managed && home != r.Env.Name && p.Level == levelAccount:
		report(p, "it is the service principal %s, which is managed from environment %s", live.Name, home)
	case !r.owns(p, live.Name) && !slices.Contains(p.Previously, live.Name):
		report(p, "applicationId %s is the service principal %q: list that name under previously to rename it, or set displayName", live.ApplicationID, live.Name)
	default:
		return true
	}
	return false
}

// findServicePrincipal finds it by application id, else by its only name.
func (l *level) findServicePrincipal(p *principal) (*livePrincipal, error) {
	if p.ApplicationID != "" {
		return l.servicePrincipal(p.ApplicationID), nil
	}
	var found []*livePrincipal
	for _, sp := range l.sps {
		if sp.Name == p.Live || slices.Contains(p.Previously, sp.Name) {
			found = append(found, sp)
		}
	}
	if len(found) < 2 {
		if len(found) == 0 {
			return nil, nil
		}
		return found[0], nil
	}
	ids := make([]string, len(found))
	for i, sp := range found {
		ids[i] = sp.ApplicationID
	}
	return nil, fmt.Errorf("%d service principals in %s are called %s: say which with applicationId, one of %s", len(found), l.target, p.Live, list(ids))
}

// nameTheRest calls live service principals that no document declares by their
// display name where that is unique, else by their application id.
func (r *Run) nameTheRest() {
	for _, l := range r.dir.levels() {
		count := map[string]int{}
		for _, sp := range l.sps {
			count[sp.Name]++
		}
		for _, sp := range l.sps {
			id := strings.ToLower(sp.ApplicationID)
			if _, ok := r.dir.tokens[id]; ok {
				continue
			}
			token := "sp:" + sp.Name
			if _, taken := r.dir.appIDs[token]; taken || count[sp.Name] > 1 || sp.Name == "" || r.Names.byToken(token, l.target) != nil {
				token = "sp:" + sp.ApplicationID
			}
			r.dir.tokens[id] = token
			r.dir.appIDs[token] = sp.ApplicationID
		}
	}
}
