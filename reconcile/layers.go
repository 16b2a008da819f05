package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// layerClash reports a layer whose key is the name of a live catalog that is
// not one of the layer's: a bare first segment would mean either.
func (r *Run) layerClash(t *securableType, items []map[string]any) error {
	if t.Name != "catalog" {
		return nil
	}
	for _, item := range items {
		name := strings.ToLower(dig(item, "name"))
		for _, layer := range r.Env.Catalogs.Entries {
			same := func(c spec.Text) bool { return strings.EqualFold(c.Value, name) }
			if strings.EqualFold(layer.Key.Value, name) && !slices.ContainsFunc(layer.Value, same) {
				return spec.Errorf(layer.Key.Pos, "the layer %s is called like a live catalog that is not one of its own: call the layer something else", layer.Key.Value)
			}
		}
	}
	return nil
}
