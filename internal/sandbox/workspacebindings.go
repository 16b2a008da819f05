package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// bindingsField keeps the workspaces that a securable is bound to among its
// fields. They are kept and shown, and keep nobody out.
const bindingsField = "workspace_bindings"

// bindingRoutes are the bindings of securables to workspaces; clients that make
// an isolated catalog bind it to their workspace in the same step.
func (s *Server) bindingRoutes() []route {
	const path, old = ucBase + "bindings/{type}/{name}", ucBase + "workspace-bindings/catalogs/{name}"
	return []route{
		{method: "GET", path: path, query: []string{"max_results", "page_token"}, handle: getBindings},
		{method: "PATCH", path: path, handle: updateBindings, touches: touchesContents},
		{method: "GET", path: old, handle: getOldBindings},
		{method: "PATCH", path: old, handle: updateOldBindings, touches: touchesContents},
	}
}

// bindable are the types that can be bound.
var bindable = []string{"catalog", "credential", "external_location", "storage_credential"}

const bindingReadWrite = "BINDING_TYPE_READ_WRITE"

type binding struct {
	WorkspaceID int64  `json:"workspace_id"`
	BindingType string `json:"binding_type"`
}

// boundSecurable is the securable of the path, for callers who manage it.
func (c *call) boundSecurable() (*Securable, error) {
	kind := strings.ToLower(firstNonEmpty(c.params["type"], "catalog"))
	if !slices.Contains(bindable, kind) {
		return nil, badValue("%q cannot be bound to workspaces", kind)
	}
	sec, err := c.world.securable(securableTypeOf(kind), c.params["name"])
	if err != nil {
		return nil, err
	}
	return sec, c.uc().needManage(sec)
}

// bindings are those that the fields of a securable keep. A state that was read
// back has them as plain JSON.
func (sec *Securable) bindings() []binding {
	kept, _ := sec.Fields[bindingsField].([]any)
	var list []binding
	for _, item := range kept {
		fields, _ := item.(map[string]any)
		id, _ := fields["workspace_id"].(float64)
		kind, _ := fields["binding_type"].(string)
		list = append(list, binding{int64(id), kind})
	}
	return list
}

func (sec *Securable) bind(list []binding) {
	slices.SortFunc(list, func(a, b binding) int { return cmp.Compare(a.WorkspaceID, b.WorkspaceID) })
	kept := make([]any, len(list))
	for i, b := range list {
		kept[i] = map[string]any{"workspace_id": float64(b.WorkspaceID), "binding_type": b.BindingType}
	}
	if sec.Fields == nil {
		sec.Fields = map[string]any{}
	}
	sec.Fields[bindingsField] = kept
}

type bindingList struct {
	Bindings      []binding `json:"bindings,omitempty"`
	NextPageToken string    `json:"next_page_token,omitempty"`
}

func getBindings(c *call) (any, error) {
	sec, err := c.boundSecurable()
	if err != nil {
		return nil, err
	}
	list := sec.bindings()
	lo, hi, next, err := c.ucPage(len(list), ucPages(0, 1000), true)
	if err != nil {
		return nil, err
	}
	return bindingList{list[lo:hi], next}, nil
}

func updateBindings(c *call) (any, error) {
	sec, err := c.boundSecurable()
	if err != nil {
		return nil, err
	}
	var body struct {
		Add    []binding `json:"add"`
		Remove []binding `json:"remove"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	list, err := c.rebind(sec.bindings(), body.Add, body.Remove)
	if err != nil {
		return nil, err
	}
	sec.bind(list)
	return bindingList{Bindings: list}, nil
}

// rebind takes bindings away and adds others; one workspace has one.
func (c *call) rebind(list, add, remove []binding) ([]binding, error) {
	gone := func(b binding) bool {
		same := func(other binding) bool { return other.WorkspaceID == b.WorkspaceID }
		return slices.ContainsFunc(remove, same) || slices.ContainsFunc(add, same)
	}
	list = slices.DeleteFunc(list, gone)
	for _, b := range add {
		if c.world.workspace(b.WorkspaceID) == nil {
			return nil, notFound("Workspace %d does not exist.", b.WorkspaceID)
		}
		b.BindingType = firstNonEmpty(b.BindingType, bindingReadWrite)
		list = append(list, b)
	}
	return list, nil
}

// oldBindings is the first generation's answer, of catalogs alone.
func oldBindings(list []binding) map[string]any {
	ids := []int64{}
	for _, b := range list {
		ids = append(ids, b.WorkspaceID)
	}
	return map[string]any{"workspaces": ids}
}

func getOldBindings(c *call) (any, error) {
	sec, err := c.boundSecurable()
	if err != nil {
		return nil, err
	}
	return oldBindings(sec.bindings()), nil
}

func updateOldBindings(c *call) (any, error) {
	sec, err := c.boundSecurable()
	if err != nil {
		return nil, err
	}
	var body struct {
		Assign   []int64 `json:"assign_workspaces"`
		Unassign []int64 `json:"unassign_workspaces"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	named := func(ids []int64) []binding {
		var list []binding
		for _, id := range ids {
			list = append(list, binding{WorkspaceID: id})
		}
		return list
	}
	list, err := c.rebind(sec.bindings(), named(body.Assign), named(body.Unassign))
	if err != nil {
		return nil, err
	}
	sec.bind(list)
	return oldBindings(list), nil
}
