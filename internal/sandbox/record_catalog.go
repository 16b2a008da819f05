package sandbox

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func (r *reading) metastoreSummary() error {
	var m struct {
		ID    string `json:"metastore_id"`
		Name  string `json:"name"`
		Owner string `json:"owner"`
	}
	if err := r.decode(&m); err != nil {
		return err
	}
	r.metastore, r.metaOwner = Metastore{ID: m.ID, Name: m.Name}, m.Owner
	r.sawAll(r.what)
	return nil
}

// securablesOf keeps a page of a list, or one securable on its own.
func (r *reading) securablesOf(t *securableType) error {
	if r.params["name"] != "" {
		if err := r.securable(t, r.exchange.Body, false); err != nil {
			return err
		}
		r.sawAll(r.what)
		return nil
	}
	var items []json.RawMessage
	if raw, ok := r.body[t.items]; ok {
		if json.Unmarshal(raw, &items) != nil {
			return errors.New("the answer's " + t.items + " is no list")
		}
	}
	for _, item := range items {
		if err := r.securable(t, item, true); err != nil {
			return err
		}
	}
	if r.lastPage() {
		r.sawAll(r.what)
	}
	return nil
}

func (r *reading) securable(t *securableType, raw json.RawMessage, listed bool) error {
	var item struct {
		Name      string `json:"name"`
		Catalog   string `json:"catalog_name"`
		Schema    string `json:"schema_name"`
		Owner     string `json:"owner"`
		Isolation string `json:"isolation_mode"`
		TableType string `json:"table_type"`
	}
	if json.Unmarshal(raw, &item) != nil {
		return errors.New("the answer is not what the API documents")
	}
	name := item.Name
	switch t.depth {
	case 2:
		name = joinName(item.Catalog, item.Name)
	case 3:
		name = joinName(item.Catalog, item.Schema, item.Name)
	}
	if asked := r.params["name"]; asked != "" {
		name = asked
	}
	name = t.fullName(name)
	key := securableKey(t.name, name)
	sec := r.securables[key]
	if sec == nil {
		sec = &recordedSecurable{Securable: Securable{Type: t.name, Name: name, Unlisted: true}}
		r.securables[key] = sec
	}
	sec.Unlisted = sec.Unlisted && !listed
	sec.owner, sec.TableType = item.Owner, item.TableType
	if t.name == "catalog" {
		sec.Fields = map[string]any{"isolation_mode": item.Isolation}
	}
	return nil
}

// grantsOn keeps a page of grants.
func (r *reading) grantsOn() error {
	var page struct {
		Assignments []recordedGrant `json:"privilege_assignments"`
	}
	if err := r.decode(&page); err != nil {
		return err
	}
	kind := strings.ToLower(firstNonEmpty(r.params["type"], "share"))
	key := kind + " " + strings.ToLower(r.params["name"])
	r.grants[key] = append(r.grants[key], page.Assignments...)
	if r.lastPage() {
		r.sawAll(r.what)
	}
	return nil
}

func (r *reading) bindingsOf() error {
	var page bindingList
	if err := r.decode(&page); err != nil {
		return err
	}
	key := securableKey(r.params["type"], strings.ToLower(r.params["name"]))
	r.bindings[key] = append(r.bindings[key], page.Bindings...)
	if r.lastPage() {
		r.sawAll(r.what)
	}
	return nil
}

func (b *recording) addSecurables(st *State, names *recordedNames) {
	for _, key := range sortedKeys(b.securables) {
		found := b.securables[key]
		sec := found.Securable
		sec.Owner = names.inCatalog(found.owner)
		if bound, ok := b.bindings[key]; ok {
			sec.bind(bound)
		}
		t := securableTypeOf(sec.Type)
		grants := b.grants[firstNonEmpty(t.grantsAs, t.name)+" "+sec.Name]
		if t.grantsAs != "" && b.securables[securableKey(t.grantsAs, sec.Name)] != nil {
			grants = nil // those of the function of that name
		}
		sec.Grants = names.grants(grants)
		st.Securables = append(st.Securables, sec)
	}
}

// recordedNames finds the ids of principals by the names that answers use. A name
// that no list holds is that of a stranger.
type recordedNames struct {
	b        *recording
	users    map[string]string // by folded name
	apps     map[string]string // by folded application id
	groups   map[string]string
	unknown  map[string]Stranger // by kind and name
	reserved int
}

func newRecordedNames(b *recording) *recordedNames {
	n := &recordedNames{b: b, users: map[string]string{}, apps: map[string]string{}, groups: map[string]string{}, unknown: map[string]Stranger{}}
	for _, id := range sortedKeys(b.users) {
		n.users[strings.ToLower(b.users[id].UserName)] = id
	}
	for _, id := range sortedKeys(b.sps) {
		n.apps[strings.ToLower(b.sps[id].ApplicationID)] = id
	}
	for _, id := range sortedKeys(b.groups) {
		n.groups[b.groups[id].DisplayName] = id
	}
	return n
}

// inCatalog is who a name of Unity Catalog means; empty for none.
func (n *recordedNames) inCatalog(name string) string {
	folded := strings.ToLower(name)
	switch {
	case name == "":
		return ""
	case n.groups[name] != "":
		return n.groups[name]
	case n.users[folded] != "":
		return n.users[folded]
	case n.apps[folded] != "":
		return n.apps[folded]
	case strings.Contains(name, "@"):
		return n.stranger(kindUser, name)
	case isUUID(name):
		return n.stranger(kindServicePrincipal, name)
	}
	return n.stranger(kindGroup, name)
}

// strangerIDs is where the ids of strangers begin that are known by name alone: where
// no platform has any.
const strangerIDs = 1

func (n *recordedNames) stranger(kind principalKind, name string) string {
	key := kind.scimName() + " " + name
	s, ok := n.unknown[key]
	if !ok {
		for {
			n.reserved++
			s = Stranger{ID: strconv.Itoa(strangerIDs + n.reserved), Kind: kind.scimName(), Name: name}
			if _, taken := n.b.strangers[s.ID]; !taken && !n.b.has(s.ID) {
				break
			}
		}
		n.unknown[key] = s
	}
	return s.ID
}

func (n *recordedNames) strangers() []Stranger {
	return slices.SortedFunc(maps.Values(n.unknown), func(a, b Stranger) int { return compareIDs(a.ID, b.ID) })
}

// grants are those of one securable; one principal has one entry.
func (n *recordedNames) grants(found []recordedGrant) []Grant {
	privileges := map[string][]string{}
	for _, g := range found {
		id := n.inCatalog(g.Principal)
		if g.Principal == "" {
			id = strconv.FormatInt(g.PrincipalID, 10)
		}
		for _, p := range g.Privileges {
			privileges[id] = withValue(privileges[id], p)
		}
		if privileges[id] == nil {
			privileges[id] = []string{}
		}
	}
	var out []Grant
	for _, id := range sortedKeys(privileges) {
		out = append(out, Grant{Principal: id, Privileges: privileges[id]})
	}
	return out
}
