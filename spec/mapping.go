package spec

// Map is a mapping that keeps the order and the positions of its keys.
// Absent: no position and nil Entries; {}: empty, non-nil Entries.
type Map[T any] struct {
	Entries []MapEntry[T]
	Pos     Pos
}

// MapEntry is one key of a Map with its value.
type MapEntry[T any] struct {
	Key   Text
	Value T
}

// IsZero reports whether the field is absent.
func (m Map[T]) IsZero() bool { return m.Entries == nil }

// Len is the number of keys.
func (m Map[T]) Len() int { return len(m.Entries) }

// Get is the value of a key.
func (m Map[T]) Get(key string) (T, bool) {
	for i := range m.Entries {
		if m.Entries[i].Key.Value == key {
			return m.Entries[i].Value, true
		}
	}
	var none T
	return none, false
}

// Keys lists the keys in the order of the file.
func (m Map[T]) Keys() []string {
	keys := make([]string, len(m.Entries))
	for i, e := range m.Entries {
		keys[i] = e.Key.Value
	}
	return keys
}

// Free is a value whose shape the language leaves open. Value is a string, a
// bool, an int, a float64, a []Free or a Map[Free].
type Free struct {
	Value any
	Pos   Pos
}

// ByEnvironment is one value for all environments, or a map of them by name.
type ByEnvironment struct {
	Value Text      // the one value
	Each  Map[Text] // or the map
	Pos   Pos
}

// IsZero reports whether the field is absent.
func (b ByEnvironment) IsZero() bool { return b.Pos.IsZero() }

// For is the value in an environment; false if it has none there.
func (b ByEnvironment) For(env string) (Text, bool) {
	if b.Each.IsZero() {
		return b.Value, !b.IsZero()
	}
	return b.Each.Get(env)
}

// All lists the values with their environments; the key of one value for all
// environments is zero.
func (b ByEnvironment) All() []MapEntry[Text] {
	if b.Each.IsZero() && !b.IsZero() {
		return []MapEntry[Text]{{Value: b.Value}}
	}
	return b.Each.Entries
}
