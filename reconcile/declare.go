package reconcile

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Declared is what the repository says about one environment: claims, and what
// must be looked up live to make them facts. It is made offline.
type Declared struct {
	Project    *spec.Project
	Env        *spec.Environment
	Names      *Names
	Catalogue  *spec.Catalogue // of data products, whatever the environment
	Uses       []spec.Use      // what products read of others
	Resources  []plan.Resource // claims only; sorted by key
	Objects    []objectRef
	Securables []securableRef
	Others     []plan.Resource         // claims of other environments on securables that this one owns too
	Leaving    map[string]*plan.Origin // principals that Removed documents take away
	Forgotten  map[string]bool         // principals that another repository takes over
	Protected  []string                // principals of guards.protected, as facts name them
	Zone       *time.Location
}

// Declaring collects what the documents of one environment declare.
type Declaring struct {
	*Declared
	Repository *spec.Repository
	resources  map[plan.Key]*plan.Resource
	authorized map[plan.Key]spec.Pos // where a target's authority was set
	origins    map[spec.Pos]*plan.Origin
	referred   map[reference]bool
	listed     map[plan.Key]bool // securables that products need
	lake       []dataClaim
	docPlaces  map[spec.Pos]*plan.Pos // see named
	document   spec.Pos               // the place of the name of the document at hand
	mistakes   []error
}

// reference is that one resource refers to another.
type reference struct{ from, to plan.Key }

// Declare reads the documents for one environment. The error holds every
// mistake, with its position and source line.
func Declare(repo *spec.Repository, environment string) (*Declared, error) {
	env, err := repo.Environment(environment)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(repo.Project.Access.Timezone.Value)
	if err != nil {
		return nil, repo.Locate(spec.Errorf(repo.Project.Access.Timezone.Pos, "unknown time zone: %v", err))
	}
	catalogue, mistakes := spec.NewCatalogue(repo.Project, repo.Entries, serviceAccesses)
	d := newDeclaring(repo, env, zone, catalogue)
	for _, m := range mistakes {
		d.mistakes = append(d.mistakes, m)
	}
	if env.Workspaces.Len() == 0 {
		d.Errorf(env.Pos, "environment %s has no workspaces: name at least one, through which it is reached", env.Name)
	}
	for _, e := range repo.Entries {
		if declare := document(e.Kind).Declare; declare != nil && e.In(env.Name) {
			d.document = e.Pos
			declare(d, e)
		}
	}
	d.checkData()
	d.protect()
	d.checkCycles()
	d.finish()
	d.others()
	return d.Declared, repo.Locate(errors.Join(d.mistakes...))
}

func newDeclaring(repo *spec.Repository, env *spec.Environment, zone *time.Location, catalogue *spec.Catalogue) *Declaring {
	d := &Declaring{
		Declared: &Declared{
			Project: repo.Project, Env: env, Zone: zone, Catalogue: catalogue,
			Leaving: map[string]*plan.Origin{}, Forgotten: map[string]bool{},
		},
		Repository: repo,
		resources:  map[plan.Key]*plan.Resource{},
		authorized: map[plan.Key]spec.Pos{},
		origins:    map[spec.Pos]*plan.Origin{},
		referred:   map[reference]bool{},
		docPlaces:  map[spec.Pos]*plan.Pos{},
		listed:     map[plan.Key]bool{},
	}
	d.Names = newNames(repo, env, catalogue, func(e *spec.Error) { d.mistakes = append(d.mistakes, e) })
	return d
}

func (d *Declaring) finish() {
	for _, r := range d.resources {
		d.Resources = append(d.Resources, *r)
	}
	slices.SortFunc(d.Resources, func(a, b plan.Resource) int { return a.Key.Compare(b.Key) })
}

// others collects what the other environments of the account declare on
// securables that both own, such as an external location; the mistakes in it are
// theirs to report.
func (d *Declaring) others() {
	for i := range d.Project.Environments.Entries {
		env := &d.Project.Environments.Entries[i].Value
		if env.Name == d.Env.Name || env.Account.Value != d.Env.Account.Value {
			continue
		}
		o := newDeclaring(d.Repository, env, d.Zone, d.Catalogue)
		for _, e := range d.Repository.Entries {
			if g, ok := e.Spec.(*Grants); ok && e.In(env.Name) && g.Grants != nil {
				o.document = e.Pos
				declareGrants(o, e)
			}
		}
		for key, res := range o.resources {
			typeName, name, _ := strings.Cut(key.Name, "/")
			if key.Kind == kindGrants && d.Env.OwnsSecurable(typeName, name) {
				d.Others = append(d.Others, *res)
			}
		}
	}
	slices.SortFunc(d.Others, func(a, b plan.Resource) int { return a.Key.Compare(b.Key) })
}

// protect resolves guards.protected; what is named there may exist elsewhere.
func (d *Declaring) protect() {
	for _, ref := range d.Project.Guards.Protected {
		if token, ok := d.resolve(ref, accountTarget); ok {
			d.Protected = append(d.Protected, token)
		}
	}
}

