package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// splitName cuts a full name at its dots. A segment in backticks may hold dots;
// a backtick in it is doubled.
func splitName(full string) []string {
	var parts []string
	var part strings.Builder
	quoted := false
	for i := 0; i < len(full); i++ {
		switch ch := full[i]; {
		case ch == '`' && quoted && i+1 < len(full) && full[i+1] == '`':
			part.WriteByte('`')
			i++
		case ch == '`' && (quoted || part.Len() == 0):
			quoted = !quoted
		case ch == '.' && !quoted:
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(ch)
		}
	}
	return append(parts, part.String())
}

// joinName is the full name of segments; it undoes splitName.
func joinName(parts ...string) string {
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = part
		if strings.ContainsAny(part, ".`") {
			quoted[i] = "`" + strings.ReplaceAll(part, "`", "``") + "`"
		}
	}
	return strings.Join(quoted, ".")
}

// fullName is how names of a type are kept: in lower case. What has no parent has
// one segment, which needs no backticks whatever it holds.
func (t *securableType) fullName(name string) string {
	if t.depth > 1 {
		return strings.ToLower(joinName(splitName(name)...))
	}
	if len(name) > 1 && name[0] == '`' && name[len(name)-1] == '`' {
		name = strings.Join(splitName(name), ".")
	}
	return strings.ToLower(name)
}

// segments is the parts of a name as fullName keeps it.
func (t *securableType) segments(fullName string) []string {
	if t.depth > 1 {
		return splitName(fullName)
	}
	return []string{fullName}
}

// parentName is the full name of what a securable is in; empty at the top.
func (t *securableType) parentName(fullName string) string {
	switch t.depth {
	case 2:
		return splitName(fullName)[0]
	case 3:
		return joinName(splitName(fullName)[:2]...)
	}
	return ""
}

func (t *securableType) parentType() *securableType {
	switch t.depth {
	case 2:
		return securableTypeOf("catalog")
	case 3:
		return securableTypeOf("schema")
	}
	return nil
}

// containedTypes are the types of what a container holds.
func (t *securableType) containedTypes() []string {
	switch t.name {
	case "catalog":
		return []string{"schema"}
	case "schema":
		return []string{"function", "model", "table", "volume"}
	}
	return nil
}

func securableKey(kind, fullName string) string { return kind + " " + fullName }

// indexSecurables finds securables by name and by what they are in.
func indexSecurables(w *world) {
	w.securables = make(map[string]*Securable, len(w.state.Securables))
	w.children = map[string][]*Securable{}
	for i := range w.state.Securables {
		w.indexSecurable(&w.state.Securables[i])
	}
}

func (w *world) indexSecurable(sec *Securable) {
	w.securables[securableKey(sec.Type, sec.Name)] = sec
	key := securableKey(sec.Type, securableTypeOf(sec.Type).parentName(sec.Name))
	w.children[key] = append(w.children[key], sec)
}

// addSecurable puts a new securable into the metastore and the indexes. These
// have to be built anew only when the list has moved to make room.
func (w *world) addSecurable(sec Securable) {
	st := w.state
	moves := len(st.Securables) == cap(st.Securables)
	st.Securables = append(st.Securables, sec)
	if moves {
		indexSecurables(w)
		return
	}
	w.indexSecurable(&st.Securables[len(st.Securables)-1])
}

