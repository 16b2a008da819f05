package spec

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// APIVersion is the version of the language that every document names.
const APIVersion = "brickgate.dev/v1"

// documents decodes every document of a file, and tells which have mistakes.
func (l *loader) documents(f *file) (entries []Entry, faulty []int) {
	f.documents(func(root *yaml.Node) {
		before := len(f.mistakes)
		entry, ok := l.document(f, root)
		if !ok {
			return
		}
		if len(f.mistakes) > before {
			faulty = append(faulty, len(entries))
		}
		entries = append(entries, entry)
	})
	return entries, faulty
}

// envelope is what every document has, by field.
type envelope struct {
	apiVersion, kind, metadata, spec *yaml.Node
}

// envelopeFields are in the order in which a missing one is reported.
var envelopeFields = []string{"apiVersion", "kind", "metadata", "spec"}

// document decodes one document; false if it cannot even be named.
func (l *loader) document(f *file, root *yaml.Node) (Entry, bool) {
	d := &decoder{file: f, types: l.types, environments: l.environments}
	if root.Kind != yaml.MappingNode {
		d.want(root, "a document, which is a mapping with apiVersion, kind, metadata and spec")
		return Entry{}, false
	}
	// All else in a file of another program would only be noise.
	if !d.isOurs(root) || !(strict{f}).node(root, 0) {
		return Entry{}, false
	}
	env, complete := d.envelope(root)
	if env.kind == nil {
		return Entry{}, false
	}
	kind, known := l.kind(d, env.kind)
	if !known || !complete {
		return Entry{}, false
	}
	if kind == projectKind() && f.name != projectFile {
		d.errorf(d.pos(env.kind), "the Project belongs in %s, in the folder of the repository", projectFile)
		return Entry{}, false
	}
	d.kind = kind.Name
	d.metadata(env.metadata, l.types.of(kind.Spec).domain)
	entry := Entry{Kind: kind.Name, Name: d.meta.Name.Value, Pos: d.meta.Name.Pos}
	entry.Spec, entry.Environments = d.spec(env.spec, kind)
	return entry, entry.Name != ""
}

// isOurs reports a document of another program.
func (d *decoder) isOurs(root *yaml.Node) bool {
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value != "apiVersion" {
			continue
		}
		if value.Kind == yaml.ScalarNode && value.Value != APIVersion {
			d.errorf(d.pos(value), "apiVersion %q is not %q; %s", value.Value, APIVersion, notOurs)
			return false
		}
		return true
	}
	d.errorf(d.pos(root), "the field \"apiVersion\" is missing; %s", notOurs)
	return false
}

// envelope finds the fields of a document; false if one is missing.
func (d *decoder) envelope(root *yaml.Node) (envelope, bool) {
	var env envelope
	into := map[string]**yaml.Node{
		"apiVersion": &env.apiVersion, "kind": &env.kind, "metadata": &env.metadata, "spec": &env.spec,
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		at, ok := into[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode: // reported by the strict walk
		case !ok:
			d.errorf(d.pos(key), "%s", unknown("field", key.Value, envelopeFields))
		case *at == nil:
			*at = root.Content[i+1]
		}
	}
	var missing []string
	for _, name := range envelopeFields {
		if *into[name] == nil {
			missing = append(missing, name)
		}
	}
	d.missing(root, missing)
	return env, len(missing) == 0
}

// notOurs is the way out for files that some other program reads.
const notOurs = "a file that is not for brickgate goes into the Project's ignore: list"

func (l *loader) kind(d *decoder, n *yaml.Node) (Kind, bool) {
	t, ok := d.text(n, rules{})
	if !ok {
		return Kind{}, false
	}
	at := slices.IndexFunc(l.kinds, func(k Kind) bool { return k.Name == t.Value })
	if at < 0 {
		names := make([]string, len(l.kinds))
		for i, k := range l.kinds {
			names[i] = k.Name
		}
		d.errorf(t.Pos, "%s", unknown("kind", t.Value, names))
		return Kind{}, false
	}
	return l.kinds[at], true
}

// metadata decodes the metadata, with a domain where the kind has one.
func (d *decoder) metadata(n *yaml.Node, domain string) {
	if domain == "" {
		var plain plainMetadata
		d.into(n, &plain, rules{})
		d.meta = Metadata{Name: plain.Name}
		return
	}
	d.into(n, &d.meta, rules{})
	if domain == "required" && d.meta.Domain.IsZero() && n.Kind == yaml.MappingNode {
		d.errorf(d.pos(n), "the field %q is missing", "domain")
	}
}
