package reconcile

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// catalogSearch lists level by level: catalogs, their schemas, what is in these.
type catalogSearch struct {
	run *Run

	mu     sync.Mutex // guards what follows while lists are read
	found  map[string]securable
	listed map[string]bool // "type/parent": everything that we may see has been seen
	// catalogs are the owners of all catalogs, as the API names them.
	catalogs map[string]string
}

// owned lists down to what owns patterns can match, and no further.
func (s *catalogSearch) owned(ctx context.Context) error {
	if s.looksInCatalogs() {
		catalogs, err := s.each(ctx, []securable{{}}, func(securable) []query { return []query{{typ: "catalog"}} })
		if err != nil {
			return err
		}
		schemas, err := s.each(ctx, catalogs, s.inCatalog)
		if err != nil {
			return err
		}
		if _, err := s.each(ctx, schemas, s.inSchema); err != nil {
			return err
		}
	}
	types := map[string]bool{}
	for _, o := range s.run.Project.Owns.Securables {
		if t, ok := findSecurableType(o.Type.Value); ok && t.Depth == 1 && t.Name != "catalog" {
			types[t.Name] = true
		}
	}
	_, err := s.each(ctx, []securable{{}}, func(securable) []query {
		var out []query
		for _, t := range sortedKeys(types) {
			out = append(out, query{typ: t})
		}
		return out
	})
	return err
}

// looksInCatalogs tells whether a catalog, or what is in one, can be owned.
func (s *catalogSearch) looksInCatalogs() bool {
	owns := s.run.Project.Owns
	return len(owns.Catalogs) > 0 || slices.ContainsFunc(owns.Securables, func(o spec.OwnedSecurable) bool {
		t, ok := findSecurableType(o.Type.Value)
		return ok && (t.Name == "catalog" || t.Depth > 1)
	})
}

// query is one list call: a type, its parameters, and the parent it is about.
type query struct {
	typ    string
	params map[string]any
	parent string
}

func (s *catalogSearch) inCatalog(catalog securable) []query {
	if !slices.ContainsFunc(append([]string{"schema"}, leafTypes...), func(t string) bool { return s.mayOwn(t, catalog.Name) }) {
		return nil
	}
	return []query{{"schema", map[string]any{"catalog_name": bare(catalog.Name)}, catalog.Name}}
}

func (s *catalogSearch) inSchema(schema securable) []query {
	parts, err := spec.SplitSecurable(schema.Name)
	if err != nil || len(parts) != 2 {
		return nil
	}
	var out []query
	for _, t := range leafTypes {
		if s.mayOwn(t, schema.Name) {
			out = append(out, query{t, map[string]any{"catalog_name": parts[0], "schema_name": parts[1]}, schema.Name})
		}
	}
	return out
}

// mayOwn tells whether something of a type in a catalog or schema can be owned:
// with all that is in it, or by a pattern that begins like it.
func (s *catalogSearch) mayOwn(typ, parent string) bool {
	parts, err := spec.SplitSecurable(parent)
	if err != nil || len(parts) > 1 && strings.EqualFold(parts[1], "information_schema") {
		return false
	}
	t, _ := findSecurableType(typ)
	anything := slices.Clone(parts)
	for len(anything) < t.Depth {
		anything = append(anything, "\x00any")
	}
	if s.run.Env.OwnsSecurable(typ, spec.JoinSecurable(anything...)) {
		return true
	}
	return slices.ContainsFunc(s.run.Project.Owns.Securables, func(o spec.OwnedSecurable) bool {
		if of, ok := findSecurableType(o.Type.Value); !ok || of != t {
			return false
		}
		globs, err := s.run.Env.Securables(o.Name.Pos, o.Type.Value, o.Name.Value)
		return err == nil && slices.ContainsFunc(globs, func(glob string) bool { return beginsLike(glob, parts) })
	})
}

// beginsLike tells whether the first segments of a glob match a name.
func beginsLike(glob string, parts []string) bool {
	segments, err := spec.SplitSecurable(glob)
	return err == nil && len(segments) > len(parts) &&
		spec.MatchSecurable(spec.JoinSecurable(segments[:len(parts)]...), spec.JoinSecurable(parts...))
}

