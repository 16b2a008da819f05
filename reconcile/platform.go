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
