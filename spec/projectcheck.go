package spec

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// identifier is the form of the names that a Project gives to its parts; they
// become parts of keys and placeholders.
var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// Check reports what is wrong in the Project as a whole.
func (p *Project) Check(c *Checker) {
	pc := projectChecker{c, p}
	pc.identifiers("account", keysOf(p.Accounts))
	pc.identifiers("environment", keysOf(p.Environments))
	pc.identifiers("layer", keysOf(p.Layers), "env", "workspace")
	pc.identifiers("role", keysOf(p.Roles), "manager", "domain_owner")
	pc.environments()
	pc.shared()
	pc.naming()
	pc.owns()
	pc.layers()
	pc.access()
	pc.environmentNames(p.Access.ConsumerEnvironments)
	pc.environmentNames(p.Guards.RequirePinned)
	pc.policies()
	pc.journal()
	for _, glob := range p.Ignore {
		if !doublestar.ValidatePattern(glob.Value) {
			c.Errorf(glob.Pos, "%q is not a glob; write names of files and folders with *, ** and ?", glob.Value)
		}
	}
	for _, r := range p.Rules.Entries {
		if !ruleCode.MatchString(r.Key.Value) {
			c.Errorf(r.Key.Pos, "%q is no code of a built-in rule; they look like BG214", r.Key.Value)
		}
	}
}

var ruleCode = regexp.MustCompile(`^BG[0-9]{3}$`)

// projectChecker reports mistakes that need the whole Project to be seen.
type projectChecker struct {
	*Checker
	*Project
}

func keysOf[T any](m Map[T]) []Text {
	keys := make([]Text, len(m.Entries))
	for i, e := range m.Entries {
		keys[i] = e.Key
	}
	return keys
}

func (c projectChecker) identifiers(what string, keys []Text, reserved ...string) {
	for _, key := range keys {
		if slices.Contains(reserved, key.Value) {
			c.Errorf(key.Pos, "%q cannot name a %s: it has a meaning of its own", key.Value, what)
		} else if !identifier.MatchString(key.Value) {
			c.Errorf(key.Pos, "%q cannot name a %s; use letters, digits, - and _", key.Value, what)
		}
	}
}

func (c projectChecker) environmentNames(names EnvNames) {
	for _, name := range names {
		if _, ok := c.Environments.Get(name.Value); !ok {
			c.Errorf(name.Pos, "%s", unknown("environment", name.Value, c.Environments.Keys()))
		}
	}
}

// environments checks each environment, and that no two of them can be taken
// for one another.
func (c projectChecker) environments() {
	bySuffix, byHost := map[[2]string]MapEntry[Environment]{}, map[string]seenAt{}
	byCatalog := map[[2]string]seenAt{}
	for _, entry := range c.Environments.Entries {
		env := entry.Value
		if _, ok := c.Accounts.Get(env.Account.Value); !ok && !env.Account.IsZero() {
			c.Errorf(env.Account.Pos, "%s", unknown("account", env.Account.Value, c.Accounts.Keys()))
		}
		key := [2]string{env.Account.Value, env.Suffix.Value}
		if first, twice := bySuffix[key]; !twice {
			bySuffix[key] = entry
		} else if !env.Account.IsZero() {
			at := env.Suffix.Pos
			if at.IsZero() {
				at = entry.Key.Pos
			}
			c.Errorf(at, "environments %q and %q of account %q have the same suffix %q; give each its own",
				first.Key.Value, entry.Key.Value, env.Account.Value, env.Suffix.Value)
		}
		c.workspaces(entry, byHost)
		c.catalogs(entry, byCatalog)
	}
}

// seenAt is where something was named first.
type seenAt struct {
	env, name string
	pos       Pos
}

func (c projectChecker) workspaces(entry MapEntry[Environment], seen map[string]seenAt) {
	c.identifiers("workspace", keysOf(entry.Value.Workspaces), "account", "metastore")
	for _, w := range entry.Value.Workspaces.Entries {
		for _, id := range []Text{{"host " + canonicalHost(w.Value.Host.Value), w.Value.Host.Pos}, {"profile " + w.Value.Profile.Value, w.Value.Profile.Pos}} {
			if id.Pos.IsZero() {
				continue
			}
			if first, twice := seen[id.Value]; twice {
				c.Errorf(id.Pos, "workspace %q of environment %q is workspace %q of environment %q (%s at %s)",
					w.Key.Value, entry.Key.Value, first.name, first.env, id.Value, first.pos)
				continue
			}
			seen[id.Value] = seenAt{entry.Key.Value, w.Key.Value, id.Pos}
		}
		if !w.Value.Host.Pos.IsZero() || !w.Value.Profile.Pos.IsZero() {
			continue
		}
		nowhere := "no host in " + entry.Key.Value
		if first, twice := seen[nowhere]; twice {
			c.Errorf(w.Key.Pos, "workspaces %q and %q of environment %q name neither host nor profile; only one can",
				first.name, w.Key.Value, entry.Key.Value)
		}
		seen[nowhere] = seenAt{entry.Key.Value, w.Key.Value, w.Key.Pos}
	}
}

