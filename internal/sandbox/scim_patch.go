package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// scimOperation is one operation of a PATCH.
type scimOperation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// patchPath is a path taken apart: members[value eq "1"] has all three filter
// parts, name.givenName has a dot in its attribute.
type patchPath struct {
	name                      string // as given, without a schema prefix
	attribute                 string // the name in lower case
	filtered                  bool
	subject, operator, wanted string
}

func unparsable(format string, args ...any) error {
	return scimErrf(http.StatusBadRequest, "invalidSyntax",
		"Request is unparsable, syntactically incorrect, or violates schema. "+format, args...)
}

func noSuchAttribute(name string) error {
	return scimErrf(http.StatusBadRequest, "invalidPath", "No such attribute with the name : %s in the current resource", name)
}

// parsePatchPath reads attribute and attribute[x eq "y"]. A value with a space is
// cut there, quoted or not, as the platform does.
func parsePatchPath(path string) (patchPath, error) {
	name, filter, filtered := strings.Cut(strings.TrimSpace(path), "[")
	if strings.HasPrefix(name, "urn:") {
		name = name[strings.LastIndex(name, ":")+1:]
	}
	p := patchPath{name: name, attribute: strings.ToLower(name), filtered: filtered}
	if !filtered {
		return p, nil
	}
	words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(filter), "]"))
	if len(words) < 3 || !strings.HasSuffix(path, "]") {
		return p, scimErrf(http.StatusBadRequest, "invalidPath", "The path %s is not attribute[subattribute eq \"value\"]", path)
	}
	p.subject, p.operator = strings.ToLower(words[0]), strings.ToLower(words[1])
	p.wanted = strings.Trim(words[2], `"'`)
	if p.operator != "eq" {
		return p, scimErrf(http.StatusNotImplemented, "", "The operator %s is not supported in the path of a PATCH", words[1])
	}
	return p, nil
}

// patcher applies operations to a draft of one kind at one level.
type patcher struct {
	kind    principalKind
	account bool // entitlements are accepted there, and nothing happens
	lenient bool
	draft   *scimDraft
	display func(id string) string // the name of a member
}

func (p *patcher) apply(op scimOperation) error {
	name := strings.ToLower(op.Op)
	if name != "add" && name != "replace" && name != "remove" {
		return unparsable("op is %q; known: add, remove, replace", op.Op)
	}
	if op.Path != "" {
		path, err := parsePatchPath(op.Path)
		if err != nil {
			return err
		}
		return p.applyTo(name, path, op.Value)
	}
	if name == "remove" {
		return scimErrf(http.StatusBadRequest, "noTarget", "A remove operation needs a path")
	}
	var attributes map[string]json.RawMessage
	if err := decodeStrict(op.Value, &attributes); err != nil || attributes == nil {
		return unparsable("The value of an operation without path has to be an object")
	}
	for _, attribute := range sortedKeys(attributes) {
		if attribute == "schemas" {
			continue
		}
		if err := p.applyTo(name, patchPath{name: attribute, attribute: strings.ToLower(attribute)}, attributes[attribute]); err != nil {
			return err
		}
	}
	return nil
}

func (p *patcher) applyTo(op string, path patchPath, value json.RawMessage) error {
	list := p.list(path.attribute)
	switch {
	case path.attribute == "entitlements" && p.account:
		return nil
	case path.attribute == "emails" && p.kind == kindUser:
		return p.patchEmails(op, value)
	case list == nil && path.filtered:
		return scimErrf(http.StatusBadRequest, "invalidPath", "The attribute %s has no values to choose from", path.attribute)
	case list == nil:
		return p.patchSingle(op, path, value)
	case op == "remove":
		return p.remove(list, path, value)
	case path.filtered:
		return scimErrf(http.StatusBadRequest, "invalidPath", "The path of %s %s cannot have a filter", op, path.attribute)
	}
	values, err := patchValues(value)
	if err != nil {
		return err
	}
	if op == "replace" {
		*list = nil
	}
	for _, v := range values {
		*list = withValue(*list, v)
	}
	return nil
}

// list is the multi-valued attribute of a name; nil when the kind has none.
func (p *patcher) list(attribute string) *[]string {
	switch {
	case attribute == "roles":
		return &p.draft.roles
	case attribute == "entitlements":
		return &p.draft.entitlements
	case attribute == "members" && p.kind == kindGroup:
		return &p.draft.members
	}
	return nil
}

