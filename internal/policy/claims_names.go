package policy

import (
	"regexp"
	"slices"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// nameConventions is BG101: names of principals that are managed here and do not
// follow the patterns of the Project.
func nameConventions(j *judge) {
	conventions := map[string]spec.Text{
		kindGroup:            j.Project.Naming.Conventions.Group,
		kindServicePrincipal: j.Project.Naming.Conventions.ServicePrincipal,
	}
	patterns := map[string]*regexp.Regexp{}
	for kind, text := range conventions {
		if re, err := regexp.Compile(text.Value); err == nil && text.Value != "" {
			patterns[kind] = re // one that does not compile is a mistake of the Project
		}
	}
	for i := range j.Declared {
		r := &j.Declared[i]
		pattern := patterns[r.Key.Kind]
		if source, _ := label(r, labelSource); pattern == nil || source != "databricks" {
			continue
		}
		if name, ok := label(r, labelName); ok && !pattern.MatchString(name) {
			text := conventions[r.Key.Kind]
			j.findAt(r.Origin.Pos, r.Origin.Document(), "the name %s does not follow the convention %s (%s)", name, text.Value, text.Pos)
		}
	}
}

// requiredEntitlements is BG102: groups without the entitlements that the Project
// wants of their names.
func requiredEntitlements(j *judge) {
	required := j.Project.Naming.RequiredEntitlements.Entries
	if len(required) == 0 {
		return
	}
	for i := range j.Declared {
		group := &j.Declared[i]
		name, ok := label(group, labelName)
		if !ok || group.Key.Kind != kindGroup {
			continue
		}
		for _, rule := range required {
			if spec.MatchName(rule.Key.Value, name) {
				j.entitled(group, name, rule)
			}
		}
	}
}

func (j *judge) entitled(group *plan.Resource, name string, rule spec.MapEntry[spec.EntitleList]) {
	for _, w := range j.Env.Workspaces.Keys() {
		origin, has := j.placed(group, w)
		if origin == nil {
			continue
		}
		var missing []string
		for _, e := range rule.Value {
			if !slices.Contains(has, e.Value) {
				missing = append(missing, e.Value)
			}
		}
		if len(missing) > 0 {
			j.findAt(origin.Pos, origin.Document(), "%s lacks %s in workspace %s, which naming.requiredEntitlements wants of %s (%s)",
				name, and(missing), w, rule.Key.Value, rule.Key.Pos)
		}
	}
}

// placed is where a document places a group in a workspace, and the entitlements
// that it gives it there; nil if the group is not there. A place without
// permission makes no claim of an assignment, and a workspace that the document
// leaves out makes an assignment without claims.
func (j *judge) placed(group *plan.Resource, workspace string) (*plan.Origin, []string) {
	token := principalOf(group.Key)
	assignment := j.declared(plan.Key{Kind: kindAssignment, Target: workspace, Name: token})
	entitlements := j.declared(plan.Key{Kind: kindEntitlements, Target: workspace, Name: token})
	given := j.wanted(entitlements)
	var has []string
	for _, cl := range given {
		has = append(has, cl.Value)
	}
	switch assigned := j.wanted(assignment); {
	case len(assigned) > 0:
		return assigned[0].Origin, has
	case len(given) > 0:
		return given[0].Origin, has
	case group.Key.Target == workspace, assignment == nil && entitlements != nil && group.Key.Target == accountTarget:
		return group.Origin, has
	}
	return nil, nil
}
