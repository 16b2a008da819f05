package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// What decides whether a right is there, and was not needed for the plan itself,
// is asked for only where nothing else says that it is.

// question is one such thing, by what is asked and about what.
type question struct {
	asks asking
	name string
}

type asking int

const (
	asksMembers   asking = iota + 1 // of an account group: one request
	asksAdmins                      // who is in the group admins of a workspace: one request
	asksRoles                       // of the user that we are: one list by a filter
	asksSecurable                   // owner and our own grants, of "type/name": two requests
)

// reply is the answer. With an error it stays open for good.
type reply struct {
	members []string
	owner   string
	grants  []plan.Field
	err     error
	closed  bool // to us, and so to all groups that we are in
}

// reply is the answer to a question; nil if it was not asked yet, and now is noted.
func (s *standing) reply(q question) *reply {
	answer := s.answers[q]
	if answer == nil {
		if s.open == nil {
			s.open = map[question]bool{}
		}
		s.open[q] = true
	}
	return answer
}

// ask answers all open questions. A refusal is an answer too: that nobody knows.
func (s *standing) ask(ctx context.Context) error {
	open := sortedQuestions(s.open)
	for _, q := range open {
		answer := s.run.inquire(ctx, q)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.answers[q] = &answer
		if q.asks == asksRoles {
			for _, token := range s.run.admins() {
				if !slices.Contains(s.admins, token) {
					s.admins = append(s.admins, token)
				}
			}
		}
	}
	s.open = nil
	return nil
}

func sortedQuestions(open map[question]bool) []question {
	out := make([]question, 0, len(open))
	for q := range open {
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b question) int {
		if a.asks != b.asks {
			return int(a.asks) - int(b.asks)
		}
		return strings.Compare(a.name, b.name)
	})
	return out
}

func (r *Run) inquire(ctx context.Context, q question) (answer reply) {
	switch q.asks {
	case asksMembers:
		answer.members, answer.err = r.askMembers(ctx, r.dir.account, q.name, false)
	case asksAdmins:
		answer.members, answer.err = r.askMembers(ctx, r.dir.workspaces[q.name], adminsGroup, true)
	case asksRoles:
		answer.err = r.dir.account.findUsers(ctx, []string{q.name}, nil)
	case asksSecurable:
		answer.owner, answer.grants, answer.err = r.askSecurable(ctx, q.name)
		answer.closed = forbidden(answer.err)
	default:
		panic(fmt.Sprintf("reconcile: a question of the unknown kind %d", q.asks))
	}
	return answer
}

var errNoAccount = errors.New("the environment has no account to ask")

// askMembers reads one group. A member that no list names is us if it has our id,
// and nobody that matters else.
func (r *Run) askMembers(ctx context.Context, l *level, name string, local bool) ([]string, error) {
	if l == nil {
		return nil, errNoAccount // its groups are in ACLs all the same
	}
	g, err := l.group(name, local)
	if err != nil {
		return nil, err
	}
	if g == nil {
		g, err = l.group(name, !local)
	}
	if g == nil || err != nil {
		return nil, err
	}
	full, err := l.readGroup(ctx, g.ID)
	if err != nil {
		return nil, err
	}
	members := make([]string, len(full.Members))
	for i, m := range full.Members {
		members[i] = l.member(m.Value)
		if m.Value == r.clients.Self.ID {
			members[i] = r.Self()
		}
	}
	return members, nil
}

// askSecurable reads who owns a securable and what is granted on it: to callers
// who may not see more, what is granted to themselves. Who may not see it at all
// neither owns it nor has anything on it that matters here.
func (r *Run) askSecurable(ctx context.Context, label string) (owner string, grants []plan.Field, err error) {
	typ, name, _ := strings.Cut(label, "/")
	t, _ := findSecurableType(typ)
	s := securable{Type: t, Name: name, Owner: r.metastore.Owner}
	if t.Depth > 0 {
		var item answer
		if err := r.clients.catalog().get(ctx, t.Path+"/"+escaped(name), nil, &item); err != nil {
			return "", nil, err
		}
		s.Owner = dig(item, "owner")
	}
	assignments, err := r.grants(ctx, s)
	if err != nil {
		return "", nil, err
	}
	return r.ucPrincipal(s.Owner), r.grantsResource(grantsKey(t, name), s, assignments).Fields, nil
}
