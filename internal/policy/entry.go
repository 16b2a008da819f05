package policy

import (
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// entry is the access of one consumer with what the rules ask about it.
type entry struct {
	*spec.Consumption
	course    spec.Course
	digests   []string   // see judge.digestsOf
	approvals []approval // see judge.approvalsOf
}

// entries are those that give access in the environment at some time, by place.
func (j *judge) entries() []*entry {
	if j.consumers == nil {
		j.consumers = j.collect()
	}
	return j.consumers
}

func (j *judge) collect() []*entry {
	all := make([]entry, 0, len(j.Catalogue.Consumptions))
	out := make([]*entry, 0, len(j.Catalogue.Consumptions))
	for _, c := range j.Catalogue.Consumptions {
		if !c.Gives() || !c.Environments.Includes(j.Env.Name) || !c.Product.Environments.Includes(j.Env.Name) {
			continue
		}
		all = append(all, entry{Consumption: c, course: c.Course(j.Project)})
		out = append(out, &all[len(all)-1])
	}
	return out
}

// inForce calls the rule for each entry that gives access now.
func (j *judge) inForce(rule func(*entry)) {
	for _, e := range j.entries() {
		if e.course.At(j.Now) {
			rule(e)
		}
	}
}

// about reports what the rule at work finds in an entry, at the first place
// that is set: that of the field at fault, else that of the entry.
func (j *judge) about(e *entry, places []spec.Pos, format string, args ...any) {
	j.find(at(append(places, e.Pos)...), e.Document.Pos, format, args...)
}

// name is the name of the product.
func (e *entry) name() string { return e.Product.Metadata.Name.Value }

// lastsUntil writes the end of a time as entries write it: the last day, or the
// instant.
func (j *judge) lastsUntil(end time.Time) string {
	return (&plan.Origin{Until: end.In(j.zone)}).LastsUntil()
}
