package spec

import (
	"slices"
	"strings"
	"time"
)

// Check reports a role that nobody holds, or that several fields describe.
func (r *RoleHolder) Check(c *Checker) {
	fields := 0
	for _, present := range []bool{!r.Group.IsZero(), !r.User.IsZero(), r.AnyOf != nil} {
		if present {
			fields++
		}
	}
	if fields != 1 {
		c.Errorf(r.Pos, "a role is held by group:, user: or anyOf:, exactly one of them")
	}
	if !r.User.IsZero() && !isEmail(r.User.Value) {
		c.Errorf(r.User.Pos, "%q is not an e-mail; a user is named by e-mail", r.User.Value)
	}
}

// Check reports a rule that is turned off without a reason.
func (r *Rule) Check(c *Checker) {
	if r.Level.Value == "off" && strings.TrimSpace(r.Reason.Value) == "" {
		c.Errorf(r.Level.Pos, "a rule that is off needs a reason; write {level: \"off\", reason: …}")
	}
}

func (c projectChecker) layers() {
	private := map[string]string{}
	for _, of := range append(c.Layers.Keys(), "bronze", "silver", DefaultLayer) {
		private[ConsumerRole(of, "", true)] = of
	}
	for _, layer := range c.Layers.Entries {
		c.roles(layer.Value.Approval)
		if of, taken := private[ConsumerRole(layer.Key.Value, "", false)]; taken {
			c.Errorf(layer.Key.Pos, "%q cannot name a layer: its consumers would share the group of those who read personal data of %s", layer.Key.Value, of)
		}
	}
}

// roles reports roles that nobody is said to hold.
func (c projectChecker) roles(names []Text) {
	known := append(c.Roles.Keys(), "manager", "domain_owner")
	for _, name := range names {
		if !slices.Contains(known, name.Value) {
			c.Errorf(name.Pos, "%s", unknown("role", name.Value, known))
		}
	}
}

func (c projectChecker) access() {
	a := c.Access
	if zone := a.Timezone; !zone.IsZero() {
		// "Local" would be another zone on another machine.
		if _, err := time.LoadLocation(zone.Value); err != nil || zone.Value == "Local" || zone.Value == "" {
			c.Errorf(zone.Pos, "unknown time zone %q; write one like UTC or Europe/Berlin", zone.Value)
		}
	}
	d := a.WithDefaults().Standard
	if d.DefaultDuration.longer(d.MaxDuration) {
		c.Errorf(a.Standard.DefaultDuration.Pos(), "the default of %s is longer than the maximum of %s", d.DefaultDuration, d.MaxDuration)
	}
	c.roles(a.Temporary.Approval)
	c.roles(a.Emergency.Approval)
	c.roles(a.Emergency.MayStart)
	known := append(c.layerNames(), "bronze", "silver", "gold")
	slices.Sort(known)
	for _, layer := range a.Emergency.Layers {
		if !slices.Contains(known, layer.Value) {
			c.Errorf(layer.Pos, "%s", unknown("layer", layer.Value, slices.Compact(known)))
		}
	}
}

func (c projectChecker) policies() {
	first := map[string]Pos{}
	for _, p := range c.Policies {
		if ruleCode.MatchString(p.Name.Value) {
			c.Errorf(p.Name.Pos, "%q is the code of a built-in rule; call the policy something else", p.Name.Value)
		}
		if at, twice := first[p.Name.Value]; twice {
			c.Errorf(p.Name.Pos, "policy %q is declared twice; first at %s", p.Name.Value, at)
			continue
		}
		first[p.Name.Value] = p.Name.Pos
	}
}
