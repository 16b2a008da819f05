package spec

import (
	"regexp"
	"slices"
	"strings"
)

// layerNames are the layers that any environment has.
func (p *Project) layerNames() []string {
	names := p.Layers.Keys()
	for _, e := range p.Environments.Entries {
		names = append(names, e.Value.Catalogs.Keys()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c projectChecker) owns() {
	known := append(c.layerNames(), "env")
	for _, catalog := range c.Owns.Catalogs {
		c.placeholders(catalog.Name, known)
		c.segments(catalog.Name)
	}
	for _, s := range c.Owns.Securables {
		c.placeholders(s.Name, append(known, "workspace"))
		c.segments(s.Name)
	}
	for _, glob := range c.Owns.ExceptSecurables {
		c.placeholders(glob, known)
		c.segments(glob)
	}
	var workspaces []string
	for _, e := range c.Environments.Entries {
		workspaces = append(workspaces, e.Value.Workspaces.Keys()...)
	}
	slices.Sort(workspaces)
	for _, o := range c.Owns.Objects {
		c.placeholders(o.Name, append(known, "workspace"))
		c.placeholders(o.Path, append(known, "workspace"))
		if w := o.Workspace; w.Value != "*" && !slices.Contains(workspaces, w.Value) {
			c.Errorf(w.Pos, "%s", unknown("workspace", w.Value, slices.Compact(workspaces)))
		}
	}
}

// segments reports a glob of securables with an empty or unclosed segment.
func (c projectChecker) segments(glob Text) {
	if _, err := splitSecurable(glob.Value); err != nil {
		c.Errorf(glob.Pos, "%s", err)
	}
}

// placeholders reports those that no environment can fill in.
func (c projectChecker) placeholders(text Text, known []string) {
	for _, m := range placeholderForm.FindAllStringSubmatch(text.Value, -1) {
		if !slices.Contains(known, m[1]) {
			c.Errorf(text.Pos, "%s", unknown("placeholder", m[0], braced(known)))
		}
	}
}

var placeholderForm = regexp.MustCompile(`\{([^}]*)\}?`)

// Check reports an object that is named by neither or both.
func (o *OwnedObject) Check(c *Checker) {
	switch {
	case o.Name.Pos.IsZero() && o.Path.Pos.IsZero():
		c.Errorf(o.Pos, "an owned object needs name: or path:")
	case !o.Name.Pos.IsZero() && !o.Path.Pos.IsZero():
		c.Errorf(o.Path.Pos, "an owned object has name: or path:, not both")
	case !o.Path.IsZero() && !strings.HasPrefix(o.Path.Value, "/"):
		c.Errorf(o.Path.Pos, "the path %q does not begin with /", o.Path.Value)
	}
}
