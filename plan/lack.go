package plan

import "fmt"

// Lack is a right that a change needs and the applying identity does not have when
// its turn comes.
type Lack struct {
	Key     Key
	Action  Action
	Needs   string   // in words, as "admin of workspace main"
	Holders []string // principals that have it, as far as is known; sorted
	TakenBy Key      // the change before it that takes the right away; zero where it never was there
	By      Action   // what that change does
}

// Refuse adds to the violations of the plan that its changes need rights which
// the principal lacks, unless allow lets that off. What has ended is taken away as
// far as the rights go: who goes without them stops nothing.
func (p *Plan) Refuse(lacks []Lack, principal string, allow map[string]string) {
	p.Lacks = lacks
	if len(lacks) == 0 || p.Ended {
		return
	}
	changes := map[Key]bool{}
	for _, l := range lacks {
		changes[l.Key] = true
	}
	message := fmt.Sprintf("%s lacks rights that %d of the changes need: see \"needs rights\"", principal, len(changes))
	if len(changes) == 1 {
		message = fmt.Sprintf("%s lacks the rights that a change needs: see \"needs rights\"", principal)
	}
	rest, used := Waive([]Violation{{Guard: GuardRights, Message: message}}, allow)
	p.Violations = append(p.Violations, rest...)
	p.Waivers = append(p.Waivers, used...)
	sortViolations(p.Violations)
	sortWaivers(p.Waivers)
}
