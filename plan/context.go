package plan

import "strings"

// What a reader can leave in the context of a resource: facts that are live and
// that nobody compares, since they are not for the resource to change.
const (
	// ContextOwner is who owns a securable, as owner@… says where it is declared.
	ContextOwner = "owner"
	// ContextIsolation is the isolation mode of a catalog: OPEN or ISOLATED.
	ContextIsolation = "isolation"
	// ContextBinding are the workspaces that a catalog is bound to, each with what the
	// binding allows: "main READ_WRITE"; one that has no name here is # and its id.
	ContextBinding = "binding"
	// ContextMember are the members of a group that is somebody else's.
	ContextMember = "member"
	// ContextInherited and a principal make the name of a field that holds the levels
	// which the principal has on an object from what is above it, each with where it
	// comes from, as the API says it: "CAN_MANAGE /directories/123".
	ContextInherited = "inherited "
)

// InContext returns the field of that name of the context, and whether there is one.
func (r *Resource) InContext(name string) (Field, bool) {
	for _, f := range r.Context { // few, and of a resource in the making not sorted yet
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Inherited splits a value of a field of inherited levels.
func Inherited(value string) (level, from string) {
	level, from, _ = strings.Cut(value, " ")
	return level, from
}
