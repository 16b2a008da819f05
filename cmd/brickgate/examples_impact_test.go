package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// TestOnePersonMovesBetweenTeams is the smallest change with consequences: a line goes,
// a line comes, and the plan says what they do to the person, with the lines.
func TestOnePersonMovesBetweenTeams(t *testing.T) {
	e := openExample(t, "lakehouse", "prd")
	e.apply(lakehouseDay)
	e.replace("teams/data-engineering.yaml", "    - user: bob@example.com\n", "")
	e.replace("teams/analytics.yaml", "    - user: dana@example.com\n", "    - user: dana@example.com\n    - user: bob@example.com\n")
	run := e.read()
	p := e.plan(run, lakehouseDay)
	if err := weigh(t.Context(), run, &p, lakehouseDay); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := render.Text(&text, p, render.TextOptions{Now: lakehouseDay}); err != nil {
		t.Fatal(err)
	}
	golden(t, "moved.txt", text.String())
	var comment, page bytes.Buffer
	if err := render.Markdown(&comment, p, render.MarkdownOptions{Now: lakehouseDay}); err != nil {
		t.Fatal(err)
	}
	golden(t, "moved.md", comment.String())
	if err := render.HTML(&page, p, render.HTMLOptions{Now: lakehouseDay}); err != nil {
		t.Fatal(err)
	}
	n, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	var read strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			read.WriteString(d.Data)
		}
	}
	seen := strings.Join(strings.Fields(read.String()), " ")
	for _, want := range []string{
		"+added user:bob@example.com can read and write table gold_restricted_prd.sales.customers (3 → 4) ⚠ personal data ⚠ write in production MODIFY, SELECT, ALL_PRIVILEGES,",
		"user:bob@example.com → changed by this plan: group:grp_sales_analytics_prd → group:dp-sales-orders-owner_prd → ALL_PRIVILEGES Because+added user:bob@example.com as member on group@account/grp_sales_analytics_prd teams/analytics.yaml:20",
		"user:bob@example.com can no longer restart and use cluster shared-etl in workspace main (5 → 4) CAN_ATTACH_TO, CAN_RESTART",
		"→ changed by this plan: group:grp_data_engineering_prd → CAN_RESTART Because−removed user:bob@example.com as member on group@account/grp_data_engineering_prd not declared in teams/data-engineering.yaml:4",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// replace edits a file of the example and loads it again.
func (e *exampleRun) replace(file, old, text string) {
	e.t.Helper()
	path := filepath.Join(e.repo.Dir, filepath.FromSlash(file))
	data, err := os.ReadFile(path)
	if err != nil {
		e.t.Fatal(err)
	}
	if n := strings.Count(string(data), old); n != 1 {
		e.t.Fatalf("%s has %d times %q", file, n, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, text, 1)), 0o644); err != nil {
		e.t.Fatal(err)
	}
	if e.repo, err = spec.Load(e.repo.Dir, reconcile.SpecKinds()); err != nil {
		e.t.Fatal(err)
	}
}

// golden compares with a file, or with -update writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "impact", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