// checkSecurables completes and checks the metastore and what is in it.
func checkSecurables(st *State, p *problems) {
	known := map[string]bool{}
	for i := range st.Securables {
		sec := &st.Securables[i]
		place := fmt.Sprintf("securables[%s %s]", sec.Type, sec.Name)
		if sec.Type == "registered_model" {
			sec.Type = "model"
		}
		t := securableTypeOf(sec.Type)
		if t == nil || t.depth == 0 {
			p.addf(place, "unknown securable type %q; known: %s", sec.Type, securableTypeNames())
			continue
		}
		sec.Name = t.fullName(sec.Name)
		parts := t.segments(sec.Name)
		if len(parts) != t.depth || slices.Contains(parts, "") {
			p.addf(place, "the full name of a %s has %d segments", t.name, t.depth)
			continue
		}
		if known[securableKey(sec.Type, sec.Name)] {
			p.addf(place, "is there twice")
		}
		known[securableKey(sec.Type, sec.Name)] = true
		if sec.ID == "" {
			sec.ID = uuidOf(st.Metastore.ID, sec.Type, sec.Name)
		}
		if sec.Owner == "" && !p.lax {
			sec.Owner = st.Metastore.Owner
		}
		if t.name == "table" && sec.TableType == "" {
			sec.TableType = "MANAGED"
		}
		checkGrants(t, sec.TableType, sec.Grants, place, p)
		checkVolumeFiles(sec, place, p)
	}
	checkGrants(securableTypeOf("metastore"), "", st.Metastore.Grants, "metastore", p)
	if p.lax {
		st.addContainers(known)
	}
	for i := range st.Securables {
		sec := &st.Securables[i]
		t := securableTypeOf(sec.Type)
		if t == nil || t.depth < 2 || len(splitName(sec.Name)) != t.depth {
			continue
		}
		parent := t.parentType()
		if name := t.parentName(sec.Name); !known[securableKey(parent.name, name)] {
			p.addf(fmt.Sprintf("securables[%s %s]", sec.Type, sec.Name), "there is no %s %s", parent.name, name)
		}
	}
}

// addContainers adds what the securables of a snapshot are in, where it was not
// looked at itself. No list holds it.
func (st *State) addContainers(known map[string]bool) {
	for i := 0; i < len(st.Securables); i++ {
		t := securableTypeOf(st.Securables[i].Type)
		if t == nil || t.parentType() == nil || len(splitName(st.Securables[i].Name)) != t.depth {
			continue
		}
		parent, name := t.parentType(), t.parentName(st.Securables[i].Name)
		if key := securableKey(parent.name, name); !known[key] {
			known[key] = true
			st.Securables = append(st.Securables, Securable{
				Type: parent.name, Name: name, ID: uuidOf(st.Metastore.ID, parent.name, name), Unlisted: true,
			})
		}
	}
}

func checkGrants(t *securableType, tableType string, grants []Grant, place string, p *problems) {
	for i := range grants {
		g := &grants[i]
		for j, name := range g.Privileges {
			privilege, ok := t.privilege(name, tableType)
			if !ok {
				p.strange(fmt.Sprintf("%s.grants[%d]", place, i), "unknown privilege %q; known: %s", name, strings.Join(t.privilegesOf(tableType), ", "))
			}
			g.Privileges[j] = privilege
		}
		slices.Sort(g.Privileges)
		g.Privileges = slices.Compact(g.Privileges)
		if len(g.Privileges) == 0 {
			p.strange(fmt.Sprintf("%s.grants[%d]", place, i), "has no privileges")
		}
	}
}

// securable finds what a name of a type means, after what it is in: a missing
// catalog is reported before the schema that would be in it.
func (w *world) securable(t *securableType, name string) (*Securable, error) {
	full := t.fullName(name)
	if len(t.segments(full)) != t.depth {
		return nil, badValue("%q is not a full name of a %s, which has %d segments", name, strings.ToLower(t.label), t.depth)
	}
	if parent := t.parentType(); parent != nil {
		if _, err := w.securable(parent, t.parentName(full)); err != nil {
			return nil, err
		}
	}
	sec := w.securables[securableKey(t.name, full)]
	if sec == nil {
		return nil, t.doesNotExist(full)
	}
	return sec, nil
}

// chain is a securable and what it is in, from the inside out.
func (w *world) chain(sec *Securable) []*Securable {
	list := []*Securable{sec}
	for t := securableTypeOf(sec.Type); t.parentType() != nil; {
		parent := w.securables[securableKey(t.parentType().name, t.parentName(list[len(list)-1].Name))]
		if parent == nil {
			break
		}
		list = append(list, parent)
		t = t.parentType()
	}
	return list
}
