package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

var tableTypes = strings.Fields("MANAGED EXTERNAL VIEW MATERIALIZED_VIEW STREAMING_TABLE FOREIGN METRIC_VIEW EXTERNAL_SHALLOW_CLONE MANAGED_SHALLOW_CLONE")

// handleMake creates a securable, which its maker owns.
func (t *securableType) handleMake(c *call) (any, error) {
	fields, err := t.sentFields(c)
	if err != nil {
		return nil, err
	}
	made, err := t.draft(c, fields)
	if err != nil {
		return nil, err
	}
	if c.world.securables[securableKey(t.name, made.Name)] != nil {
		return nil, t.alreadyExists(made.Name)
	}
	st := c.world.state
	made.ID = uuidOf(st.Metastore.ID, t.name, st.nextNumeric())
	at, by := c.now.UnixMilli(), c.ucName(c.caller.id)
	made.Fields["created_at"], made.Fields["updated_at"] = at, at
	made.Fields["created_by"], made.Fields["updated_by"] = by, by
	c.world.addSecurable(made)
	if t.name == "catalog" && made.Fields["share_name"] == nil && made.Fields["connection_name"] == nil {
		c.world.addSecurable(Securable{
			Type: "schema", Name: joinName(made.Name, defaultSchema), Owner: c.caller.id,
			ID:     uuidOf(st.Metastore.ID, "schema", st.nextNumeric()),
			Fields: map[string]any{"comment": "Default schema (auto-created)", "created_at": at, "created_by": by},
		})
	}
	return t.render(c, c.uc(), c.world.securables[securableKey(t.name, made.Name)]), nil
}

// sentFields is the securable that a create request describes.
func (t *securableType) sentFields(c *call) (map[string]any, error) {
	if t.makeIn == "" {
		return c.fields(t.accepts)
	}
	body, err := c.fields([]string{t.makeIn})
	if err != nil {
		return nil, err
	}
	return c.innerFields(body, t.makeIn, t.accepts)
}

// defaultSchema is in every new catalog; clients that want none delete it
// (terraform-provider-databricks catalog/resource_catalog.go).
const defaultSchema = "default"

// draft is a securable as a create request describes it, if the caller may make it.
func (t *securableType) draft(c *call, fields map[string]any) (Securable, error) {
	made := Securable{Type: t.name, Owner: c.caller.id, Fields: fields}
	var parts []string
	for _, field := range []string{"catalog_name", "schema_name", "name"}[3-max(t.depth, 1):] {
		part, err := take(fields, nameField(t, field))
		if err != nil {
			return made, err
		}
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' }) {
			return made, badValue("%s %q is not a valid name", nameField(t, field), part)
		}
		parts = append(parts, part)
	}
	made.Name = strings.ToLower(joinName(parts...))
	if t.depth == 1 {
		made.Name = strings.ToLower(parts[0])
	}
	var err error
	if made.Comment, err = take(fields, "comment"); err != nil {
		return made, err
	}
	if made.TableType, err = take(fields, "table_type"); err != nil {
		return made, err
	}
	if t.name == "table" {
		made.TableType = firstNonEmpty(made.TableType, "MANAGED")
		if !slices.Contains(tableTypes, made.TableType) {
			return made, badValue("table_type %q is not one of %s", made.TableType, strings.Join(tableTypes, ", "))
		}
	}
	for _, own := range []string{"owner", "full_name", "metastore_id", "skip_validation", t.idField} {
		delete(fields, own)
	}
	return made, t.needMake(c, made.Name)
}

// nameField is the field of a create request that holds a segment of the name.
func nameField(t *securableType, field string) string {
	if t.depth == 2 && field == "schema_name" {
		return "catalog_name"
	}
	return field
}

func (t *securableType) needMake(c *call, name string) error {
	u := c.uc()
	parent := t.parentType()
	if parent == nil {
		if u.admin || u.granted(c.world.state.Metastore.Grants, t.makes) {
			return nil
		}
		return denied("User does not have %s on Metastore '%s'.", strings.ReplaceAll(t.makes, "_", " "), c.world.state.Metastore.Name)
	}
	within, err := c.world.securable(parent, t.parentName(name))
	if err != nil {
		return err
	}
	return u.needCreate(within, t.makes)
}

