package spec

import (
	"slices"
	"strings"
)

// segments is the number of segments in the full name of a securable that is
// in a catalog, or is one. Securables of other types have names of their own,
// whose first segment is never a layer.
var segments = map[string]int{
	"catalog": 1, "schema": 2,
	"table": 3, "view": 3, "materialized_view": 3, "streaming_table": 3,
	"volume": 3, "function": 3, "procedure": 3, "model": 3, "registered_model": 3,
}

// Securable is the live full name of a securable: its placeholders are filled
// in, a bare layer as its first segment means that layer's catalog, and it is
// in lower case. typ is the type as in the specs, such as external_location.
func (e *Environment) Securable(pos Pos, typ, name string) (string, error) {
	names, err := e.securables(pos, typ, name)
	if err != nil {
		return "", err
	}
	return names[0], nil
}

// Securables is like Securable, for globs: a layer stands for each catalog in
// its list.
func (e *Environment) Securables(pos Pos, typ, glob string) ([]string, error) {
	return e.securables(pos, typ, glob)
}

func (e *Environment) securables(pos Pos, typ, name string) ([]string, error) {
	parts, err := splitSecurable(name)
	if err != nil {
		return nil, Errorf(pos, "%s", err)
	}
	want, inCatalog := segments[strings.ToLower(typ)]
	if inCatalog && len(parts) != want {
		form := []string{"catalog", "schema", "name"}[:want]
		return nil, Errorf(pos, "%q is no name of a %s; write %s", name, typ, strings.Join(form, "."))
	}
	firsts := parts[:1]
	if inCatalog {
		firsts = e.catalogsOf(parts[0])
	}
	full := make([]string, len(firsts))
	for i, first := range firsts {
		if full[i], err = e.join(pos, first, parts[1:]); err != nil {
			return nil, err
		}
	}
	return full, nil
}

// join expands the segments of a full name and puts them together.
func (e *Environment) join(pos Pos, first string, rest []string) (string, error) {
	workspace := "" // a securable belongs to none, but where there is one only that can be meant
	if keys := e.Workspaces.Keys(); len(keys) == 1 {
		workspace = keys[0]
	}
	live := make([]string, 1+len(rest))
	for i, segment := range append([]string{first}, rest...) {
		expanded, err := e.Expand(pos, segment, workspace)
		if err != nil {
			return "", err
		}
		live[i] = strings.ToLower(expanded)
	}
	return JoinSecurable(live...), nil
}

// catalogsOf are the catalogs that a first segment means.
func (e *Environment) catalogsOf(first string) []string {
	layer := first
	if strings.HasPrefix(first, "{") && strings.HasSuffix(first, "}") {
		layer = first[1 : len(first)-1]
	}
	catalogs, ok := e.Catalogs.Get(layer)
	if !ok {
		return []string{first}
	}
	names := make([]string, len(catalogs))
	for i, c := range catalogs {
		names[i] = c.Value
	}
	return names
}

// LayerOf is the layer whose catalog a live securable is in, or is; false for
// one that is in none.
func (e *Environment) LayerOf(typ, name string) (string, bool) {
	if _, inCatalog := segments[strings.ToLower(typ)]; !inCatalog {
		return "", false
	}
	parts, err := splitSecurable(name)
	if err != nil {
		return "", false
	}
	isOf := func(catalog Text) bool { return strings.EqualFold(catalog.Value, parts[0]) }
	for _, layer := range e.Catalogs.Entries {
		if slices.ContainsFunc(layer.Value, isOf) {
			return layer.Key.Value, true
		}
	}
	return "", false
}

// Expand fills in the placeholders of a name or path: {env}, {workspace} and
// {layer}, which is the layer's default catalog. workspace is empty where a
// name belongs to no workspace.
func (e *Environment) Expand(pos Pos, text, workspace string) (string, error) {
	var b strings.Builder
	for rest := text; ; {
		before, after, opens := strings.Cut(rest, "{")
		b.WriteString(before)
		if !opens {
			return b.String(), nil
		}
		name, tail, closes := strings.Cut(after, "}")
		if !closes {
			return "", Errorf(pos, "%q has a { that is not closed", text)
		}
		value, err := e.placeholder(pos, name, workspace)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		rest = tail
	}
}

func (e *Environment) placeholder(pos Pos, name, workspace string) (string, error) {
	switch {
	case name == "env":
		return e.Name, nil
	case name == "workspace" && workspace != "":
		return workspace, nil
	case name == "workspace":
		return "", Errorf(pos, "{workspace} could mean any workspace of environment %s here", e.Name)
	}
	if catalogs, ok := e.Catalogs.Get(name); ok {
		return catalogs[0].Value, nil
	}
	known := append([]string{"env", "workspace"}, e.Catalogs.Keys()...)
	return "", Errorf(pos, "%s in environment %s", unknown("placeholder", "{"+name+"}", braced(known)), e.Name)
}

func braced(names []string) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = "{" + n + "}"
	}
	return list
}

// OwnsSecurable reports whether the repository is authoritative for a live
// securable, declared or not. name is its live full name.
func (e *Environment) OwnsSecurable(typ, name string) bool {
	_, ok := e.OwnedAt(typ, name)
	return ok
}

// OwnsDeclared is OwnsSecurable for a securable that a document names: depth:
// schema leaves alone only what no document does.
func (e *Environment) OwnsDeclared(typ, name string) bool {
	_, ok := e.ownedAt(typ, name, true)
	return ok
}

// OwnedAt is the line of the Project that makes a live securable owned.
func (e *Environment) OwnedAt(typ, name string) (Pos, bool) {
	return e.ownedAt(typ, name, false)
}

func (e *Environment) ownedAt(typ, name string, declared bool) (Pos, bool) {
	parts, err := splitSecurable(name)
	if err != nil || len(parts) > 1 && strings.EqualFold(parts[1], "information_schema") {
		return Pos{}, false
	}
	typ = strings.ToLower(typ)
	owns := &e.project.Owns
	if slices.ContainsFunc(owns.ExceptSecurables, func(glob Text) bool { return e.excepts(glob, parts) }) {
		return Pos{}, false
	}
	if depth, ok := segments[typ]; ok {
		for _, c := range owns.Catalogs {
			if e.matches(c.Name, "catalog", JoinSecurable(parts[0])) && (depth <= 2 || declared || c.Depth.Value != "schema") {
				return c.Pos, true
			}
		}
	}
	for _, s := range owns.Securables {
		if LiveType(s.Type.Value) == LiveType(typ) && e.matches(s.Name, typ, name) {
			return s.Pos, true
		}
	}
	return Pos{}, false
}

// LiveType is the type under which a securable is known live: views are tables.
func LiveType(typ string) string {
	switch typ = strings.ToLower(typ); typ {
	case "view", "materialized_view", "streaming_table":
		return "table"
	case "registered_model":
		return "model"
	}
	return typ
}

// excepts reports whether a glob of exceptSecurables matches a securable or
// what it is in.
func (e *Environment) excepts(glob Text, parts []string) bool {
	segments, err := splitSecurable(glob.Value)
	if err != nil || len(segments) > len(parts) || len(segments) > 3 {
		return false
	}
	typ := []string{"catalog", "schema", "table"}[len(segments)-1]
	return e.matches(glob, typ, JoinSecurable(parts[:len(segments)]...))
}

func (e *Environment) matches(glob Text, typ, name string) bool {
	globs, err := e.securables(glob.Pos, typ, glob.Value)
	return err == nil && slices.ContainsFunc(globs, func(g string) bool { return MatchSecurable(g, name) })
}
