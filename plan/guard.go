package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Names of the guards, as --allow takes them.
const (
	GuardMaxRemovals     = "maxRemovals"
	GuardSmallSets       = "smallSets"
	GuardMaxDeletes      = "maxDeletes"
	GuardMinAdmins       = "minAdmins"
	GuardProtected       = "protected"
	GuardLastOwner       = "lastOwner"
	GuardEmptyRepository = "emptyRepository"
	GuardRequirePinned   = "requirePinned"
	GuardRights          = "rights"
)

// GuardNames lists all guards.
func GuardNames() []string {
	return []string{
		GuardMaxRemovals, GuardSmallSets, GuardMaxDeletes, GuardMinAdmins,
		GuardProtected, GuardLastOwner, GuardEmptyRepository, GuardRequirePinned, GuardRights,
	}
}

// Percent is a share of the live facts before the run.
type Percent int

// Guards are the limits of one run. A limit of zero is zero, not off.
type Guards struct {
	PerObject, PerProduct, PerRun Percent
	Absolute                      int // removed facts of the whole run
	SmallSets                     int // facts from which PerObject holds; below, principals are counted
	MaxDeletes                    int

	// Lower tells whether the value that takes another's place on the resource is
	// less, as CAN_VIEW is less than CAN_MANAGE. nil: none is.
	Lower func(k Key, from, to string) bool

	// Protected tells whether a principal may never lose the fact, by whatever
	// authority or entry; ProtectedPrincipal whether it may never be deleted.
	Protected          func(Fact) bool
	ProtectedPrincipal func(principal string) bool

	// Admin tells whether the fact makes its principal an administrator, of what
	// ("account", "workspace main"), and how many of these there must be.
	Admin func(Fact) (of string, least int, ok bool)

	RequirePinned []Unpinned // service principals that exist live and are known by name only
	Empty         bool       // the repository declares nothing for this environment
	Project       Pos        // where the repository says what it owns
}

// Unpinned is a service principal without an application id where one is required.
type Unpinned struct {
	Key Key
	Pos Pos
}

// Violation is a guard that stops the run: what it found, with its numbers.
type Violation struct {
	Guard   string
	Key     Key // the resource, where there is one
	Pos     Pos
	Message string
}

// Check holds the whole plan against the guards and returns every violation, by
// guard in the order of GuardNames, then by resource. live is the state that the
// plan was made from, desired tells which products resources belong to.
func Check(p Plan, desired, live State, g Guards) []Violation {
	var out []Violation
	out = append(out, maxRemovals(p, desired, live, g)...)
	out = append(out, smallSets(p, desired, live, g)...)
	out = append(out, maxDeletes(p, g)...)
	out = append(out, minAdmins(p, live, g)...)
	out = append(out, protected(p, g)...)
	out = append(out, lastOwners(p)...)
	if g.Empty {
		out = append(out, Violation{Guard: GuardEmptyRepository, Pos: g.Project,
			Message: "the repository declares nothing for this environment; everything it owns would lose its access"})
	}
	for _, u := range g.RequirePinned {
		out = append(out, Violation{GuardRequirePinned, u.Key, u.Pos,
			fmt.Sprintf("%s is known by its name only; set its applicationId", u.Key)})
	}
	sortViolations(out)
	return out
}

func sortViolations(v []Violation) {
	rank := GuardNames()
	slices.SortStableFunc(v, func(a, b Violation) int {
		if d := slices.Index(rank, a.Guard) - slices.Index(rank, b.Guard); d != 0 {
			return d
		}
		return a.Key.Compare(b.Key)
	})
}

// Waive lets off the guards that are allowed, with their reasons. It returns
// the violations that remain and the waivers that let any off, by guard.
func Waive(violations []Violation, allow map[string]string) (rest []Violation, used []Waiver) {
	for _, v := range violations {
		reason, ok := allow[v.Guard]
		if !ok {
			rest = append(rest, v)
			continue
		}
		used = append(used, Waiver{v.Guard, reason})
	}
	sortWaivers(used)
	return rest, slices.Compact(used)
}

func sortWaivers(w []Waiver) {
	slices.SortFunc(w, func(a, b Waiver) int { return strings.Compare(a.Guard, b.Guard) })
}

func maxDeletes(p Plan, g Guards) []Violation {
	var names []string
	for i := range p.Changes {
		if p.Changes[i].Action == Delete {
			names = append(names, p.Changes[i].Key.String())
		}
	}
	if len(names) <= g.MaxDeletes {
		return nil
	}
	slices.Sort(names)
	return []Violation{{Guard: GuardMaxDeletes,
		Message: fmt.Sprintf("the run would delete %d, more than maxDeletes %d: %s", len(names), g.MaxDeletes, list(names))}}
}

// list names the first few and counts the rest.
func list(names []string) string {
	const shown = 5
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

func origin(c *Change) Pos {
	if c.Origin == nil {
		return Pos{}
	}
	return c.Origin.Pos
}
