package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/plan"
)

// Assignment of account principals to workspaces:
//
//   - USER or ADMIN, case-sensitive; an unknown value is ignored, and what is
//     left is the new set, so that a typing error takes all access away;
//   - ADMIN implies USER;
//   - errors come inside a 200, one per item.
//
// SDK v0.175.0 service/iam; terraform-provider-databricks access tests.
const (
	kindAssignment  = "assignment"
	fieldPermission = "permission"
	permissionAdmin = "ADMIN"
)

func (d *Declaring) assignment(p *principal, workspace string, place Placement, placed bool) {
	if p.Level == levelWorkspace {
		if placed && !place.Permission.IsZero() {
			d.Errorf(place.Permission.Pos, "%s is local to workspace %s, which needs no assignment", p.Spec, workspace)
		}
		return
	}
	if placed && place.Permission.IsZero() {
		return
	}
	key := plan.Key{Kind: kindAssignment, Target: workspace, Name: p.token()}
	r := d.resource(key, p.Pos)
	r.Single = true
	d.field(key, fieldPermission)
	d.refer(key, p.token())
	if placed {
		d.claimAt(key, fieldPermission, place.Permission.Value, place.Permission.Pos)
	}
	if !d.Project.Owns.Assignments {
		r.Authority = plan.Merge
	}
}

// readAssignments reads one list per workspace. All of it is needed: who may
// administer a workspace is counted by a guard.
func readAssignments(ctx context.Context, r *Run) ([]plan.Resource, error) {
	if r.clients.Account == nil {
		return nil, nil
	}
	var out []plan.Resource
	for _, w := range r.clients.Workspaces {
		found, err := r.assigned(ctx, w)
		if err != nil {
			return nil, err
		}
		for _, res := range found {
			if !r.isDeclared(res.Key) {
				res.Authority = plan.External // read for the count of admins
			}
			if res.Held != "" {
				r.hold(plan.Held{Key: res.Key, Reason: res.Held, Failed: true})
			}
			out = append(out, res)
		}
	}
	return out, nil
}

// assigned lists who is assigned to a workspace.
func (r *Run) assigned(ctx context.Context, w *Workspace) ([]plan.Resource, error) {
	var answer iam.PermissionAssignments
	if err := r.clients.Account.get(ctx, r.assignments(w), nil, &answer); err != nil {
		return nil, fmt.Errorf("assignments of workspace %s: %w", w.Name, explain(err, "list workspace assignments"))
	}
	out := make([]plan.Resource, 0, len(answer.PermissionAssignments))
	for _, a := range answer.PermissionAssignments {
		if a.Principal == nil || a.Principal.GroupName+a.Principal.ServicePrincipalName+a.Principal.UserName == "" {
			return nil, fmt.Errorf("%s: list workspace assignments: an entry without principal: %s", w.Name, a.Error)
		}
		out = append(out, r.assignmentResource(w, a))
	}
	return out, nil
}

// seeAssignments: there is no read of a single one, and one list has all of a
// workspace.
func seeAssignments(ctx context.Context, r *Run, changes []plan.Change) []glance {
	out := make([]glance, len(changes))
	for _, w := range r.clients.Workspaces {
		if !slices.ContainsFunc(changes, func(c plan.Change) bool { return c.Key.Target == w.Name }) {
			continue
		}
		found, err := r.assigned(ctx, w)
		for i, c := range changes {
			if c.Key.Target == w.Name {
				out[i] = assignmentGlance(c.Key, found, err)
			}
		}
	}
	return out
}

func assignmentGlance(k plan.Key, found []plan.Resource, err error) glance {
	i := slices.IndexFunc(found, func(res plan.Resource) bool { return res.Key == k })
	switch {
	case err != nil:
		return glance{err: err}
	case i < 0:
		return glance{gone: true}
	case found[i].Held != "":
		return glance{err: errors.New(found[i].Held)}
	}
	return glance{fields: found[i].Fields}
}

func (r *Run) assignmentResource(w *Workspace, a iam.PermissionAssignment) plan.Resource {
	token := r.assignee(a.Principal)
	permissions := make([]string, 0, len(a.Permissions))
	for _, p := range a.Permissions {
		permissions = append(permissions, string(p))
	}
	if slices.Contains(permissions, permissionAdmin) {
		permissions = []string{permissionAdmin}
	}
	res := plan.Resource{
		Key:    plan.Key{Kind: kindAssignment, Target: w.Name, Name: token},
		ID:     strconv.FormatInt(a.Principal.PrincipalId, 10),
		Refs:   []plan.Key{principalKey(accountTarget, token)},
		Single: true,
		Fields: []plan.Field{{Name: fieldPermission, Values: permissions}},
	}
	if a.Error != "" {
		res.Held = "the platform reports: " + a.Error
	}
	return res
}

func (r *Run) assignee(p *iam.PrincipalOutput) string {
	switch {
	case p.GroupName != "":
		return "group:" + r.dir.groupName(accountTarget, p.GroupName)
	case p.ServicePrincipalName != "":
		return r.dir.spToken(p.ServicePrincipalName)
	}
	return userToken(p.UserName)
}

func (r *Run) assignments(w *Workspace) string {
	return fmt.Sprintf("/api/2.0/accounts/%s/workspaces/%d/permissionassignments", r.clients.Account.api.Config.AccountID, w.ID)
}

func applyAssignment(ctx context.Context, r *Run, c plan.Change) error {
	id := c.ID
	if id == "" {
		var err error
		if id, err = r.dir.id(r.dir.account, c.Key.Name); err != nil {
			return err
		}
	}
	path := r.assignments(r.clients.Workspace(c.Key.Target)) + "/principals/" + id
	permission := c.Value(fieldPermission)
	if permission == "" {
		err := r.clients.Account.do(ctx, http.MethodDelete, path, nil, nil, nil)
		if missing(err) {
			return nil
		}
		return err
	}
	body := map[string][]string{"permissions": {permission}}
	var answer iam.PermissionAssignment
	err := r.untilKnown(ctx, notYetAssignable, func() error {
		return r.clients.Account.do(ctx, http.MethodPut, path, nil, body, &answer)
	})
	if err != nil {
		return err
	}
	if answer.Error != "" {
		return fmt.Errorf("the platform answers: %s", answer.Error)
	}
	return nil
}

// notYetAssignable is the answer for a principal that the workspace has not
// heard of yet (terraform-provider-databricks#5367).
func notYetAssignable(err error) bool {
	return strings.Contains(err.Error(), "not in workspace")
}
