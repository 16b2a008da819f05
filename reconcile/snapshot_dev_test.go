package reconcile_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
	"github.com/google/go-cmp/cmp"
)

func textOf(run *reconcile.Run, p plan.Plan, err error) string {
	if err != nil {
		return "ERR " + strings.Split(err.Error(), "\n")[0]
	}
	data, jerr := p.JSON("x")
	if jerr != nil {
		panic(jerr)
	}
	out := string(data)
	for _, r := range run.Live.All() {
		out += fmt.Sprintln(r.Key, r.Authority, r.Presence, r.Held, r.Fields, r.Context)
	}
	return out
}

type within struct{ http.Handler }

func (d within) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if req.Body == nil {
		req.Body = http.NoBody
	}
	d.ServeHTTP(w, req)
	resp := w.Result()
	resp.Request = req
	return resp, nil
}

func (l *lab) alsoOverSnapshot() {
	if os.Getenv("SNAP") == "" {
		return
	}
	rec, err := snapshot.Record(l.transport)
	if err != nil {
		l.t.Fatal(err)
	}
	repo, err := spec.Load(l.dir, reconcile.SpecKinds())
	if err != nil {
		return
	}
	get := func(endpoint func(string) reconcile.Endpoint, tr interface{}, opts reconcile.Options) (run *reconcile.Run, c *reconcile.Clients, p plan.Plan, err error) {
		declared, err := reconcile.Declare(repo, l.env)
		if err != nil {
			return
		}
		if tr == nil {
			c, err = reconcile.Connect(l.t.Context(), declared.Env, endpoint, rec)
		} else {
			c, err = reconcile.Connect(l.t.Context(), declared.Env, endpoint, tr.(*reconcile.Transport))
		}
		if err != nil {
			return
		}
		run, err = reconcile.Read(l.t.Context(), c, declared, opts)
		if err != nil {
			return
		}
		p, err = run.Plan(l.now, l.allow, l.judge)
		if err == nil {
			err = run.Preflight(l.t.Context(), &p, l.allow)
		}
		p.Hosts = nil
		return
	}
	opts := l.opts
	opts.AllUsers = true
	run, c, p, err := get(l.endpoint, nil, opts)
	if err != nil {
		return
	}
	want := textOf(run, p, err)
	st, err := snapshot.Making{ToolVersion: "t", Project: "p", Environment: l.env, ReadAt: l.now, Hosts: run.Hosts(), Recording: rec}.State(c)
	if err != nil {
		l.t.Errorf("SNAP state: %v", err)
		return
	}
	s, err := sandbox.New(st, sandbox.Options{})
	if err != nil {
		l.t.Errorf("SNAP new: %v", err)
		return
	}
	l2 := *l
	l2.Server, l2.url, l2.token = s, "http://sandbox.test", s.Token()
	run2, _, p2, err := get(l2.endpoint, &reconcile.Transport{Base: within{s}, Pace: math.Inf(1)}, l.opts)
	got := textOf(run2, p2, err)
	clean := func(t string) string {
		for _, u := range append(st.Snapshot.Unread) {
			t = strings.ReplaceAll(t, "the snapshot could not read "+u.What+": ", "")
		}
		return regexp.MustCompile(`(find [^"]*: )?(the answer|the list|it did not come)[^\n]*`).ReplaceAllString(t, "UNREAD")
	}
	if d := cmp.Diff(strings.Split(clean(want), "\n"), strings.Split(clean(got), "\n")); d != "" {
		l.t.Errorf("SNAP differs:\n%s", d)
	}
}