// handleUpdate changes the owner, the comment, the name and the other fields.
func (t *securableType) handleUpdate(c *call) (any, error) {
	sec, err := c.world.securable(t, c.params["name"])
	if err != nil {
		return nil, err
	}
	if err := c.uc().needManage(sec); err != nil {
		return nil, err
	}
	fields, err := c.fields(t.changes)
	if err != nil {
		return nil, err
	}
	if mask := c.query.Get("update_mask"); mask != "" && mask != "*" {
		maps.DeleteFunc(fields, func(name string, _ any) bool { return !slices.Contains(strings.Split(mask, ","), name) })
	}
	if inner, ok := fields["clean_room"].(map[string]any); ok {
		fields = map[string]any{"owner": inner["owner"], "comment": inner["comment"]}
	}
	newOwner, err := c.takeOwner(sec, fields)
	if err != nil {
		return nil, err
	}
	newName, err := take(fields, "new_name")
	if err != nil {
		return nil, err
	}
	comment, hasComment := fields["comment"].(string)
	for _, own := range []string{"comment", "name", "full_name", "metastore_id", "force", "skip_validation", "catalog_name", "schema_name", t.idField} {
		delete(fields, own)
	}
	if newName != "" {
		if sec, err = c.rename(t, sec, newName); err != nil {
			return nil, err
		}
	}
	sec.Owner = newOwner
	if hasComment {
		sec.Comment = comment
	}
	if sec.Fields == nil {
		sec.Fields = map[string]any{}
	}
	for name, value := range fields {
		sec.Fields[name] = value
	}
	sec.Fields["updated_at"], sec.Fields["updated_by"] = c.now.UnixMilli(), c.ucName(c.caller.id)
	return t.render(c, c.uc(), sec), nil
}

// takeOwner removes the owner from an update request and returns who it is to be.
func (c *call) takeOwner(sec *Securable, fields map[string]any) (string, error) {
	name, err := take(fields, "owner")
	if err != nil || name == "" {
		return sec.Owner, err
	}
	p, err := c.ucPrincipal(name)
	if err != nil {
		return "", err
	}
	return p.id, nil
}

// rename gives a securable, and with it all that it holds, another last segment.
func (c *call) rename(t *securableType, sec *Securable, name string) (*Securable, error) {
	parts := t.segments(sec.Name)
	renamed := t.fullName(joinName(append(slices.Clone(parts[:len(parts)-1]), name)...))
	if t.depth == 1 {
		renamed = strings.ToLower(name)
	}
	if renamed == sec.Name {
		return sec, nil
	}
	if c.world.securables[securableKey(t.name, renamed)] != nil {
		return nil, t.alreadyExists(renamed)
	}
	from := slices.Clone(parts)
	for i := range c.world.state.Securables {
		child := &c.world.state.Securables[i]
		if childParts := splitName(child.Name); child != sec && t.holds(child, from) {
			childParts[len(from)-1] = strings.ToLower(name)
			child.Name = joinName(childParts...)
		}
	}
	sec.Name = renamed
	indexSecurables(c.world)
	return c.world.securables[securableKey(t.name, renamed)], nil
}

// holds tells whether a securable is somewhere below the container of the parts.
func (t *securableType) holds(child *Securable, parts []string) bool {
	childType := securableTypeOf(child.Type)
	if t.containedTypes() == nil || childType.depth <= t.depth {
		return false
	}
	return strings.HasPrefix(child.Name, joinName(parts...)+".")
}

func (t *securableType) handleDelete(c *call) (any, error) {
	sec, err := c.world.securable(t, c.params["name"])
	if err != nil {
		return nil, err
	}
	if err := c.uc().needManage(sec); err != nil {
		return nil, err
	}
	force, err := c.boolQuery("force")
	if err != nil {
		return nil, err
	}
	if !force && c.isFull(t, sec) {
		return nil, errf(http.StatusBadRequest, t.code+"_NOT_EMPTY", "%s '%s' is not empty. Delete what is in it first, or use force.", t.label, sec.Name)
	}
	name, parts := sec.Name, t.segments(sec.Name)
	st := c.world.state
	st.Securables = slices.DeleteFunc(st.Securables, func(s Securable) bool {
		return s.Type == t.name && s.Name == name || t.holds(&s, parts)
	})
	return nil, nil
}

// isFull tells whether a container holds anything but the schemas that the
// platform made.
func (c *call) isFull(t *securableType, sec *Securable) bool {
	for _, kind := range t.containedTypes() {
		for _, child := range c.world.children[securableKey(kind, sec.Name)] {
			if kind != "schema" {
				return true
			}
			last := splitName(child.Name)[1]
			if last != defaultSchema && last != "information_schema" || c.isFull(securableTypeOf(kind), child) {
				return true
			}
		}
	}
	return false
}
