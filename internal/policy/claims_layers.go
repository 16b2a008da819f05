package policy

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// onData is what a line of a Grants document gives on one securable in a catalog.
type onData struct {
	*line
	spot
	data
	layer string // "" for a catalog of no layer
}

// written visits what Grants documents give on data.
func (j *judge) written() iter.Seq[onData] {
	return func(yield func(onData) bool) {
		for _, l := range j.claims().grants {
			if l.derived() {
				continue
			}
			for _, s := range l.spots {
				d, ok := dataOf(s.on.Key)
				if ok && !yield(onData{l, s, d, j.products().layers[d.parts[0]]}) {
					return
				}
			}
		}
	}
}

// once reports what the rule at work finds in a line, unless it has found something
// there already: a line can be about many securables.
func (j *judge) once(l *line, format string, args ...any) {
	if n := len(j.findings); n > 0 && j.findings[n-1].Code == j.code && j.findings[n-1].Pos == l.origin.Pos {
		return
	}
	j.findAt(l.origin.Pos, l.origin.Document(), format, args...)
}

// rawData is BG301 for Grants documents: consumers get something in a layer that
// is for none. Who owns or writes a product there is no mere consumer.
func rawData(j *judge) {
	for g := range j.written() {
		rules, known := j.Project.Layer(g.layer)
		if !known || rules.Consumers.Value != "none" {
			continue
		}
		p := j.products()
		group, derived := j.claims().groups[g.who]
		switch consumed := p.consumers[g.who]; {
		case g.who == accountUsers && reading(g.values):
			j.once(g.line, "everybody in the account gets %s on %s: %s is for those who build products of it", and(g.values), g.spot, g.layer)
		case derived && group.reads() && !j.inEmergency(group, g.layer):
			j.once(g.line, "%s gets %s on %s, but consumers of %s get nothing in %s: leave it out", g.who, and(g.values), g.spot, group.product, g.layer)
		case len(consumed) > 0 && p.among(p.holders[g.who], g.data) == "":
			j.once(g.line, "%s, a consumer of %s, gets %s on %s: consumers get nothing in %s", g.who, consumed[0], and(g.values), g.spot, g.layer)
		}
	}
}

// inEmergency tells whether the group is for emergencies and the layer is one
// that they may read.
func (j *judge) inEmergency(g derivedGroup, layer string) bool {
	in := func(t spec.Text) bool { return t.Value == layer }
	return g.role == spec.RoleEmergency && slices.ContainsFunc(j.Project.Access.Emergency.Layers, in)
}

// explicitData is BG302: a layer that entries must name is given to those who
// did not.
func explicitData(j *judge) {
	for g := range j.written() {
		rules, known := j.Project.Layer(g.layer)
		group, derived := j.claims().groups[g.who]
		if known && rules.Consumers.Value == "explicit" && g.who == accountUsers && reading(g.values) {
			j.once(g.line, "everybody in the account gets %s on %s: who is to read %s has an entry with layer: %s", and(g.values), g.spot, g.layer, g.layer)
		}
		if !known || rules.Consumers.Value != "explicit" || !derived || !group.reads() || j.inEmergency(group, g.layer) {
			continue
		}
		if group.role != spec.ConsumerRole(g.layer, "", false) && group.role != spec.ConsumerRole(g.layer, "", true) {
			j.once(g.line, "%s gets %s on %s: who is to read %s has an entry with layer: %s in %s, and a group of its own", g.who, and(g.values), g.spot, g.layer, g.layer, group.product)
		}
	}
}

// readersWrite is BG303: stewards and consumers only read.
func readersWrite(j *judge) {
	stewards := j.stewards()
	for _, l := range j.claims().grants {
		for _, s := range l.spots {
			writes := writing(s.values)
			if stewards[l.who] && slices.Contains(s.values, allPrivileges) {
				writes = append(writes, allPrivileges)
			}
			if len(writes) > 0 {
				j.onlyReads(l, s, stewards, "gets "+and(writes)+" on")
			}
		}
	}
	for _, l := range j.claims().owners {
		for _, s := range l.spots {
			j.onlyReads(l, s, stewards, "owns")
		}
	}
}

