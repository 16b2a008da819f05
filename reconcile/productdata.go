package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// What reading and writing mean for each type of data; a schema stands for all
// that is in it.
var (
	reading = map[string][]string{
		"schema":   {"EXECUTE", "READ_VOLUME", "SELECT"},
		"table":    {"SELECT"},
		"volume":   {"READ_VOLUME"},
		"function": {"EXECUTE"},
		"model":    {"EXECUTE"},
	}
	writing = map[string][]string{
		"schema":   {"EXECUTE", "MODIFY", "READ_VOLUME", "SELECT", "WRITE_VOLUME"},
		"table":    {"MODIFY", "SELECT"},
		"volume":   {"READ_VOLUME", "WRITE_VOLUME"},
		"function": {"EXECUTE"},
		"model":    {"CREATE_MODEL_VERSION", "EXECUTE"},
	}
)

// dataItem is a securable of a product as it is in one environment.
type dataItem struct {
	*spec.DataItem
	securableRef
	layer  string
	ports  []string // those that it is part of
	origin *plan.Origin
}

// schema is the schema that holds the item, or is it.
func (i *dataItem) schema() securableRef {
	if i.Type.Name == "schema" {
		return i.securableRef
	}
	parts, _ := spec.SplitSecurable(i.securableRef.Name)
	return parentRef("schema", parts[:2], i.securableRef.Pos)
}

func (i *dataItem) catalog() securableRef {
	parts, _ := spec.SplitSecurable(i.securableRef.Name)
	return parentRef("catalog", parts[:1], i.securableRef.Pos)
}

func parentRef(typ string, segments []string, pos spec.Pos) securableRef {
	t, _ := findSecurableType(typ)
	name := spec.JoinSecurable(segments...)
	return securableRef{Key: grantsKey(t, name), Type: t, Name: name, Pos: pos}
}

// items finds the data of the product in the environment, that of ports included.
func (x *expansion) items() {
	for _, layer := range x.product.Data.Entries {
		for k := range layer.Value {
			i := x.item(layer.Key, &layer.Value[k])
			if i == nil {
				continue
			}
			x.data = append(x.data, i)
			x.lake = append(x.lake, dataClaim{i, x.product, nil})
			x.about(i)
			if !x.Env.OwnsDeclared(i.Type.Name, i.securableRef.Name) {
				x.Errorf(i.securableRef.Pos, "%s %s of product %s is not owned by this repository: add it to owns.catalogs or owns.securables", i.Type.Name, i.securableRef.Name, x.name())
			}
		}
	}
	for _, port := range x.product.Ports.Entries {
		for _, name := range port.Value {
			x.portItem(port.Key.Value, name)
		}
	}
}

// about labels the resource of an item.
func (x *expansion) about(i *dataItem) {
	x.resource(i.Key, x.pos)
	x.label(i.Key, productLabel+x.name(), "domain:"+x.product.Metadata.Domain.Value, "layer:"+i.layer)
	if i.PII {
		x.label(i.Key, "pii")
	}
}

// item is an item in this environment; nil if it is not there, or is a mistake.
func (x *expansion) item(layer spec.Text, data *spec.DataItem) *dataItem {
	if !x.applies(data.Environments) {
		return nil
	}
	typ, name := data.Item()
	t, _ := findSecurableType(typ)
	full, ok := x.fullName(layer, t, name)
	if !ok {
		return nil
	}
	origin := x.productOrigin(spec.Terms{}, name.Pos)
	ref := securableRef{Key: grantsKey(t, full), Type: t, Name: full, Pos: name.Pos}
	return &dataItem{DataItem: data, securableRef: ref, layer: layer.Value, origin: origin}
}

// fullName is the live name of an item: a name without catalog is in the default
// catalog of the layer, one with it must name one of the layer's catalogs.
func (x *expansion) fullName(layer spec.Text, t *securableType, name spec.Text) (string, bool) {
	catalogs, ok := x.Env.Catalogs.Get(layer.Value)
	if !ok {
		x.Errorf(layer.Pos, "environment %s has no catalog for layer %s%s", x.Env.Name, layer.Value, known(layer.Value, x.Env.Catalogs.Keys()))
		return "", false
	}
	segments, err := spec.SplitSecurable(name.Value)
	if err != nil {
		x.Errorf(name.Pos, "%v", err)
		return "", false
	}
	text := name.Value
	if len(segments) == t.Depth-1 {
		text = "{" + layer.Value + "}." + text
	}
	full, err := x.Env.Securable(name.Pos, t.Name, text)
	if err != nil {
		x.mistakes = append(x.mistakes, err)
		return "", false
	}
	parts, _ := spec.SplitSecurable(full)
	in := func(c spec.Text) bool { return strings.EqualFold(c.Value, parts[0]) }
	if !slices.ContainsFunc(catalogs, in) {
		names := make([]string, len(catalogs))
		for i, c := range catalogs {
			names[i] = c.Value
		}
		x.Errorf(name.Pos, "catalog %s is none of layer %s in environment %s: %s", parts[0], layer.Value, x.Env.Name, list(names))
		return "", false
	}
	return full, true
}

