package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/internal/sandbox"
)

func newPlatform(h http.Handler) *httptest.Server { return httptest.NewServer(h) }

// bodyOf reads the body of a request and leaves it to be read again.
func bodyOf(r *http.Request) []byte {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// isChange tells the writes that changes are made of from those of the lock and of
// the upload.
func isChange(method, path string) bool {
	return method != http.MethodGet && method != http.MethodHead && !ofTheLock(path) && !strings.HasPrefix(path, "/api/2.0/fs/")
}

// namesOf are the names of everything that has an id.
func namesOf(st *sandbox.State) map[string]string {
	names := map[string]string{}
	for _, u := range st.Account.Users {
		names[u.ID] = u.UserName
	}
	for _, sp := range st.Account.ServicePrincipals {
		names[sp.ID], names[sp.ApplicationID] = sp.DisplayName, sp.DisplayName
	}
	groups := slices.Clone(st.Account.Groups)
	for _, w := range st.Workspaces {
		groups = append(groups, w.Groups...)
		for _, o := range w.Objects {
			names[o.ID] = o.Name
			if o.Path != "" {
				names[o.ID] = o.Path
			}
		}
	}
	for _, g := range groups {
		names[g.ID] = g.DisplayName
	}
	return names
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// worldOf writes all that is in a state, without the numbers and the order that
// depend on who came first, and without the lock, which an apply that finds
// nothing to do leaves alone, and what was uploaded, which is another file for each run.
func worldOf(st *sandbox.State) string {
	names := namesOf(st)
	world := *st // several look at one state
	world.Workspaces, world.Securables = slices.Clone(st.Workspaces), slices.Clone(st.Securables)
	for i := range world.Workspaces {
		w := &world.Workspaces[i]
		w.Objects = slices.DeleteFunc(slices.Clone(w.Objects), func(o sandbox.Object) bool { return strings.HasPrefix(o.Path, "/Shared/.brickgate") })
	}
	for i := range world.Securables {
		world.Securables[i].Files, world.Securables[i].Folders = nil, nil
	}
	world.NextID = 0
	text := quoted.ReplaceAllFunc(must(json.Marshal(&world)), func(q []byte) []byte {
		if name, ok := names[string(bytes.Trim(q, `"`))]; ok {
			return must(json.Marshal(name))
		}
		return q
	})
	var all any
	if err := json.Unmarshal(text, &all); err != nil {
		panic(err)
	}
	return string(must(json.MarshalIndent(ordered(all), "", " ")))
}

// ordered sorts every list.
func ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = ordered(v[name])
		}
	case []any:
		for i := range v {
			v[i] = ordered(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return bytes.Compare(must(json.Marshal(a)), must(json.Marshal(b))) })
	}
	return v
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

func lineDiff(want, got string) string {
	return cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
}

// subject is what a write is about: one of these kinds, by one of these names.
type subject struct{ kinds, names []string }

// nameBook knows the names of things before an apply, and those that it gives them.
type nameBook struct{ before, end *sandbox.State }

// all are the names that a thing has or will have.
func (n nameBook) all(id string) []string {
	names := []string{id}
	if before := namesOf(n.before)[id]; before != "" {
		names = append(names, before, namesOf(n.end)[id]) // what is new has another number in each run
	}
	for _, w := range n.before.Workspaces {
		for _, o := range w.Objects {
			if o.ID == id {
				names = append(names, o.Name)
			}
		}
	}
	return names
}

// subjectOf finds it from a request, and from the state that it has led to.
func (n nameBook) subjectOf(method, address, body string, now *sandbox.State) subject {
	id := path.Base(address)
	s := subject{names: append(n.all(id), namesOf(now)[id])}
	switch {
	case method == http.MethodPost:
		var made struct{ DisplayName string }
		if err := json.Unmarshal([]byte(body), &made); err != nil {
			panic(err)
		}
		s.names = []string{made.DisplayName}
		s.kinds = []string{"group", "servicePrincipal"}
	case strings.Contains(address, "/permissionassignments/"):
		s.kinds = []string{"assignment"}
	case strings.Contains(address, "/accounts/"):
		s.kinds = []string{"group", "servicePrincipal", "roles"}
	case strings.Contains(address, "/preview/scim/"):
		s.kinds = []string{"group", "entitlements"}
	case strings.HasPrefix(address, "/api/2.0/permissions/"):
		s.kinds = []string{"permissions"}
	case strings.Contains(address, "/unity-catalog/permissions/"):
		s.kinds = []string{"grants"}
	default:
		s.kinds = []string{"owner"}
	}
	return s
}

// is tells whether an intent is about it.
func (s subject) is(i *journal.Intent) bool {
	return slices.Contains(s.kinds, i.Kind) && slices.ContainsFunc(s.names, func(n string) bool {
		n = strings.TrimPrefix(n, "/")
		return n != "" && (i.Name == n || strings.HasSuffix(i.Name, ":"+n) || strings.HasSuffix(i.Name, "/"+n))
	})
}
