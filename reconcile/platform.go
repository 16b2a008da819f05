package reconcile

import "github.com/brickgate/brickgate/plan"

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

// PrivilegeNames lists all privileges and permission levels there are, whatever they
// can be given on, sorted.
func PrivilegeNames() []string {
	var all []string
	for _, t := range securableTypes {
		all = append(all, t.Privileges...)
	}
	for _, t := range objectTypes {
		all = append(all, t.Levels...)
	}
	return plan.Set(all)
}
