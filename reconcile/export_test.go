package reconcile

import "slices"

// What the tests of the package as its users see it need to know of its tables.

// KindNames lists the kinds in the order of the table.
func KindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.Name)
	}
	return names
}

// TableRow is what a type of the two tables allows.
type TableRow struct {
	Name    string
	Allowed []string
	Owner   bool
	Named   bool // found by name
	ByPath  bool
	Fixed   []string
	List    string // path of the list
	Path    string // of the type's own API
	Depth   int
}

// ObjectTable lists the types of workspace objects.
func ObjectTable() []TableRow {
	var rows []TableRow
	for _, t := range objectTypes {
		rows = append(rows, TableRow{
			Name: t.Name, Allowed: slices.Clone(t.Levels), Owner: t.Owner, Named: t.hasNames(), ByPath: t.ByPath,
			Fixed: slices.Clone(t.Fixed), List: t.List.Path,
		})
	}
	return rows
}

// SecurableTable lists the types of securables.
func SecurableTable() []TableRow {
	var rows []TableRow
	for _, t := range securableTypes {
		rows = append(rows, TableRow{
			Name: t.Name, Allowed: slices.Clone(t.Privileges), Owner: !t.NoOwner, Path: t.Path, Depth: t.Depth,
		})
	}
	return rows
}
