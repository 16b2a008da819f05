package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// unapproved is BG210. Emergency access begins before it is approved; the roles
// that guard personal data have a rule of their own.
func unapproved(j *judge) {
	j.inForce(func(e *entry) {
		if e.Emergency() {
			return
		}
		needs := j.requiredOf(e).access
		if missing := j.missing(e, needs); missing != "" {
			what := e.Access.Value + " access"
			if e.Access.Value == spec.AccessStandard {
				what += " to " + e.Layer.Value
			}
			j.about(e, nil, "%s uses %s without the approval of %s; %s needs %s", e.Party, e.name(), missing, what, listed(needs))
		}
	})
}

// missing lists the roles of which no approval counts, with the reason where
// there is one that does not.
func (j *judge) missing(e *entry, roles []string) string {
	approvals := j.approvalsOf(e)
	var out []string
	for _, role := range roles {
		given := func(a approval) bool { return a.Role.Value == role && a.counts() }
		if slices.ContainsFunc(approvals, given) {
			continue
		}
		out = append(out, because(role, j.standingOf(e, role).Why))
	}
	return listed(out)
}

// because adds to a role why its approval does not count.
func because(role, why string) string {
	if why == "" {
		return role
	}
	return role + " (" + why + ")"
}

// byOthers is BG211.
func byOthers(j *judge) {
	j.eachApproval(func(e *entry, a *approval) {
		if a.counts() && !a.holder.yes && !a.holder.unknown() {
			j.about(e, []spec.Pos{a.By.Pos}, "%s approves as %s, but %s", a.By, a.Role, j.notHeld(a, e))
		}
	})
}

// notHeld says that somebody does not hold a role, and who does.
func (j *judge) notHeld(a *approval, e *entry) string {
	role, _ := j.Project.Roles.Get(a.Role.Value)
	holders := role.Holders()
	if a.Role.Value == spec.RoleDomainOwner {
		holders = nil
		if domain := j.Catalogue.Domain(e.Product); domain != nil {
			holders = domain.Owners
			for _, approver := range domain.Approvers {
				holders = append(slices.Clip(holders), spec.Ref{User: approver})
			}
		}
	}
	var names []string
	for _, ref := range holders {
		if name := ref.String(); !ref.IsZero() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "nobody holds that role"
	}
	return fmt.Sprintf("did not hold that role on %s: it is held by %s", a.At, listed(names))
}

// unseparated is BG212.
func unseparated(j *judge) {
	j.inForce(func(e *entry) {
		approvals := j.approvalsOf(e)
		if e.Status != "" && e.Requester == "" && e.Party.Kind() != spec.RefUser {
			j.about(e, nil, "nothing says who asked for the access of %s to %s, and who asks does not approve: write requester:", e.Party, e.name())
		}
		for i := range approvals {
			if why := j.conflict(e, approvals, i); why != "" {
				j.about(e, []spec.Pos{approvals[i].By.Pos}, "%s cannot approve as %s: %s", approvals[i].By, approvals[i].Role, why)
			}
		}
	})
}

// voided is BG213.
func voided(j *judge) {
	j.eachApproval(func(e *entry, a *approval) {
		if a.void {
			j.about(e, []spec.Pos{a.Of.Pos}, "the approval of %s as %s is void: it was given for something else (of: %s); what stands here is %q",
				a.By, a.Role, a.Of, j.digestsOf(e)[0])
		}
	})
}

// unverified is BG215: one finding for an entry, since its approvals all stand
// on the same.
func unverified(j *judge) {
	j.inForce(func(e *entry) {
		var roles []string
		var first spec.Pos
		for i := range e.Approvals {
			if a := &e.Approvals[i]; a.Of.Value == "" {
				roles, first = append(roles, a.Role.Value), at(first, a.Pos)
			}
		}
		if len(roles) > 0 {
			j.about(e, []spec.Pos{first}, "nothing tells what %s approved: an approval of this entry has of: %q", listed(roles), j.digestsOf(e)[0])
		}
	})
}

// liveHolders is BG216: one finding for a group, however many approvals stand on it.
func liveHolders(j *judge) {
	unread := map[string]unreadGroup{}
	note := func(h holding) {
		if h.yes {
			return
		}
		for _, g := range h.unread {
			if first, known := unread[g.name]; !known || g.pos.Compare(first.pos) < 0 {
				unread[g.name] = g
			}
		}
	}
	j.eachApproval(func(_ *entry, a *approval) { note(a.holder) })
	j.inForce(func(e *entry) {
		if e.Emergency() {
			note(j.mayStart(e))
		}
	})
	j.usesInForce(func(u *spec.Use) {
		roles := []spec.Text{{Value: spec.RoleDomainOwner}}
		if u.PII {
			roles = append(roles, u.Provider.PrivacyApproval()...)
		}
		for _, role := range roles {
			for _, h := range j.useApprovals(u, role.Value) {
				note(h)
			}
		}
	})
	for _, name := range slices.Sorted(maps.Keys(unread)) {
		g := unread[name]
		if j.Live == nil {
			j.find(g.pos, g.doc, "the members of %s are known live only: plan tells whether who approved is one of them", name)
			continue
		}
		j.find(g.pos, g.doc, "the members of %s could not be read: nothing tells whether who approved is one of them", name)
	}
}

// eachApproval calls the rule for each approval of the entries in force.
func (j *judge) eachApproval(rule func(*entry, *approval)) {
	j.inForce(func(e *entry) {
		approvals := j.approvalsOf(e)
		for i := range approvals {
			rule(e, &approvals[i])
		}
	})
}

// unattested is BG214. Groups and service principals attest nothing, unless
// somebody asks for them.
func unattested(j *judge) {
	j.inForce(func(e *entry) {
		if e.Emergency() || e.Party.Kind() != spec.RefUser && e.Document.Kind != "AccessRequest" {
			return
		}
		missing := e.Attestations.Missing()
		if len(missing) == 0 {
			return
		}
		var where spec.Pos
		if e.Attestations != nil {
			where = e.Attestations.Pos
		}
		j.about(e, []spec.Pos{where}, "%s has not confirmed %s: write attestations: once it is done", e.Party, listed(missing))
	})
}

func listed(names []string) string { return strings.Join(names, ", ") }
