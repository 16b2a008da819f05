package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// listing is one type's inventory in one workspace.
type listing struct {
	workspace *Workspace
	typ       *objectType
	items     []object
	named     map[string][]int // positions in items by name
	at        map[string]int   // position by id
}

// index finds the items by name and by id.
func (l *listing) index() {
	l.named, l.at = map[string][]int{}, map[string]int{}
	for i, o := range l.items {
		l.named[o.Name] = append(l.named[o.Name], i)
		l.at[o.ID] = i
	}
}

// find returns the objects that a document means.
func (l *listing) find(ref objectRef) []object {
	var out []object
	if ref.ID != "" {
		if i, ok := l.at[ref.ID]; ok {
			out = append(out, l.items[i])
		}
		return out
	}
	for _, i := range l.named[ref.Name] {
		out = append(out, l.items[i])
	}
	return out
}

// inventories are the lists that names in documents and owns patterns need.
func (r *Run) inventories() []*listing {
	type need struct {
		workspace string
		typ       *objectType
	}
	seen := map[need]*listing{}
	add := func(workspace string, t *objectType) {
		n := need{workspace, t}
		if t.List.Path != "" && seen[n] == nil {
			seen[n] = &listing{workspace: r.clients.Workspace(workspace), typ: t}
		}
	}
	for _, ref := range r.Objects {
		if ref.Path == "" {
			add(ref.Workspace, ref.Type)
		}
	}
	for _, o := range r.Project.Owns.Objects {
		t, ok := findObjectType(o.Type.Value)
		for _, w := range r.Env.Workspaces.Keys() {
			if ok && !o.Name.IsZero() && (o.Workspace.Value == "*" || o.Workspace.Value == w) {
				add(w, t)
			}
		}
	}
	var out []*listing
	for _, l := range seen {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b *listing) int {
		if c := strings.Compare(a.workspace.Name, b.workspace.Name); c != 0 {
			return c
		}
		return strings.Compare(a.typ.Name, b.typ.Name)
	})
	return out
}

// key is how facts call a listed object: by its name, and by its id too where
// several have the name.
func (l *listing) key(o object) plan.Key {
	name := o.Name
	if name == "" || len(l.named[name]) > 1 {
		name += "#" + o.ID
	}
	return plan.Key{Kind: kindPermissions, Target: l.workspace.Name, Name: l.typ.Name + "/" + name}
}

// inventory lists a type to the end. A failed page fails the list: half of it
// would make the other half look deleted.
func (w *Workspace) inventory(ctx context.Context, t *objectType) ([]object, error) {
	out, err := w.pages(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("list %s in workspace %s: %w", t.Name, w.Name, err)
	}
	slices.SortFunc(out, func(a, b object) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func (w *Workspace) pages(ctx context.Context, t *objectType) ([]object, error) {
	var out []object
	query := maps.Clone(t.List.Query)
	if query == nil {
		query = map[string]any{}
	}
	tokens, seen := pageTokens{}, map[string]bool{}
	for page := 1; ; page++ {
		if t.List.Pages {
			query["page"] = page
		}
		var answer answer
		if err := w.get(ctx, t.List.Path, query, &answer); err != nil {
			return nil, explain(err, "list objects")
		}
		items, err := answer.items(t.List.Items)
		if err != nil {
			return nil, err
		}
		before := len(out)
		for _, fields := range items {
			o := object{Type: t, Workspace: w.Name, ID: dig(fields, t.List.ID), Name: dig(fields, t.List.Name), Creator: dig(fields, t.List.By)}
			if o.ID == "" {
				return nil, fmt.Errorf("an item has no %s", t.List.ID)
			}
			if !seen[o.ID] {
				seen[o.ID] = true
				out = append(out, o)
			}
		}
		token := dig(answer, "next_page_token")
		switch {
		case token != "":
			if err := tokens.follow(token); err != nil {
				return nil, err
			}
			query["page_token"] = token
		case !t.List.Pages || len(items) == 0:
			return out, nil
		case len(out) == before:
			return nil, fmt.Errorf("the list repeats: page %d holds nothing new", page)
		}
	}
}
