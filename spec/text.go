package spec

// Text is a string with its position.
type Text struct {
	Value string
	Pos   Pos
}

// String is the value.
func (t Text) String() string { return t.Value }

// IsZero reports whether the field is absent.
func (t Text) IsZero() bool { return t == Text{} }

func (t *Text) parse(text string, pos Pos) error {
	*t = Text{text, pos}
	return nil
}

// EnvNames is a list of names of environments. The decoder checks each against
// the Project; nil means all environments.
type EnvNames []Text

// Includes reports whether the list names env; an absent list names every one.
func (names EnvNames) Includes(env string) bool {
	if names == nil {
		return true
	}
	for _, name := range names {
		if name.Value == env {
			return true
		}
	}
	return false
}

// OneOrMany is a list that may be written as a single value.
type OneOrMany []Text