// onlyReads reports a line that makes more than a reader of a steward or consumer.
func (j *judge) onlyReads(l *line, s spot, stewards map[string]bool, does string) {
	if stewards[l.who] {
		j.once(l, "%s %s %s, but holds the role %s, which writes nothing", l.who, does, s, spec.RoleDataSteward)
	} else if product := j.consumes(l, s); product != "" {
		j.once(l, "%s, a consumer of %s, %s %s: consumers only read", l.who, product, does, s)
	} else if reader, role := j.readerIn(l, stewards); reader != "" {
		j.once(l, "%s %s %s, and %s is in it, which %s", l.who, does, s, reader, role)
	}
}

// readerIn finds a group in the principal of a line that is to read only: that of
// stewards, or one of consumers.
func (j *judge) readerIn(l *line, stewards map[string]bool) (reader, role string) {
	group, is := strings.CutPrefix(l.who, "group:")
	if !is || l.derived() {
		return "", ""
	}
	in := j.groups.of(group)
	now := span{j.Now, j.Now.Add(1)}
	for _, member := range slices.Sorted(maps.Keys(in.times)) {
		if !anyOverlaps(in.times[member], now) {
			continue
		}
		if stewards[member] {
			return member, "holds the role " + spec.RoleDataSteward + ": stewards write nothing"
		}
		if g, derived := j.claims().groups[member]; derived && g.reads() {
			return member, "is for consumers of " + g.product + ": consumers only read"
		}
	}
	return "", ""
}

// consumes tells of which product the principal of a line is a consumer as far as
// that securable goes; "" if of none. Groups of consumers are whatever they get.
// What the product itself gives is no matter of consumption.
func (j *judge) consumes(l *line, s spot) string {
	if l.derived() {
		return ""
	}
	if g, ok := j.claims().groups[l.who]; ok {
		if g.reads() {
			return g.product
		}
		return ""
	}
	d, ok := dataOf(s.on.Key)
	if !ok {
		return ""
	}
	return j.products().among(j.products().consumers[l.who], d)
}

// stewards are the principals that hold the role.
func (j *judge) stewards() map[string]bool {
	out := map[string]bool{}
	if role, ok := j.Project.Roles.Get(spec.RoleDataSteward); ok {
		for _, ref := range role.Holders() {
			out[j.token(ref)] = true
		}
	}
	return out
}

// writing are those of the privileges that change data, what is made of it, or
// who has it. Of ALL_PRIVILEGES another rule tells.
func writing(privileges []string) []string {
	var out []string
	for _, p := range privileges {
		switch p {
		case "APPLY_TAG", "MANAGE", "MODIFY", "REFRESH", "WRITE_FILES", "WRITE_VOLUME":
			out = append(out, p)
		default:
			if strings.HasPrefix(p, "CREATE_") {
				out = append(out, p)
			}
		}
	}
	return out
}

// everything is BG304: ALL_PRIVILEGES for those who are to read, or for everybody.
func everything(j *judge) {
	for _, l := range j.claims().grants {
		for _, s := range l.spots {
			if !slices.Contains(s.values, allPrivileges) {
				continue
			}
			if l.who == accountUsers {
				j.once(l, "everybody in the account gets %s on %s: name who needs what", allPrivileges, s)
			} else if product := j.consumes(l, s); product != "" {
				j.once(l, "%s, a consumer of %s, gets %s on %s: consumers only read", l.who, product, allPrivileges, s)
			}
		}
	}
}

// wholeSchemas is BG307: consumers get a schema with all that will ever be in it,
// from the product or past it.
func wholeSchemas(j *judge) {
	for _, l := range j.claims().grants {
		for _, s := range l.spots {
			d, ok := dataOf(s.on.Key)
			if !ok || len(d.parts) > 2 || !reading(s.values) {
				continue
			}
			product := j.consumes(l, s)
			if group, derived := j.claims().groups[l.who]; derived {
				if product = ""; group.consumes() {
					product = group.product
				}
			}
			if product != "" {
				j.once(l, "consumers of %s read all that is and will be in %s: name its tables and volumes", product, s)
			}
		}
	}
}

// reading tells whether any of the privileges gives more than the way through.
func reading(privileges []string) bool {
	return slices.ContainsFunc(privileges, func(p string) bool { return p != useCatalog && p != useSchema && p != "BROWSE" })
}