// remove takes values out. An attribute without any value is an error. A path of
// just "members" empties the group whatever the value says: that is how the
// platform does it, and how groups have been lost.
func (p *patcher) remove(list *[]string, path patchPath, value json.RawMessage) error {
	if len(*list) == 0 {
		if p.lenient {
			return nil
		}
		return noSuchAttribute(path.name)
	}
	if path.filtered {
		*list = slices.DeleteFunc(*list, func(v string) bool { return p.chosen(path, v) })
		return nil
	}
	if len(value) == 0 || path.attribute == "members" && !p.lenient {
		*list = nil
		return nil
	}
	values, err := patchValues(value)
	if err != nil {
		return err
	}
	*list = slices.DeleteFunc(*list, func(v string) bool { return slices.Contains(values, v) })
	return nil
}

func (p *patcher) chosen(path patchPath, value string) bool {
	switch path.subject {
	case "value":
		return value == path.wanted
	case "display":
		return path.attribute == "members" && p.display(value) == path.wanted
	}
	return false
}

// patchValues reads [{"value":"x"}, ...] or one such object; empty values, which
// stand for "none", are dropped.
func patchValues(raw json.RawMessage) ([]string, error) {
	var items []scimValue
	if err := decodeStrict(raw, &items); err != nil || len(raw) == 0 {
		var one scimValue
		if err := decodeStrict(raw, &one); err != nil || len(raw) == 0 {
			return nil, unparsable("The value has to be a list of objects with a value")
		}
		items = []scimValue{one}
	}
	var values []string
	for _, item := range items {
		if item.Value != "" {
			values = append(values, item.Value)
		}
	}
	return values, nil
}

func (p *patcher) patchEmails(op string, value json.RawMessage) error {
	if op == "remove" {
		p.draft.emails = nil
		return nil
	}
	var emails []Email
	if err := decodeStrict(value, &emails); err != nil {
		return unparsable("emails: %v", err)
	}
	if op == "add" {
		emails = append(slices.Clip(p.draft.emails), emails...)
	}
	p.draft.emails = emails
	return nil
}

// single is the attribute of a name that has one text; nil when the kind has none.
func (p *patcher) single(attribute string) *string {
	switch {
	case attribute == "displayname":
		return &p.draft.displayName
	case attribute == "externalid":
		return &p.draft.externalID
	case attribute == "username" && p.kind == kindUser:
		return &p.draft.userName
	case attribute == "name.givenname" && p.kind == kindUser:
		return &p.draft.givenName
	case attribute == "name.familyname" && p.kind == kindUser:
		return &p.draft.familyName
	case attribute == "applicationid" && p.kind == kindServicePrincipal:
		return &p.draft.applicationID
	}
	return nil
}

func (p *patcher) patchSingle(op string, path patchPath, value json.RawMessage) error {
	attribute := path.attribute
	if attribute == "active" && p.kind != kindGroup && op != "remove" {
		active, err := patchBool(value)
		p.draft.active = active
		return err
	}
	if attribute == "name" && p.kind == kindUser && op != "remove" {
		name := scimName{GivenName: p.draft.givenName, FamilyName: p.draft.familyName}
		if err := decodeStrict(value, &name); err != nil {
			return unparsable("name: %v", err)
		}
		p.draft.givenName, p.draft.familyName = name.GivenName, name.FamilyName
		return nil
	}
	text := p.single(attribute)
	if text == nil {
		return scimErrf(http.StatusBadRequest, "invalidPath", "A %s has no attribute %s that can be set", p.kind.scimName(), path.name)
	}
	if op == "remove" {
		if *text == "" && !p.lenient {
			return noSuchAttribute(path.name)
		}
		*text = ""
		return nil
	}
	if err := json.Unmarshal(value, text); err != nil || len(value) == 0 {
		return unparsable("%s has to be a text", path.name)
	}
	return nil
}

// patchBool reads true, "true" and [{"value":"true"}].
func patchBool(raw json.RawMessage) (bool, error) {
	var b bool
	if json.Unmarshal(raw, &b) == nil {
		return b, nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		values, err := patchValues(raw)
		if err != nil || len(values) != 1 {
			return false, unparsable("active has to be true or false")
		}
		text = values[0]
	}
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, unparsable("active is %q, neither true nor false", text)
}
