package reconcile_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// loginPages are what stands in for a host that wants somebody to log in.
var loginPages = map[string][]sandbox.Fault{
	"a page": pageFor(sandbox.Fault{Status: 200, ContentType: "text/html", Body: "\n<!doctype html><p>log in"}),
	"a redirection": append(pageFor(sandbox.Fault{Status: 303, Header: http.Header{"Location": {"/login"}}}),
		sandbox.Fault{Path: "/login", Status: 200, Body: "{}", Times: -1}),
}

func pageFor(f sandbox.Fault) []sandbox.Fault {
	var out []sandbox.Fault
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		f.Method, f.Times = method, -1
		out = append(out, f)
	}
	return out
}

// What a login page has answered was not done, and nobody says that it was.
func TestALoginPageAppliesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, faults := range loginPages {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := b.lab(t)
				for _, f := range faults {
					l.Inject(f)
				}
				failed := 0
				for _, o := range l.run() {
					switch {
					case o.Status == plan.Applied:
						t.Errorf("%s %s is applied", o.Change.Action, o.Change.Key)
					case o.Status == plan.Failed && !strings.Contains(o.Err.Error(), "does a proxy or a login page stand in for the host?") && !strings.Contains(o.Err.Error(), "did not do it and leads to /login instead"):
						t.Error(o.Err)
					case o.Status == plan.Failed:
						failed++
					}
				}
				if failed < 10 {
					t.Errorf("%d changes failed", failed)
				}
			})
		})
	}
}

// An upload that a login page has answered is not there.
func TestALoginPageKeepsNoFile(t *testing.T) {
	t.Parallel()
	for name, faults := range loginPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/api/2.0/fs/*", "/api/2.0/fs/files/*"} {
				l, v := newVolume(t)
				for _, f := range faults {
					if f.Path == "" {
						f.Path = path
					}
					l.Inject(f)
				}
				if made, err := v.Keep(t.Context(), ofARun, []byte("one\n")); made || err == nil || !strings.Contains(err.Error(), "login page") {
					t.Errorf("%s: made %t: %v; the volume holds %q", path, made, err, l.inVolume())
				}
			}
		})
	}
}
