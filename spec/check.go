package spec

// Checker collects the mistakes that a document finds in itself.
type Checker struct {
	Kind     string   // of the document
	Metadata Metadata // of the document
	file     *file
}

// Errorf reports a mistake.
func (c *Checker) Errorf(pos Pos, format string, args ...any) {
	c.file.errorf(pos, format, args...)
}

// checks is implemented by a document struct, or by a struct in one, that has
// rules of its own. Check is called once the struct decoded without a mistake,
// inner structs first. It may also complete the value.
type checks interface {
	Check(*Checker)
}
