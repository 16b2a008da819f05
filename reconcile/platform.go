package reconcile

// Privileges lists what can be granted on a type of securable, nil where there is
// no such type.
func Privileges(securable string) []string {
	t, ok := findSecurableType(securable)
	if !ok {
		return nil
	}
	return t.Privileges
}

// Levels lists the permission levels of a type of object, weak to strong and
// without IS_OWNER, nil where there is no such type.
func Levels(object string) []string {
	t, ok := findObjectType(object)
	if !ok {
		return nil
	}
	return t.Levels
}

// SecurableTypes are the types of securables, as specs and keys call them.
func SecurableTypes() []string { return securableTypeNames() }

// ObjectTypes are the types of the objects of workspaces, as specs and keys call them.
func ObjectTypes() []string { return objectTypeNames() }

// Segments counts the segments of the full name of a securable of that type; 0 for
// the metastore, which has none.
func Segments(securable string) int {
	t, ok := findSecurableType(securable)
	if !ok {
		return 0
	}
	return t.Depth
}

// Privilege is the API's spelling of a privilege, false if the type of securable has
// none such.
func Privilege(securable, name string) (string, bool) {
	t, ok := findSecurableType(securable)
	if !ok {
		return apiSpelling(name), false
	}
	return t.privilege(name)
}

// Level is the API's spelling of a permission level, false if the type of object
// has none such.
func Level(object, name string) (string, bool) {
	t, ok := findObjectType(object)
	if !ok {
		return apiSpelling(name), false
	}
	return t.level(name)
}
