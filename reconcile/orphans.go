package reconcile

// orphan is a live principal that is managed from this environment and that
// nothing declares.
type orphan struct {
	target, Name, ID, ApplicationID string
}

func (r *Run) orphanGroups() []orphan {
	if r.dir.account == nil {
		return nil
	}
	var out []orphan
	for _, name := range sortedKeys(r.dir.account.groups) {
		for _, g := range r.dir.account.groups[name] {
			if r.isOrphan(kindGroup, "group:"+r.dir.groupName(accountTarget, name), name) {
				out = append(out, orphan{target: accountTarget, Name: name, ID: g.ID})
			}
		}
	}
	return out
}

func (r *Run) orphanServicePrincipals() []orphan {
	if r.dir.account == nil {
		return nil
	}
	var out []orphan
	for _, sp := range r.dir.account.sps {
		if r.isOrphan(kindServicePrincipal, r.dir.spToken(sp.ApplicationID), sp.Name) {
			out = append(out, orphan{target: accountTarget, Name: sp.Name, ID: sp.ID, ApplicationID: sp.ApplicationID})
		}
	}
	return out
}

func (r *Run) isOrphan(kind, token, live string) bool {
	if live == accountUsersGroup || r.Names.byToken(token, accountTarget) != nil || r.Forgotten[token] {
		return false
	}
	if kind == kindGroup && r.Project.Owns.ExternalGroup(live) {
		return false
	}
	return r.isHome(kind, live)
}
