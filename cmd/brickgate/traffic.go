package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// traffic counts the requests of a command and times them. Of a request it keeps
// what it is about, and nothing that stands in it.
type traffic struct {
	first func(about string) // told when something is asked for the first time; nil: nobody is

	mu    sync.Mutex // guards all below, and calls of first
	about map[string]*flow
	last  string // what the last request was about
}

// flow is all requests about one thing.
type flow struct {
	about            string
	requests, failed int
	took             time.Duration
}

// under sends requests by another transport, and counts them.
func (t *traffic) under(base http.RoundTripper) http.RoundTripper { return counting{base, t} }

type counting struct {
	base http.RoundTripper
	to   *traffic
}

func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	about := subjectOf(req.URL.Path)
	c.to.begin(about)
	began := time.Now()
	resp, err := c.base.RoundTrip(req)
	c.to.end(about, time.Since(began), err != nil || resp.StatusCode >= http.StatusBadRequest)
	return resp, err
}

func (t *traffic) begin(about string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.about == nil {
		t.about = map[string]*flow{}
	}
	if t.about[about] == nil {
		t.about[about] = &flow{about: about}
		if t.first != nil {
			t.first(about)
		}
	}
	t.about[about].requests++
	t.last = about
}

func (t *traffic) end(about string, took time.Duration, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.about[about].took += took
	if failed {
		t.about[about].failed++
	}
}

// latest says what is being asked for, and how often it was: "reading grants, 1,204
// requests".
func (t *traffic) latest() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == "" {
		return "connecting"
	}
	return fmt.Sprintf("reading %s, %s", t.last, grouped(t.about[t.last].requests, "request"))
}

// write lists what was asked for, that which took longest first. Requests are made
// side by side, so their times add up to more than the command took.
func (t *traffic) write(w io.Writer, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	total, flows := 0, make([]*flow, 0, len(t.about))
	for _, f := range t.about {
		total += f.requests
		flows = append(flows, f)
	}
	slices.SortFunc(flows, func(a, b *flow) int {
		return cmp.Or(cmp.Compare(b.took, a.took), strings.Compare(a.about, b.about))
	})
	fmt.Fprintf(w, "%s in %s\n", grouped(total, "request"), took.Round(time.Millisecond))
	for _, f := range flows {
		fmt.Fprintf(w, "  %6d  %-28s %10s", f.requests, f.about, f.took.Round(time.Millisecond))
		if f.failed > 0 {
			fmt.Fprintf(w, "  %d not answered, or with an error", f.failed)
		}
		fmt.Fprintln(w)
	}
}

// subjects are what requests are about, by a part of their path; the first that
// fits counts.
var subjects = []struct{ part, about string }{
	{"/oidc/", "the login"},
	{"/.well-known/", "the login"},
	{"/permissionassignments", "workspace assignments"},
	{"/unity-catalog/permissions", "grants"},
	{"/unity-catalog/effective-permissions", "grants"},
	{"/unity-catalog/bindings", "catalog bindings"},
	{"/unity-catalog/workspace-bindings", "catalog bindings"},
	{"/unity-catalog/", "Unity Catalog objects"},
	{"/lineage-tracking/", "Unity Catalog objects"},
	{"/clean-rooms", "Unity Catalog objects"},
	{"/access-control/", "account roles"},
	{"/api/2.0/permissions/", "permissions of objects"},
	{"/api/2.0/fs/", "files in volumes"},
	{"/api/2.0/workspace/", "folders and files"},
}

// subjectOf says what a request is about, in words.
func subjectOf(path string) string {
	if at := strings.Index(path, "/scim/v2/"); at >= 0 {
		where := "workspace"
		if strings.Contains(path[:at], "/account") {
			where = "account"
		}
		what, _, _ := strings.Cut(path[at+len("/scim/v2/"):], "/")
		switch what {
		case "Groups":
			return where + " groups"
		case "Users":
			return where + " users"
		case "ServicePrincipals":
			return where + " service principals"
		}
		return "who we are"
	}
	for _, s := range subjects {
		if strings.Contains(path, s.part) {
			return s.about
		}
	}
	return "objects of workspaces"
}

// grouped writes a number with its thousands apart, and what is counted.
func grouped(n int, what string) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	if n != 1 {
		what += "s"
	}
	return text + " " + what
}
