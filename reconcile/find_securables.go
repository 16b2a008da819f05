package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// securable is a securable that exists.
type securable struct {
	Type   *securableType
	Name   string // full name, lower case
	Owner  string // as the API names it
	Origin *plan.Origin
	// Isolation is the isolation mode of a catalog.
	Isolation string
}

func (s *securable) label() string { return s.Type.Name + "/" + s.Name }

// metastore is what the workspace is attached to.
type metastore struct {
	ID    string
	Owner string
}

// usesCatalog tells whether anything in Unity Catalog is in scope.
func (d *Declared) usesCatalog() bool {
	owns := d.Project.Owns
	return d.Env.Account.Value != "" && len(d.Securables)+len(owns.Catalogs)+len(owns.Securables) > 0
}

func (r *Run) readMetastore(ctx context.Context) error {
	if !r.usesCatalog() {
		return nil
	}
	var answer struct {
		MetastoreID string `json:"metastore_id"`
		Owner       string `json:"owner"`
	}
	w := r.clients.catalog()
	if err := w.get(ctx, uc+"metastore_summary", nil, &answer); err != nil {
		return fmt.Errorf("read the metastore of workspace %s: %w", w.Name, explain(err, "read the metastore"))
	}
	if answer.MetastoreID == "" {
		return fmt.Errorf("read the metastore of workspace %s: the answer names none", w.Name)
	}
	r.metastore = metastore{ID: answer.MetastoreID, Owner: answer.Owner}
	return nil
}

// findSecurables brings the owned catalogs and what is in them into scope, then
// what documents name beyond that.
func (r *Run) findSecurables(ctx context.Context, f *finder) error {
	if !r.usesCatalog() {
		return nil
	}
	s := &catalogSearch{run: r, found: map[string]securable{}, listed: map[string]bool{}, catalogs: map[string]string{}}
	if err := s.owned(ctx); err != nil {
		return err
	}
	r.securables = s.found
	r.catalogOwners = map[string]string{}
	for _, sec := range s.found {
		if parts, err := spec.SplitSecurable(sec.Name); err == nil && len(parts) > 1 {
			catalog := spec.JoinSecurable(parts[0])
			r.catalogOwners[catalog] = s.catalogs[catalog]
		}
	}
	if err := r.joinOwners(ctx, s.owners()); err != nil {
		return err
	}
	return r.findDeclared(ctx, s, f)
}

// owners are those of the catalogs that hold something in scope.
func (s *catalogSearch) owners() []string {
	owners := map[string]bool{}
	for _, sec := range s.found {
		if parts, err := spec.SplitSecurable(sec.Name); err == nil {
			owners[s.catalogs[spec.JoinSecurable(parts[0])]] = true
		}
	}
	return sortedKeys(owners)
}

// notFound are the securables that documents name and no list holds, each once.
// It is asked before any look-up adds to what is found.
func (r *Run) notFound(s *catalogSearch) []securableRef {
	var out []securableRef
	seen := map[plan.Key]bool{}
	for _, ref := range r.Securables {
		if _, have := s.found[ref.Key.Name]; !have && !seen[ref.Key] {
			seen[ref.Key] = true
			out = append(out, ref)
		}
	}
	return out
}

// findDeclared looks up what documents name and no list holds.
func (r *Run) findDeclared(ctx context.Context, s *catalogSearch, f *finder) error {
	var mu sync.Mutex // guards the run's securables, the finder and mistakes
	var mistakes []error
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for _, ref := range r.notFound(s) {
		g.Go(func() error {
			sec, err := r.lookupSecurable(ctx, ref, s)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case missing(err) && ref.Required:
				mistakes = append(mistakes, spec.Errorf(ref.Pos, "%s %s does not exist, and is required", ref.Type.Name, ref.Name))
			case missing(err):
				f.wait(ref.Key, planPos(ref.Pos), "%s %s does not exist; its grants are left as they are", ref.Type.Name, ref.Name)
			case err != nil:
				f.fail(ref.Key, planPos(ref.Pos), explain(err, "read securables"))
			default:
				r.securables[ref.Key.Name] = sec
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

func (r *Run) lookupSecurable(ctx context.Context, ref securableRef, s *catalogSearch) (securable, error) {
	sec := securable{Type: ref.Type, Name: ref.Name, Origin: &plan.Origin{Pos: planPos(ref.Pos)}}
	if ref.Type.Depth == 0 {
		sec.Owner = r.metastore.Owner
		return sec, nil
	}
	listed := s.listed[ref.Type.Name+"/"+parentOf(ref.Name)] && r.Env.OwnsSecurable(ref.Type.Name, ref.Name)
	if listed && !platformMade(ref.Name) && s.showsAll(ref.Name) {
		return sec, errNotListed
	}
	var item answer
	if err := r.clients.catalog().get(ctx, ref.Type.Path+"/"+escaped(ref.Name), nil, &item); err != nil {
		return sec, err
	}
	sec.Owner, sec.Isolation = dig(item, "owner"), isolation(ref.Type, item)
	return sec, nil
}

// showsAll tells whether lists show us everything in the catalog of a name: to all
// but its owner and metastore admins they hold what the caller has access to.
func (s *catalogSearch) showsAll(name string) bool {
	parts, err := spec.SplitSecurable(name)
	return s.run.isSelf(s.run.metastore.Owner) ||
		err == nil && len(parts) > 1 && s.run.isSelf(s.catalogs[spec.JoinSecurable(parts[0])])
}

func parentOf(name string) string {
	parts, err := spec.SplitSecurable(name)
	if err != nil || len(parts) < 2 {
		return ""
	}
	return spec.JoinSecurable(parts[:len(parts)-1]...)
}

// bare is a name of one segment without backticks.
func bare(name string) string {
	if parts, err := spec.SplitSecurable(name); err == nil && len(parts) == 1 {
		return parts[0]
	}
	return name
}

// escaped is a full name in a URL: the SDK sends names as they are, and a name
// with ?, # or a space would reach another object.
func escaped(name string) string {
	parts, err := spec.SplitSecurable(name)
	if err != nil {
		return url.PathEscape(name)
	}
	if len(parts) == 1 {
		return url.PathEscape(parts[0])
	}
	return url.PathEscape(name)
}
