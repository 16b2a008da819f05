package policy

import "github.com/brickgate/brickgate/spec"

// closedLayer is the part of BG301 about entries: nobody consumes a layer that
// has consumers: none. Emergency access has layers of its own.
func closedLayer(j *judge) {
	closed := map[string]bool{}
	j.inForce(func(e *entry) {
		if e.Emergency() {
			return
		}
		name := e.Layer.Value
		is, known := closed[name]
		if !known {
			layer, _ := j.Project.Layer(name)
			is = layer.Consumers.Value == "none"
			closed[name] = is
		}
		if is {
			j.about(e, []spec.Pos{e.Layer.Pos}, "%s reads the %s layer of %s, which has consumers: none", e.Party, name, e.name())
		}
	})
}
