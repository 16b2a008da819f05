package reconcile

import (
	"context"
	"fmt"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// walkOwned brings what globs of paths own into scope: it lists the folders
// below the part of the glob that is plain, one request each.
func (r *Run) walkOwned(ctx context.Context) error {
	for _, o := range r.Project.Owns.Objects {
		t, ok := findObjectType(o.Type.Value)
		for _, w := range r.Env.Workspaces.Keys() {
			if !ok || !strings.Contains(o.Path.Value, "*") || o.Workspace.Value != "*" && o.Workspace.Value != w {
				continue
			}
			glob, err := r.Env.Expand(o.Path.Pos, o.Path.Value, w)
			if err != nil {
				return err
			}
			before, _, _ := strings.Cut(glob, "*")
			walk := pathWalk{run: r, workspace: r.clients.Workspace(w), typ: t, glob: glob, pos: o.Pos}
			if err := walk.folder(ctx, cleanPath(before[:strings.LastIndexByte(before, '/')+1])); err != nil {
				return err
			}
		}
	}
	return nil
}

// pathWalk looks for the objects of one type whose paths match a glob.
type pathWalk struct {
	run       *Run
	workspace *Workspace
	typ       *objectType
	glob      string
	pos       spec.Pos
}

func (p *pathWalk) folder(ctx context.Context, path string) error {
	var answer answer
	err := p.workspace.get(ctx, "/api/2.0/workspace/list", map[string]any{"path": path}, &answer)
	if missing(err) {
		return nil // the folder that a glob begins in need not be there
	}
	if err != nil {
		return fmt.Errorf("list %s in workspace %s: %w", path, p.workspace.Name, explain(err, "list objects"))
	}
	items, err := answer.items("objects")
	if err != nil {
		return fmt.Errorf("list %s in workspace %s: %w", path, p.workspace.Name, err)
	}
	for _, item := range items {
		at := dig(item, "path")
		if at == lockFolder {
			continue // ours, and nobody's access
		}
		if err := p.visit(item, at); err != nil {
			return fmt.Errorf("list %s in workspace %s: %w", path, p.workspace.Name, err)
		}
		if dig(item, "object_type") == workspaceTypes["directories"] && at != path {
			if err := p.folder(ctx, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// visit notes an item that is of the type and matches.
func (p *pathWalk) visit(item map[string]any, path string) error {
	if dig(item, "object_type") != workspaceTypes[p.typ.Name] || !spec.MatchName(p.glob, path) {
		return nil
	}
	ref := objectRef{Type: p.typ, Workspace: p.workspace.Name, Path: path}.keyed()
	field := "object_id"
	if p.typ.Name == "dashboards" {
		field = "resource_id"
	}
	id := dig(item, field)
	if id == "" || id == "0" {
		return fmt.Errorf("%s has no %s", path, field)
	}
	if _, known := p.run.objects[ref.Key]; !known {
		p.run.objects[ref.Key] = object{
			Type: p.typ, Workspace: p.workspace.Name, ID: id, Name: ref.label(), Origin: &plan.Origin{Pos: planPos(p.pos)},
		}
	}
	return nil
}