// portItem finds a table of a port among the gold data: an item of its own, or a
// table in a schema of the product.
func (x *expansion) portItem(port string, name spec.Text) {
	layer := spec.Text{Value: spec.DefaultLayer, Pos: name.Pos}
	for _, typ := range []string{"table", "volume", "function", "model"} {
		t, _ := findSecurableType(typ)
		full, ok := x.fullName(layer, t, name)
		if !ok {
			return
		}
		for _, i := range x.data {
			if i.Type == t && i.securableRef.Name == full {
				i.ports = append(i.ports, port)
				return
			}
		}
	}
	t, _ := findSecurableType("table")
	i := x.item(layer, &spec.DataItem{Table: name, Pos: name.Pos})
	parts, _ := spec.SplitSecurable(i.securableRef.Name)
	within := parentRef("schema", parts[:2], name.Pos)
	for _, whole := range x.data {
		if whole.Type.Name == "schema" && whole.securableRef.Name == within.Name {
			i.DataItem.PII, i.ports = whole.PII, []string{port}
			x.parts = append(x.parts, i)
			return
		}
	}
	if x.elsewhere(name) {
		return
	}
	var names []string
	for _, i := range x.data {
		if i.layer == spec.DefaultLayer {
			names = append(names, i.securableRef.Name)
		}
	}
	x.Errorf(name.Pos, "port %s: %s %s is not among the gold data of product %s: %s", port, t.Name, i.securableRef.Name, x.name(), list(names))
}

// elsewhere tells whether the gold data has an item of that name, or its schema,
// in other environments only.
func (x *expansion) elsewhere(name spec.Text) bool {
	items, _ := x.product.Data.Get(spec.DefaultLayer)
	return slices.ContainsFunc(items, func(i spec.DataItem) bool {
		typ, text := i.Item()
		same := strings.EqualFold(text.Value, name.Value) || typ == "schema" && strings.HasPrefix(name.Value, text.Value+".")
		return same && !x.applies(i.Environments)
	})
}

// grantOn gives privileges on an item, with the USE path to it.
func (x *expansion) grantOn(i *dataItem, token string, origin *plan.Origin, privileges ...string) {
	x.claimOn(i.catalog(), token, origin, true, "USE_CATALOG")
	if schema := i.schema(); schema.Key != i.Key || !slices.Contains(privileges, allPrivileges) {
		x.claimOn(schema, token, origin, true, "USE_SCHEMA")
	}
	x.claimOn(i.securableRef, token, origin, true, privileges...)
}

// denyOn says that privileges on an item must not be there.
func (x *expansion) denyOn(i *dataItem, token string, origin *plan.Origin, privileges ...string) {
	x.claimOn(i.securableRef, token, origin, false, privileges...)
}

// claimOn claims privileges on a securable, or that they are absent.
func (x *expansion) claimOn(ref securableRef, token string, origin *plan.Origin, want bool, privileges ...string) {
	if x.resources[ref.Key] == nil {
		x.resource(ref.Key, x.pos)
	}
	if !x.listed[ref.Key] {
		x.listed[ref.Key] = true
		x.Securables = append(x.Securables, ref)
	}
	authority := plan.Merge
	if x.Env.OwnsDeclared(ref.Type.Name, ref.Name) {
		authority = plan.Managed
	}
	x.authority(ref.Key, authority, spec.Pos{})
	r := x.resources[ref.Key]
	for _, p := range privileges {
		g := given{ref.Key, token, p, want, origin.From, origin.Until}
		if !x.given[g] {
			x.given[g] = true
			r.Claims = append(r.Claims, plan.Claim{Field: token, Value: p, Want: want, Origin: origin})
		}
	}
	x.refer(ref.Key, token)
}