func (c projectChecker) catalogs(entry MapEntry[Environment], seen map[[2]string]seenAt) {
	env := entry.Value
	c.identifiers("layer", keysOf(env.Catalogs), "env", "workspace")
	for _, layer := range env.Catalogs.Entries {
		if len(layer.Value) == 0 {
			c.Errorf(layer.Key.Pos, "layer %q has no catalog", layer.Key.Value)
		}
		for _, catalog := range layer.Value {
			key := [2]string{env.Account.Value, strings.ToLower(catalog.Value)}
			if first, twice := seen[key]; twice {
				c.Errorf(catalog.Pos, "catalog %q is that of layer %q in environment %q already (%s)",
					catalog.Value, first.name, first.env, first.pos)
				continue
			}
			seen[key] = seenAt{entry.Key.Value, layer.Key.Value, catalog.Pos}
			if _, isLayer := env.Catalogs.Get(catalog.Value); isLayer && catalog.Value != layer.Key.Value {
				c.Errorf(catalog.Pos, "%q is a catalog of layer %q and also the name of a layer", catalog.Value, layer.Key.Value)
			}
		}
	}
}

// shared checks who manages the principals without suffix.
func (c projectChecker) shared() {
	named := c.SharedPrincipals.ByAccount.Entries
	if env := c.SharedPrincipals.Environment; !env.IsZero() {
		c.environmentNames(EnvNames{env})
	}
	for _, e := range named {
		env, ok := c.Environments.Get(e.Value.Value)
		switch {
		case !ok:
			c.environmentNames(EnvNames{e.Value})
		case env.Account.Value != e.Key.Value:
			c.Errorf(e.Value.Pos, "environment %q is not of account %q", e.Value.Value, e.Key.Value)
		}
		if _, ok := c.Accounts.Get(e.Key.Value); !ok {
			c.Errorf(e.Key.Pos, "%s", unknown("account", e.Key.Value, c.Accounts.Keys()))
		}
	}
	for _, e := range c.Environments.Entries {
		account, suffix := e.Value.Account, e.Value.Suffix
		if account.IsZero() || suffix.Value != "" || c.SharedEnvironment(account.Value) == e.Key.Value {
			continue
		}
		at := suffix.Pos
		if at.IsZero() {
			at = e.Key.Pos
		}
		c.Errorf(at, "environment %q has no suffix, so it must be sharedPrincipals of account %q", e.Key.Value, account.Value)
	}
	for _, other := range c.OtherSuffixes {
		for _, e := range c.Environments.Entries {
			if e.Value.Suffix.Value == other.Value {
				c.Errorf(other.Pos, "%q is the suffix of environment %q", other.Value, e.Key.Value)
			}
		}
	}
}

func (c projectChecker) naming() {
	n := c.Project.Naming
	for _, pattern := range []Text{n.OwnerGroup, n.ConsumerGroup} {
		if pattern.IsZero() {
			continue
		}
		rest := strings.NewReplacer("{domain}", "", "{product}", "").Replace(pattern.Value)
		if strings.ContainsAny(rest, "{}") || !strings.Contains(pattern.Value, "{product}") {
			c.Errorf(pattern.Pos, "%q must hold {product}, may hold {domain}, and no other placeholder", pattern.Value)
		}
	}
	if same := n.OwnerGroup; !same.IsZero() && same.Value == n.ConsumerGroup.Value {
		c.Errorf(n.ConsumerGroup.Pos, "owners and consumers cannot share one group")
	}
	for _, re := range []Text{n.Conventions.Group, n.Conventions.ServicePrincipal} {
		if _, err := regexp.Compile(re.Value); err != nil {
			c.Errorf(re.Pos, "not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
	}
	for _, e := range n.RequiredEntitlements.Entries {
		for _, entitlement := range e.Value {
			if !slices.Contains(Entitlements, entitlement.Value) {
				c.Errorf(entitlement.Pos, "%s", unknown("entitlement", entitlement.Value, Entitlements))
			}
		}
	}
}

// Entitlements are those that Databricks knows.
var Entitlements = []string{
	"workspace-access", "databricks-sql-access", "allow-cluster-create", "allow-instance-pool-create", "workspace-consume",
}
