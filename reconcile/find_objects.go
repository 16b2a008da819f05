package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// object is a workspace object that exists.
type object struct {
	Type      *objectType
	Workspace string
	ID        string
	Name      string // its name, or its path
	Creator   string
	Origin    *plan.Origin // what brought it into scope
}

// findObjects resolves names, ids and paths to objects, with one list per type
// and workspace in scope and one request per path.
func (r *Run) findObjects(ctx context.Context, f *finder) error {
	lists := r.inventories()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for _, l := range lists {
		g.Go(func() (err error) {
			l.items, err = l.workspace.inventory(gctx, l.typ)
			l.index()
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var mistakes []error
	for _, l := range lists {
		r.ownedObjects(l)
	}
	for _, ref := range r.Objects {
		if err := r.findListed(ref, lists, f); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	if err := r.walkOwned(ctx); err != nil {
		return err
	}
	mistakes = append(mistakes, r.findByRequest(ctx, f))
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	return r.oneNameEach()
}

// oneNameEach sees to it that an object has one key, whatever ways lead to it: a
// dashboard has a name and a path. What only owns patterns found goes by the
// name that a document uses; two documents must use the same.
func (r *Run) oneNameEach() error {
	type identity struct {
		workspace, typ, id string
	}
	declared := map[plan.Key]spec.Pos{}
	for i := range r.Resources {
		declared[r.Resources[i].Key] = specPos(r.Resources[i].Origin.Pos)
	}
	keys := map[identity]plan.Key{}
	var mistakes []error
	for _, k := range sortedObjects(r.objects) {
		o := r.objects[k]
		i := identity{o.Workspace, o.Type.Name, o.ID}
		first, twice := keys[i]
		here, isDeclared := declared[k]
		there, wasDeclared := declared[first]
		switch {
		case !twice:
			keys[i] = k
		case isDeclared && wasDeclared:
			mistakes = append(mistakes, spec.Errorf(here, "%s is the object that %s calls %s: name it in one way", k.Name, there, first.Name))
		case isDeclared:
			delete(r.objects, first)
			keys[i] = k
		default:
			delete(r.objects, k)
		}
	}
	return errors.Join(mistakes...)
}

func sortedObjects(objects map[plan.Key]object) []plan.Key {
	return slices.SortedFunc(maps.Keys(objects), plan.Key.Compare)
}

// ownedObjects brings what owns patterns cover into scope, declared or not.
func (r *Run) ownedObjects(l *listing) {
	for _, o := range l.items {
		ref := objectRef{Type: l.typ, Workspace: l.workspace.Name, Name: o.Name}
		if i := r.ownedBy(&ref); i >= 0 {
			o.Origin = &plan.Origin{Pos: planPos(r.Project.Owns.Objects[i].Pos)}
			r.objects[l.key(o)] = o
		}
	}
}

// findListed finds an object that a document names by name or id.
func (r *Run) findListed(ref objectRef, lists []*listing, f *finder) error {
	i := slices.IndexFunc(lists, func(l *listing) bool { return l.workspace.Name == ref.Workspace && l.typ == ref.Type })
	if i < 0 || ref.Path != "" {
		return nil // looked up on its own
	}
	found := lists[i].find(ref)
	switch len(found) {
	case 0:
		return r.absent(ref, f)
	case 1:
		return r.found(ref, found[0], lists[i].key(found[0]))
	}
	ids := make([]string, len(found))
	for i, o := range found {
		ids[i] = o.ID
	}
	return spec.Errorf(ref.Pos, "%d %s in workspace %s are called %q: say which with id, one of %s", len(found), ref.Type.Name, ref.Workspace, ref.Name, list(ids))
}

// absent is a declared object that is not there: waited for, unless required.
func (r *Run) absent(ref objectRef, f *finder) error {
	if ref.Undeclared {
		return nil
	}
	what := fmt.Sprintf("%s %s does not exist in workspace %s", ref.Type.Name, ref.label(), ref.Workspace)
	if listed := ref.Path == "" && ref.Type.List.Path != ""; listed && !r.clients.Self.Admin[ref.Workspace] {
		what = fmt.Sprintf("%s %s is not in the list that %s may see in workspace %s", ref.Type.Name, ref.label(), r.clients.Self.Name, ref.Workspace)
	}
	if ref.Required {
		return spec.Errorf(ref.Pos, "%s, and is required", what)
	}
	f.wait(ref.Key, planPos(ref.Pos), "%s; its permissions are left as they are", what)
	return nil
}

// found notes where an object is, and re-keys the claims on one that its
// document names by id.
func (r *Run) found(ref objectRef, o object, key plan.Key) error {
	r.objects[key] = o
	if ref.Name != "" {
		return nil
	}
	ref.Name = o.Name
	for i := range r.Resources {
		if r.Resources[i].Key == ref.Key {
			r.Resources[i].Key = key
			return r.mayJudge(&ref, r.Resources[i].Authority)
		}
	}
	return nil
}

// findByRequest finds what no list holds: paths, fixed ids and names that only
// a request of their own turns into ids.
func (r *Run) findByRequest(ctx context.Context, f *finder) error {
	var refs []objectRef
	for _, ref := range r.Objects {
		if ref.Path != "" || ref.Type.List.Path == "" {
			refs = append(refs, ref)
		}
	}
	refs = append(refs, r.ownSingles()...)
	var mu sync.Mutex // guards the run's maps, the finder and mistakes
	var mistakes []error
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	seen := map[plan.Key]bool{}
	for _, ref := range refs {
		if seen[ref.Key] {
			continue
		}
		seen[ref.Key] = true
		g.Go(func() error {
			o, err := r.lookup(ctx, ref)
			mu.Lock()
			defer mu.Unlock()
			var mistake *spec.Error
			switch {
			case errors.As(err, &mistake):
				mistakes = append(mistakes, err)
			case missing(err):
				if err := r.absent(ref, f); err != nil {
					mistakes = append(mistakes, err)
				}
			case err != nil:
				f.fail(ref.Key, planPos(ref.Pos), explain(err, "find objects"))
			default:
				r.objects[ref.Key] = o
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	slices.SortFunc(f.warnings, func(a, b plan.Warning) int { return a.Pos.Compare(b.Pos) })
	return errors.Join(mistakes...)
}

// ownSingles are the paths and the fixed ids that owns patterns name.
func (r *Run) ownSingles() []objectRef {
	var refs []objectRef
	for _, o := range r.Project.Owns.Objects {
		t, ok := findObjectType(o.Type.Value)
		for _, w := range r.Env.Workspaces.Keys() {
			if !ok || o.Workspace.Value != "*" && o.Workspace.Value != w {
				continue
			}
			ref := objectRef{Type: t, Workspace: w, Pos: o.Pos, Undeclared: true}
			path, err := r.Env.Expand(o.Path.Pos, o.Path.Value, w)
			if err == nil && path != "" && !strings.Contains(path, "*") {
				ref.Path = cleanPath(path)
				refs = append(refs, ref.keyed())
			}
			for _, id := range t.Fixed {
				if !o.Name.IsZero() && spec.MatchName(o.Name.Value, id) {
					ref.ID, ref.Name = id, id
					refs = append(refs, ref.keyed())
				}
			}
		}
	}
	return refs
}

func (r objectRef) keyed() objectRef {
	r.Key = plan.Key{Kind: kindPermissions, Target: r.Workspace, Name: r.Type.Name + "/" + r.label()}
	return r
}

func (r *Run) lookup(ctx context.Context, ref objectRef) (object, error) {
	o := object{Type: ref.Type, Workspace: ref.Workspace, ID: ref.ID, Name: ref.label(), Origin: &plan.Origin{Pos: planPos(ref.Pos)}}
	w := r.clients.Workspace(ref.Workspace)
	switch {
	case ref.Path != "":
		id, err := w.pathID(ctx, ref)
		o.ID = id
		return o, err
	case ref.ID == "":
		var answer answer
		if err := w.get(ctx, ref.Type.Lookup.Path, map[string]any{"name": ref.Name}, &answer); err != nil {
			return o, err
		}
		if o.ID = dig(answer, ref.Type.Lookup.ID); o.ID == "" {
			return o, fmt.Errorf("find %s %s: the answer has no %s", ref.Type.Name, ref.Name, ref.Type.Lookup.ID)
		}
	}
	return o, nil
}

// workspaceTypes is how get-status calls what the permissions API calls otherwise.
var workspaceTypes = map[string]string{
	"directories": "DIRECTORY", "notebooks": "NOTEBOOK", "files": "FILE", "repos": "REPO", "dashboards": "DASHBOARD",
}

// pathID asks for the id of a path: that of the tree, or of the dashboard.
func (w *Workspace) pathID(ctx context.Context, ref objectRef) (string, error) {
	var answer struct {
		ObjectID   int64  `json:"object_id"`
		ObjectType string `json:"object_type"`
		ResourceID string `json:"resource_id"`
	}
	if err := w.get(ctx, "/api/2.0/workspace/get-status", map[string]any{"path": ref.Path}, &answer); err != nil {
		return "", err
	}
	if answer.ObjectType != workspaceTypes[ref.Type.Name] {
		return "", spec.Errorf(ref.Pos, "%s is a %s, not one of the %s", ref.Path, strings.ToLower(answer.ObjectType), ref.Type.Name)
	}
	switch {
	case ref.Type.Name == "dashboards" && answer.ResourceID == "":
		return "", fmt.Errorf("find %s: the answer has no resource_id", ref.Path)
	case ref.Type.Name == "dashboards":
		return answer.ResourceID, nil
	case answer.ObjectID == 0 && ref.Path != "/": // the root alone has the id 0
		return "", fmt.Errorf("find %s: the answer has no object_id", ref.Path)
	}
	return strconv.FormatInt(answer.ObjectID, 10), nil
}

// fail holds back the changes to something that could not be read.
func (f *finder) fail(key plan.Key, pos plan.Pos, err error) {
	f.hold(key, err.Error())
	f.held = append(f.held, plan.Held{Key: key, Origin: &plan.Origin{Pos: pos}, Reason: err.Error(), Failed: true})
}