// each runs the lists of every parent at once and returns what they hold,
// owned or not.
func (s *catalogSearch) each(ctx context.Context, parents []securable, queries func(securable) []query) ([]securable, error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.run.Options.concurrency())
	var all []securable
	for _, p := range parents {
		for _, q := range queries(p) {
			g.Go(func() error {
				items, err := s.list(ctx, q.typ, q.params)
				if err != nil {
					return err
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				all = append(all, items...)
				s.note(items, q.typ, q.parent)
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b securable) int { return strings.Compare(a.label(), b.label()) })
	return all, nil
}

// note keeps what is owned of a list.
func (s *catalogSearch) note(items []securable, typ, parent string) {
	s.listed[typ+"/"+parent] = true
	for _, i := range items {
		if i.Origin != nil {
			s.found[i.label()] = i
		}
		if i.Type.Name == "catalog" {
			s.catalogs[i.Name] = i.Owner
		}
	}
}

// list follows the pages of one list and leaves out what the platform made. Pages
// may be empty and still lead on.
func (s *catalogSearch) list(ctx context.Context, typ string, params map[string]any) ([]securable, error) {
	t, _ := findSecurableType(typ)
	w := s.run.clients.catalog()
	query := map[string]any{"max_results": 0}
	if t.PageSize > 0 {
		query = map[string]any{"page_size": t.PageSize}
	}
	for k, v := range params {
		query[k] = v
	}
	if t.Name == "table" {
		query["omit_columns"], query["omit_properties"] = true, true
	}
	var out []securable
	tokens := pageTokens{}
	for {
		var page answer
		if err := w.get(ctx, t.Path, query, &page); err != nil {
			return nil, fmt.Errorf("list %ss: %w", t.Name, explain(err, "list securables"))
		}
		items, err := page.items(t.Items)
		if err != nil {
			return nil, fmt.Errorf("list %ss: %w", t.Name, err)
		}
		if err := s.run.layerClash(t, items); err != nil {
			return nil, err
		}
		for _, item := range items {
			sec := s.run.securable(t, item)
			if sec.Name == "" {
				return nil, fmt.Errorf("list %ss: an item has no name, or not that of what it is in", t.Name)
			}
			if !platformMade(sec.Name) {
				out = append(out, sec)
			}
		}
		token := dig(page, "next_page_token")
		if token == "" {
			return out, nil
		}
		if err := tokens.follow(token); err != nil {
			return nil, fmt.Errorf("list %ss: %w", t.Name, err)
		}
		query["page_token"] = token
	}
}

// securable is an item of a list; its origin is the line that owns it.
func (r *Run) securable(t *securableType, item map[string]any) securable {
	s := securable{Type: t, Name: fullName(t, item), Owner: dig(item, "owner"), Isolation: isolation(t, item)}
	if pos, owned := r.Env.OwnedAt(t.Name, s.Name); owned {
		s.Origin = &plan.Origin{Pos: planPos(pos)}
	}
	return s
}

// fullName joins the parts of a name, since the API's own full name does not
// tell dots in parts from dots between them.
func fullName(t *securableType, item map[string]any) string {
	parts := []string{dig(item, "name")}
	if t.Depth >= 2 {
		parts = []string{dig(item, "catalog_name"), dig(item, "name")}
	}
	if t.Depth == 3 {
		parts = []string{dig(item, "catalog_name"), dig(item, "schema_name"), dig(item, "name")}
	}
	if slices.Contains(parts, "") {
		return ""
	}
	return strings.ToLower(spec.JoinSecurable(parts...))
}

// eventLog is the table of a pipeline's events, which ends in the pipeline's id.
var eventLog = regexp.MustCompile("^`?event_log_[0-9a-f]{8}([_-][0-9a-f]{4}){3}[_-][0-9a-f]{12}`?$")

// platformMade are the tables that Databricks keeps beside pipelines and
// materialized views.
func platformMade(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return strings.HasPrefix(last, "__materialization_") || strings.HasPrefix(last, "__apply_changes_storage_") ||
		eventLog.MatchString(last) || strings.HasPrefix(name, "__databricks_internal")
}
