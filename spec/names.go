package spec

import (
	"slices"
	"strings"
)

// LiveNaming is how the live name of a group or service principal is made;
// their documents inline it.
type LiveNaming struct {
	DisplayName       Text      `yaml:"displayName" spec:"name" doc:"the live name, the same in every environment"`
	EnvironmentNames  Map[Text] `yaml:"environmentNames" spec:"environments,name" doc:"the live name, by environment"`
	EnvironmentSuffix *bool     `yaml:"environmentSuffix" doc:"false: the live name is the name, without the suffix of the environment"`
}

// LiveName is the name in an environment of a principal that a document or a
// product calls name.
func (n LiveNaming) LiveName(name string, env *Environment) string {
	live, _ := n.resolve(name, env)
	return live
}

// Fixed reports whether the live name in an environment is spelled out rather
// than made of the name and the suffix.
func (n LiveNaming) Fixed(env *Environment) bool {
	_, fixed := n.resolve("", env)
	return fixed
}

func (n LiveNaming) resolve(name string, env *Environment) (live string, fixed bool) {
	if own, ok := n.EnvironmentNames.Get(env.Name); ok {
		return own.Value, true
	}
	if n.DisplayName.Value != "" {
		return n.DisplayName.Value, true
	}
	if n.EnvironmentSuffix != nil && !*n.EnvironmentSuffix {
		return name, true
	}
	return name + env.Suffix.Value, false
}

// Home is the environment that manages a live group or service principal of an
// account: which may change and delete it and its members. It is false for
// what no environment owns. declared tells the environment of a live name that
// a document or product resolves to; kind is RefGroup or RefServicePrincipal.
func (p *Project) Home(account, kind, live string, declared func(live string) (env string, ok bool)) (string, bool) {
	if env, ok := declared(live); ok {
		return env, true
	}
	if env, name, ok := p.bySuffix(account, live); ok {
		if env == "" || !p.Owns.Principal(kind, name) {
			return "", false
		}
		return env, true
	}
	shared := p.SharedEnvironment(account)
	if shared == "" || !p.Owns.SharedPrincipal(live) {
		return "", false
	}
	return shared, true
}

// bySuffix finds the longest suffix of the account that a live name ends in,
// and the name before it. env is empty for one of otherSuffixes.
func (p *Project) bySuffix(account, live string) (env, name string, ok bool) {
	longest := ""
	try := func(suffix, of string) {
		rest, ends := strings.CutSuffix(live, suffix)
		if ends && rest != "" && len(suffix) > len(longest) {
			longest, env, name, ok = suffix, of, rest, true
		}
	}
	for _, e := range p.Environments.Entries {
		if e.Value.Account.Value == account {
			try(e.Value.Suffix.Value, e.Key.Value)
		}
	}
	for _, suffix := range p.OtherSuffixes {
		try(suffix.Value, "")
	}
	return env, name, ok
}

// SharedEnvironment is the environment that manages the principals of an
// account whose live name has no suffix; empty if none does. An account with a
// single environment and no suffix has no need to say it.
func (p *Project) SharedEnvironment(account string) string {
	if env, ok := p.SharedPrincipals.ByAccount.Get(account); ok {
		return env.Value
	}
	if named := p.SharedPrincipals.Environment.Value; named != "" {
		if env, ok := p.Environments.Get(named); ok && env.Account.Value == account {
			return named
		}
		return ""
	}
	only := ""
	for _, e := range p.Environments.Entries {
		if e.Value.Account.Value != account {
			continue
		}
		if only != "" || e.Value.Suffix.Value != "" {
			return ""
		}
		only = e.Key.Value
	}
	return only
}

// Principal reports whether a group or service principal is owned by its name
// in the specs, without suffix.
func (o Owns) Principal(kind, name string) bool {
	globs := o.Groups
	if kind == RefServicePrincipal {
		globs = o.ServicePrincipals
	}
	return matchAny(globs, name) && !matchAny(o.Except, name)
}

// SharedPrincipal reports whether a group or service principal without suffix
// is owned, by its live name.
func (o Owns) SharedPrincipal(live string) bool {
	return matchAny(o.Shared, live) && !matchAny(o.Except, live)
}

// ExternalGroup reports whether a synced group is owned, by its live name.
func (o Owns) ExternalGroup(live string) bool {
	return matchAny(o.ExternalGroups, live) && !matchAny(o.Except, live)
}

// User reports whether a user is owned, by e-mail.
func (o Owns) User(email string) bool {
	email = strings.ToLower(email)
	matches := func(glob Text) bool { return MatchName(strings.ToLower(glob.Value), email) }
	return slices.ContainsFunc(o.Users, matches) && !slices.ContainsFunc(o.Except, matches)
}

// Group reports whether a group is external, by its live name.
func (e External) Group(live string) bool { return matchAny(e.Groups, live) }

func matchAny(globs []Text, name string) bool {
	return slices.ContainsFunc(globs, func(glob Text) bool { return MatchName(glob.Value, name) })
}
