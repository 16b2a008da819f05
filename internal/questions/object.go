package questions

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Object is what a question is about.
type Object struct {
	Type  string     // of the securable or object; workspace or account
	Label string     // table gold_prd.sales.orders
	Keys  []plan.Key // one; of workspaces and accounts one for each kind of access
	Notes []string
}

// Object finds the object that a text means: a securable by its full name, type:name,
// workspace/type:name, the name of a workspace, account or metastore.
func (w *World) Object(text string) (Object, error) {
	text = strings.TrimSpace(text)
	switch text {
	case "":
		return Object{}, errors.New("on what? name an object: catalog.schema.table, warehouse:NAME, a workspace, account or metastore")
	case account:
		return w.account(), nil
	case metastore:
		return w.one(plan.Key{Kind: kindGrants, Target: metastore, Name: metastoreName}), nil
	}
	if at, rest, ok := strings.Cut(text, "/"); ok && slices.Contains(w.Env.Workspaces.Keys(), at) && typed.MatchString(rest) {
		return w.typed(rest, at)
	}
	if typed.MatchString(text) {
		return w.typed(text, "")
	}
	return w.bare(text)
}

// typed is a type before the first colon, outside of backticks.
var typed = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*:`)

func (w *World) one(key plan.Key) Object {
	typ, _, _ := strings.Cut(key.Name, "/")
	return Object{Type: typ, Label: w.label(key), Keys: []plan.Key{key}}
}

func (w *World) account() Object {
	return Object{Type: account, Label: "the account", Keys: []plan.Key{{Kind: kindRoles, Target: account}}}
}

func (w *World) workspace(name string) Object {
	return Object{Type: workspace, Label: "workspace " + name, Keys: []plan.Key{
		{Kind: kindAssignment, Target: name}, {Kind: kindEntitlements, Target: name}, {Kind: kindRoles, Target: name},
	}}
}

// typed finds type:name, in one workspace where that is named.
func (w *World) typed(text, in string) (Object, error) {
	word, name, _ := strings.Cut(text, ":")
	word = strings.ToLower(word)
	if name == "" {
		return Object{}, fmt.Errorf("%q names no object: write %s:NAME", text, word)
	}
	if word == workspace {
		return w.theWorkspace(name)
	}
	live := spec.LiveType(strings.ReplaceAll(word, "-", "_"))
	if slices.Contains(w.Platform.Securables, live) {
		if in != "" {
			return Object{}, fmt.Errorf("a %s is in no workspace: leave %s/ out", live, in)
		}
		return w.securable([]string{live}, name)
	}
	dashed := strings.ReplaceAll(word, "_", "-")
	i := slices.IndexFunc(w.Platform.Objects, func(t string) bool { return t == dashed || singular(t) == dashed })
	if i < 0 {
		types := slices.Concat(w.Platform.Securables, []string{workspace})
		for _, t := range w.Platform.Objects {
			types = append(types, singular(t))
		}
		return Object{}, fmt.Errorf("unknown type %q of an object%s; there are %s", word, meant(word, types), strings.Join(types, ", "))
	}
	return w.inWorkspace(w.Platform.Objects[i], name, in)
}

// singular is the type of one object, as people call it.
func singular(typ string) string {
	if s, ok := strings.CutSuffix(typ, "ies"); ok {
		return s + "y"
	}
	return strings.TrimSuffix(typ, "s")
}

func (w *World) theWorkspace(name string) (Object, error) {
	if all := w.Env.Workspaces.Keys(); !slices.Contains(all, name) {
		return Object{}, fmt.Errorf("environment %s has no workspace %q%s; it has %s", w.Env.Name, name, meant(name, all), strings.Join(all, ", "))
	}
	return w.workspace(name), nil
}

// bare finds a full name without a type, or a workspace.
func (w *World) bare(text string) (Object, error) {
	parts, err := spec.SplitSecurable(text)
	if err != nil {
		return Object{}, fmt.Errorf("%w; other objects are named by their type: warehouse:NAME", err)
	}
	types := [][]string{{"catalog"}, {"schema"}, {"table", "volume", "function", "model"}}
	if len(parts) > len(types) {
		return Object{}, fmt.Errorf("%q has %d segments: write catalog, catalog.schema or catalog.schema.name, and names with dots in backticks", text, len(parts))
	}
	if len(parts) > 1 || !slices.Contains(w.Env.Workspaces.Keys(), text) {
		return w.securable(types[len(parts)-1], text)
	}
	if found, _ := w.candidates(types[0], text); len(w.inState(found)) > 0 {
		return Object{}, fmt.Errorf("%q is a catalog and a workspace: say catalog:%s or workspace:%s", text, text, text)
	}
	return w.workspace(text), nil
}

// candidates are the keys that a full name can have. A layer stands for each of its
// catalogs.
func (w *World) candidates(types []string, name string) ([]plan.Key, error) {
	var keys []plan.Key
	for _, t := range types {
		if w.Platform.Segments(t) == 0 {
			return nil, fmt.Errorf("there is one %s: leave its name out", t)
		}
		names, err := w.Env.Securables(spec.Pos{}, t, name)
		if err != nil {
			var mistake *spec.Error
			if errors.As(err, &mistake) {
				return nil, errors.New(mistake.Msg)
			}
			return nil, err
		}
		for _, n := range names {
			keys = append(keys, plan.Key{Kind: kindGrants, Target: metastore, Name: t + "/" + n})
		}
	}
	return keys, nil
}

func (w *World) securable(types []string, name string) (Object, error) {
	keys, err := w.candidates(types, name)
	if err != nil {
		return Object{}, err
	}
	what := types[0]
	if len(types) > 1 {
		what = strings.Join(types[:len(types)-1], ", ") + " or " + types[len(types)-1]
	}
	return w.choose(keys, what, name)
}

// inWorkspace finds an object of a workspace, of any where none is named.
func (w *World) inWorkspace(typ, name, in string) (Object, error) {
	places := []string{in}
	if in == "" {
		places = w.Env.Workspaces.Keys()
	}
	var keys []plan.Key
	for _, p := range places {
		full, err := w.Env.Expand(spec.Pos{}, name, p)
		if err != nil {
			full = name // braces of its own
		}
		if len(full) > 1 {
			full = strings.TrimPrefix(strings.TrimSuffix(full, "/"), "/")
		}
		key := plan.Key{Kind: kindPermissions, Target: p, Name: typ + "/" + full}
		keys = append(keys, append(w.numbered(key), key)...)
	}
	return w.choose(keys, singular(typ), name)
}

// numbered are the objects of a key's name where several have it: they have their
// ids behind it.
func (w *World) numbered(key plan.Key) []plan.Key {
	var out []plan.Key
	for _, k := range w.Access.Objects() {
		if k.Kind == key.Kind && k.Target == key.Target && strings.HasPrefix(k.Name, key.Name+"#") {
			out = append(out, k)
		}
	}
	return out
}

// choose takes the one key that the state has. Of what it does not have, live is
// asked: what is out of scope inherits, what does not exist is a mistake.
func (w *World) choose(keys []plan.Key, what, name string) (Object, error) {
	found := w.inState(keys)
	var doubts []string
	if len(found) == 0 && w.Exists != nil {
		for _, k := range keys {
			switch ok, err := w.Exists(k); {
			case err != nil:
				doubts = append(doubts, fmt.Sprintf("Whether there is a %s could not be found out: %v.", w.label(k), err))
			case ok:
				found = append(found, k)
			}
		}
		if len(found) == 0 && len(doubts) == 0 {
			return Object{}, fmt.Errorf("there is no %s %q in %s%s", what, name, w.Env.Name, meant(name, w.similar(keys[0])))
		}
		for _, k := range found {
			doubts = append(doubts, fmt.Sprintf("%s exists and is out of scope (owns): who has access on itself was not read, and the answer is what it inherits.", sentence(w.label(k))))
		}
	}
	switch {
	case len(found) > 1:
		return Object{}, fmt.Errorf("%q could be %s: say which", name, strings.Join(w.asked(found), " or "))
	case len(found) == 1:
		o := w.one(found[0])
		o.Notes = doubts
		return o, nil
	case len(doubts) == 0:
		doubts = []string{fmt.Sprintf("The repository says nothing about %s itself%s: the answer is what it inherits.", w.label(keys[0]), meant(name, w.similar(keys[0])))}
	}
	o := w.one(keys[0])
	o.Notes = doubts
	return o, nil
}

// inState are the keys that the state has.
func (w *World) inState(keys []plan.Key) []plan.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k plan.Key) bool { return !w.Access.Has(k) })
}

// similar are the names of what is of the same type, or of securables of any.
func (w *World) similar(key plan.Key) []string {
	typ, _, _ := strings.Cut(key.Name, "/")
	var out []string
	for _, k := range w.Access.Objects() {
		t, name, ok := strings.Cut(k.Name, "/")
		if ok && k.Kind == key.Kind && (t == typ || w.inSchema(t) && w.inSchema(typ)) {
			out = append(out, name)
		}
	}
	return out
}

func (w *World) inSchema(typ string) bool { return w.Platform.Segments(typ) == 3 }

// asked are keys as a question names them.
func (w *World) asked(keys []plan.Key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		typ, name, _ := strings.Cut(k.Name, "/")
		out[i] = typ + ":" + name
		if k.Kind == kindPermissions {
			out[i] = k.Target + "/" + singular(typ) + ":" + name
		}
	}
	return out
}

// label names an object in a sentence.
func (w *World) label(k plan.Key) string {
	typ, name, _ := strings.Cut(k.Name, "/")
	switch k.Kind {
	case kindGrants, kindOwner:
		if k.Name == metastoreName {
			return "the metastore"
		}
		return strings.ReplaceAll(typ, "_", " ") + " " + name
	case kindPermissions:
		if slices.Contains([]string{"directories", "files", "notebooks", "repos"}, typ) && !strings.HasPrefix(name, "#") {
			name = "/" + strings.TrimPrefix(name, "/")
		}
		label := strings.ReplaceAll(singular(typ), "-", " ") + " " + name
		if w.Env.Workspaces.Len() > 1 {
			label += " in " + k.Target
		}
		return label
	case kindGroup:
		label := "group " + k.Name
		if k.Target != account {
			label += " of workspace " + k.Target
		}
		return label
	}
	if k.Target == account {
		return "the account"
	}
	return "workspace " + k.Target
}

// sentence begins a text in upper case.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