// Errorf reports a mistake; the rest of the document is still read.
func (d *Declaring) Errorf(pos spec.Pos, format string, args ...any) *spec.Error {
	m := spec.Errorf(pos, format, args...)
	d.mistakes = append(d.mistakes, m)
	return m
}

// applies tells whether an entry is for this environment.
func (d *Declaring) applies(environments spec.EnvNames) bool {
	return environments.Includes(d.Env.Name)
}

// resource returns the resource of that key, made at its first mention.
func (d *Declaring) resource(key plan.Key, pos spec.Pos) *plan.Resource {
	r := d.resources[key]
	if r == nil {
		r = &plan.Resource{Key: key, Origin: d.origin(pos)}
		d.resources[key] = r
	}
	return r
}

// within declares on behalf of another document, given by the place of its name.
func (d *Declaring) within(document spec.Pos, declare func()) {
	here := d.document
	d.document = document
	declare()
	d.document = here
}

// documentOf is the place of the name of the document that makes a principal.
func (d *Declaring) documentOf(p *principal) spec.Pos {
	if p.Derived != nil {
		return d.Catalogue.Document(p.Derived.Product).Pos
	}
	return p.Pos
}

// field declares a field, so that what is not claimed of it is undeclared.
func (d *Declaring) field(key plan.Key, name string) {
	r := d.resources[key]
	if !slices.ContainsFunc(r.Fields, func(f plan.Field) bool { return f.Name == name }) {
		r.Fields = append(r.Fields, plan.Field{Name: name})
	}
}

// claim says that the terms want the value, or that it must be absent.
func (d *Declaring) claim(key plan.Key, field, value string, terms spec.Terms, pos spec.Pos) {
	r := d.resources[key]
	r.Claims = append(r.Claims, plan.Claim{Field: field, Value: value, Want: !terms.Absent, Origin: d.termsOrigin(terms, pos)})
}

// claimAt is a claim without terms.
func (d *Declaring) claimAt(key plan.Key, field, value string, pos spec.Pos) {
	d.claim(key, field, value, spec.Terms{}, pos)
}

// refer says that the resource refers to a principal, which it must wait for.
func (d *Declaring) refer(key plan.Key, token string) {
	target := accountTarget
	if p := d.Names.byToken(token, key.Target); p != nil {
		target = p.target()
	}
	d.referKey(key, principalKey(target, token))
}

func (d *Declaring) referKey(key, to plan.Key) {
	if to == key || d.referred[reference{key, to}] {
		return
	}
	d.referred[reference{key, to}] = true
	r := d.resources[key]
	r.Refs = append(r.Refs, to)
}

// authority sets what happens to undeclared access of a target; one document
// per target does.
func (d *Declaring) authority(key plan.Key, a plan.Authority, pos spec.Pos) {
	r := d.resources[key]
	if pos.IsZero() {
		if _, set := d.authorized[key]; !set && (r.Authority == "" || r.Authority == plan.Merge) {
			r.Authority = a // a document that only adds says nothing against one that judges
		}
		return
	}
	if before, set := d.authorized[key]; set && before != pos {
		d.Errorf(pos, "authority of %s is set at %s already: one document decides for a target", key, before).With(before)
		return
	}
	d.authorized[key] = pos
	r.Authority = a
}

func authorityOf(t spec.Text, otherwise plan.Authority) plan.Authority {
	return cmp.Or(plan.Authority(t.Value), otherwise)
}

func (d *Declaring) origin(pos spec.Pos) *plan.Origin { return d.termsOrigin(spec.Terms{}, pos) }

func (d *Declaring) termsOrigin(t spec.Terms, pos spec.Pos) *plan.Origin {
	if o := d.origins[pos]; o != nil {
		return o
	}
	o := &plan.Origin{Pos: planPos(pos), Doc: d.named(d.document), Reason: reasonOf(t)}
	if !t.From.IsZero() {
		o.From = t.From.Start(d.Zone)
	}
	if !t.Expires.IsZero() {
		o.Until = t.Expires.End(d.Zone)
	}
	d.origins[pos] = o
	return o
}

// named is the place of a document's name, one for all its entries.
func (d *Declaring) named(document spec.Pos) *plan.Pos {
	if d.docPlaces[document] == nil {
		at := planPos(document)
		d.docPlaces[document] = &at
	}
	return d.docPlaces[document]
}

// reasonOf is why an entry is there, in the words that it has.
func reasonOf(t spec.Terms) string { return cmp.Or(t.Justification.Value, t.Ticket.Value) }

func planPos(p spec.Pos) plan.Pos { return plan.Pos{File: p.File, Line: p.Line, Col: p.Col} }

func specPos(p plan.Pos) spec.Pos { return spec.Pos{File: p.File, Line: p.Line, Col: p.Col} }
