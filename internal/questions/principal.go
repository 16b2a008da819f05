package questions

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Principal is whom a question is about.
type Principal struct {
	Token string // user:…, group:… or sp:…
	Notes []string
}

// Principal finds the principal that a text means: with a prefix exactly that, with
// an @ a user, else the one group or service principal of that name, live or as the
// documents spell it.
func (w *World) Principal(text string) (Principal, error) {
	text = strings.TrimSpace(text)
	kind, name, prefixed := strings.Cut(text, ":")
	switch {
	case text == "":
		return Principal{}, errors.New("whose access? name a principal: an e-mail address, or a group or service principal")
	case prefixed && name == "" && plan.IsPrincipal(text):
		return Principal{}, fmt.Errorf("%q names nobody: write %s:NAME", text, kind)
	case prefixed && kind == "user":
		return w.user(name), nil
	case prefixed && plan.IsPrincipal(text):
		return w.exact(text)
	case strings.Contains(text, "@"):
		return w.address(text)
	}
	return w.named(text)
}

// address is a name with an @: a user, and where a group or service principal has that
// name, only one of them by a prefix.
func (w *World) address(text string) (Principal, error) {
	all, found := w.tokens(), slices.Clone(w.Called[text])
	for _, token := range []string{"group:" + text, "sp:" + text} {
		if slices.Contains(all, token) {
			found = append(found, token)
		}
	}
	if len(found) == 0 {
		return w.user(text), nil
	}
	found = plan.Set(append(found, "user:"+strings.ToLower(text)))
	return Principal{}, fmt.Errorf("%q could be %s: say which", text, strings.Join(found, " or "))
}

// user is a user, known or not: everybody has what every user of the account has.
func (w *World) user(name string) Principal {
	p := Principal{Token: "user:" + strings.ToLower(name)}
	if all := w.tokens(); !slices.Contains(all, p.Token) {
		note := fmt.Sprintf("Nothing names %s%s: what every user of the account has is all that it can have.", p.Token, meant(p.Token, all))
		p.Notes = append(p.Notes, note)
	}
	return p
}

// tokens are all principals that anything names.
func (w *World) tokens() []string {
	out := slices.Concat(w.Access.Principals(), w.Known, []string{accountUsers})
	for _, tokens := range w.Called {
		out = append(out, tokens...)
	}
	return plan.Set(out)
}

func (w *World) exact(token string) (Principal, error) {
	all := w.tokens()
	if id, ok := strings.CutPrefix(token, "sp:"); ok && w.ServicePrincipal != nil && !slices.Contains(all, token) {
		if t, ok := w.ServicePrincipal(id); ok {
			token = t
		}
	}
	if slices.Contains(all, token) {
		return w.only(token)
	}
	_, name, _ := strings.Cut(token, ":")
	if called := w.Called[name]; len(called) > 0 {
		return Principal{}, fmt.Errorf("unknown principal %q: the documents call %s so, and a prefix asks for the live name", token, strings.Join(called, " and "))
	}
	return Principal{}, unknown("principal", token, all)
}

// named finds a group or service principal by a bare name.
func (w *World) named(name string) (Principal, error) {
	all := w.tokens()
	var found []string
	for _, token := range []string{"group:" + name, "sp:" + name} {
		if slices.Contains(all, token) {
			found = append(found, token)
		}
	}
	found = plan.Set(append(found, w.Called[name]...))
	if len(found) == 0 && w.ServicePrincipal != nil {
		if t, ok := w.ServicePrincipal(name); ok {
			found = []string{t}
		}
	}
	switch len(found) {
	case 0:
		return Principal{}, unknown("group or service principal", name, w.names(all))
	case 1:
		return w.only(found[0])
	}
	return Principal{}, fmt.Errorf("%q could be %s: say which", name, strings.Join(found, " or "))
}

// names are those that a bare name can be: of groups and service principals, live
// and in the documents, and the e-mail addresses of users.
func (w *World) names(tokens []string) []string {
	var out []string
	for _, t := range tokens {
		_, name, _ := strings.Cut(t, ":")
		out = append(out, name)
	}
	for name := range w.Called {
		out = append(out, name)
	}
	return plan.Set(out)
}

// only refuses the groups that each workspace has one of, where there are several.
func (w *World) only(token string) (Principal, error) {
	if names := w.Env.Workspaces.Keys(); (token == "group:users" || token == "group:admins") && len(names) > 1 {
		return Principal{}, fmt.Errorf("%s is a group of each of the workspaces %s: ask about a member, or who-can USER and ADMIN on a workspace", token, strings.Join(names, ", "))
	}
	return Principal{Token: token}, nil
}

// spelled is a principal as an entry of a document names it.
func (w *World) spelled(token string) string {
	kind, name, _ := strings.Cut(token, ":")
	if kind == "sp" {
		kind = "servicePrincipal"
	}
	if kind != "user" {
		var names []string
		for n, tokens := range w.Called {
			if slices.Contains(tokens, token) {
				names = append(names, n)
			}
		}
		if len(names) > 0 {
			name = slices.Min(names)
		}
	}
	return kind + ": " + scalar(name)
}
