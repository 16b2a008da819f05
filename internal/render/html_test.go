package render_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

func page(t interface {
	Helper()
	Fatal(...any)
}, p plan.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.HTML(&b, p, render.HTMLOptions{Now: now, Checksum: "0123456789abcdef0123456789abcdef"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parsedPage is the page as a browser reads it, without its scripts and styles.
func parsedPage(t interface {
	Helper()
	Fatal(...any)
}, document string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// elements are those of a name in order; "" for all.
func elements(n *html.Node, name string) []*html.Node {
	var out []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && (name == "" || c.Data == name) {
			out = append(out, c)
		}
	}
	return out
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// words is the text of a node as a person reads it, blanks folded.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && slices.Contains([]string{"td", "th", "dd", "dt", "li", "p", "div"}, c.Data) {
			b.WriteByte(' ')
		}
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// decided is a plan with everything that a reviewer may see: effects with and without
// risks, drift, what is blocked, what was found.
func decided(t *testing.T) plan.Plan {
	p := everything(t)
	p.Impact = salesImpact()
	p.Base = &plan.Base{
		Ref: "origin/main", Commit: "0b6f2c41d9aa0e3f5c7d8b9a1e2f3c4d5e6f7a8b",
		Drift: map[plan.Move]bool{
			{Fact: plan.Fact{Key: key("permissions@main/clusters/shared-etl"), Field: "user:carol@example.com", Value: "CAN_MANAGE"}, Removed: true}: true,
		},
		Satisfied: []plan.Satisfied{{
			Move:   plan.Move{Fact: plan.Fact{Key: key("group@account/grp_engineering_prd"), Field: "member", Value: "user:zoe@example.com"}},
			Origin: entry("groups/engineering.yaml", 17, "", "joined in spring"),
		}},
	}
	p.Blocked = []plan.Change{{
		Key: key("group@account/dp-leads-consumer_prd"), Action: plan.Update, Reason: plan.DocumentError,
		Before: []plan.Field{field("member")}, After: []plan.Field{field("member", "user:frank@example.com")},
		Labels: []string{"product:leads"}, Origin: entry("products/leads.yaml", 3, "", ""),
		Claims: []plan.Claim{want("member", "user:frank@example.com", entry("products/leads.yaml", 20, "2029-12-31", "n/a"))},
	}}
	p.Findings = []plan.Finding{
		{Code: "BG202", Level: plan.LevelError, Pos: plan.Pos{File: "products/leads.yaml", Line: 20, Col: 7}, Message: `the justification "n/a" says nothing`},
		{Code: "BG106", Level: plan.LevelWarn, Pos: plan.Pos{File: "permissions/etl.yaml", Line: 9, Col: 7}, Message: "a direct entry of a user"},
	}
	p.Held = []plan.Held{{Key: key("permissions@main/jobs/nightly"), Origin: entry("permissions/etl.yaml", 30, "", ""), Reason: "waits: no job is named nightly yet"}}
	p.Warnings = []plan.Warning{{Message: "adoption until 2026-12-31: nothing undeclared is removed yet"}}
	p.Waivers = []plan.Waiver{{Guard: plan.GuardMaxDeletes, Reason: "clean-up agreed in CHG-9"}}
	return p
}

// salesImpact is what that plan does to people.
func salesImpact() *plan.Impact {
	const file = "products/sales-orders.yaml"
	consumer, table := key("group@account/dp-sales-orders-consumer_prd"), key("grants@metastore/schema/gold_prd.sales")
	alice := plan.Fact{Key: consumer, Field: "member", Value: "user:alice@example.com"}
	bob := plan.Fact{Key: consumer, Field: "member", Value: "user:bob@example.com"}
	selects := plan.Fact{Key: table, Field: "group:dp-sales-orders-consumer_prd", Value: "SELECT"}
	dave := plan.Fact{Key: key("group@account/grp_old_prd"), Field: "member", Value: "user:dave@example.com"}
	const through = "group:dp-sales-orders-consumer_prd"
	return &plan.Impact{
		Effects: []plan.Effect{{
			Object: key("grants@metastore/table/gold_prd.sales.customers"), Product: "sales-orders", Domain: "sales", Privileges: []string{"SELECT"}, Gained: true,
			Count: 3, Named: []string{"user:alice@example.com", "user:nina@example.com", "user:quinn@example.com"}, Before: 11, After: 14,
			Risks:  []plan.Risk{plan.RiskPersonalData, plan.RiskExternalGroup},
			Open:   []plan.OpenGroup{{Group: "group:AAD-Auditors", Heads: 27}, {Group: "group:AAD-Contractors", Heads: -1}},
			Causes: []plan.Cause{{Fact: alice, Origin: entry(file, 31, "2026-12-31", "Q1 campaign analysis")}, {Fact: selects, Origin: entry(file, 12, "2027-01-31", "")}},
			Way:    []plan.Step{{From: "user:alice@example.com", To: through, Fact: alice, New: true}, {From: through, Fact: selects, New: true}},
		}, {
			Object: key("grants@metastore/schema/gold_prd.sales"), Product: "sales-orders", Privileges: []string{"SELECT", "USE_SCHEMA"}, Gained: true,
			Count: 1, Named: []string{"user:alice@example.com"}, Before: 4, After: 5, Contents: 12,
			Causes: []plan.Cause{{Fact: alice, Origin: entry(file, 31, "2026-12-31", "Q1 campaign analysis")}},
			Way:    []plan.Step{{From: "user:alice@example.com", To: through, Fact: alice, New: true}, {From: through, Fact: selects, New: true}},
		}, {
			Object: key("permissions@main/clusters/shared-etl"), Privileges: []string{"CAN_MANAGE"}, Count: 1, Named: []string{"user:carol@example.com"}, Before: 2, After: 1,
			Causes: []plan.Cause{{Fact: plan.Fact{Key: key("permissions@main/clusters/shared-etl"), Field: "user:carol@example.com", Value: "CAN_MANAGE"}, Removed: true}},
			Way:    []plan.Step{{From: "user:carol@example.com", Fact: plan.Fact{Key: key("permissions@main/clusters/shared-etl"), Field: "user:carol@example.com", Value: "CAN_MANAGE"}, New: true}},
		}, {
			Object: key("assignment@main"), Privileges: []string{"USER"}, Gained: true, Count: 120, Named: []string{"user:a@example.com", "user:b@example.com"}, After: 120,
		}},
		Idle: []plan.Idle{
			{Fact: bob, Removed: true, Through: []plan.Fact{{Key: key("group@account/grp_engineering_prd"), Field: "member", Value: "user:bob@example.com"}}},
			{Fact: dave, Removed: true},
		},
		Unknown: []string{"members of group:AAD-Contractors could not be read"},
	}
}

func TestAPageShowsWhatAReviewerDecidesFrom(t *testing.T) {
	golden(t, "decided.html", body(page(t, decided(t))))
}

func TestAPageOfAPlanWithoutEffectsShowsItsChanges(t *testing.T) {
	p := made(t, first(salesOrders()), second(salesOrders()))
	p.Unchanged = 1204
	golden(t, "product.html", body(page(t, p)))
}

// body is a page without its style, script and picture, which are written elsewhere.
func body(document string) string {
	for _, name := range []string{"style", "script", "svg"} {
		begin, rest, found := strings.Cut(document, "<"+name)
		_, end, _ := strings.Cut(rest, "</"+name+">")
		if found {
			document = begin + "<" + name + "></" + name + ">" + end
		}
	}
	lines := slices.DeleteFunc(strings.Split(document, "\n"), func(l string) bool {
		return strings.Contains(l, "Content-Security-Policy")
	})
	return strings.Join(lines, "\n")
}

func TestEqualPlansGiveEqualPages(t *testing.T) {
	first, second := page(t, decided(t)), page(t, decided(t))
	if first != second {
		t.Error("two pages of one plan differ")
	}
}

func TestTheVerdictStandsAtTheTop(t *testing.T) {
	changes := made(t, first(salesOrders()), second(salesOrders())).Changes
	failed := []plan.Held{{Key: changes[0].Key, Reason: "read: 500", Failed: true}}
	errs := []plan.Finding{{Code: "BG201", Level: plan.LevelError}}
	for want, p := range map[string]plan.Plan{
		"Ready":         {Changes: changes},
		"Nothing to do": {Unchanged: 3},
		"Refused":       {Changes: changes, Held: failed, Findings: errs, Violations: []plan.Violation{{Guard: plan.GuardMinAdmins, Message: "x"}}},
		"Incomplete":    {Changes: changes, Held: failed, Findings: errs},
		"Blocked":       {Changes: changes, Findings: errs},
	} {
		header := elements(parsedPage(t, page(t, p)), "header")[0]
		if got := words(elements(header, "p")[0]); !strings.HasPrefix(got, want+" ") {
			t.Errorf("verdict %q, want %s", got, want)
		}
	}
}

// hrefless are elements that load or send something.
var hrefless = []string{"img", "iframe", "object", "embed", "link", "base", "audio", "video", "source", "frame", "applet", "portal", "use", "image", "foreignobject"}

// inert tells what in a page could run or load anything, beside its script.
func inert(document string) error {
	n, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return err
	}
	scripts, ids := 0, map[string]bool{}
	for _, e := range elements(n, "") {
		if slices.Contains(hrefless, strings.ToLower(e.Data)) {
			return fmt.Errorf("an element %s", e.Data)
		}
		if e.Data == "script" {
			scripts++
		}
		for _, a := range e.Attr {
			name := strings.ToLower(a.Key)
			switch {
			case strings.HasPrefix(name, "on"), name == "style", name == "src", name == "srcset", name == "srcdoc", name == "action", name == "formaction", name == "ping":
				return fmt.Errorf("%s has the attribute %s=%q", e.Data, a.Key, a.Val)
			case name == "href" && !strings.HasPrefix(a.Val, "#"):
				return fmt.Errorf("%s leads to %q", e.Data, a.Val)
			case name == "id" && ids[a.Val]:
				return fmt.Errorf("two elements have the id %q", a.Val)
			case name == "id":
				ids[a.Val] = true
			}
		}
	}
	if scripts != 1 {
		return fmt.Errorf("%d scripts", scripts)
	}
	return nil
}

func TestAPageRunsAndLoadsNothingButItsOwn(t *testing.T) {
	for name, p := range map[string]plan.Plan{"decided": decided(t), "hostile": hostilePlan(t), "empty": {}} {
		document := page(t, p)
		if err := inert(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(document, "ZgotmplZ") {
			t.Errorf("%s: the template could not escape something", name)
		}
	}
}

func TestThePolicyListsWhatThePageHasAndNothingElse(t *testing.T) {
	n := parsedPage(t, page(t, decided(t)))
	policy := ""
	for _, m := range elements(n, "meta") {
		if v, _ := attribute(m, "http-equiv"); v == "Content-Security-Policy" {
			policy, _ = attribute(m, "content")
		}
	}
	source := func(element string) string {
		var out []string
		for _, e := range elements(n, element) {
			sum := sha256.Sum256([]byte(e.FirstChild.Data))
			out = append(out, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
		return strings.Join(out, " ")
	}
	want := "default-src 'none'; style-src " + source("style") + "; script-src " + source("script") + "; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("policy\n%s\nwant\n%s", policy, want)
	}
}

func TestAPageCanBeReadByHeadingsLabelsAndTables(t *testing.T) {
	n := parsedPage(t, page(t, decided(t)))
	last := 0
	labels := map[string]bool{}
	for _, l := range elements(n, "label") {
		of, _ := attribute(l, "for")
		labels[of] = true
	}
	for _, e := range elements(n, "") {
		id, _ := attribute(e, "id")
		switch e.Data {
		case "h1", "h2", "h3", "h4", "h5", "h6":
			level := int(e.Data[1] - '0')
			if level > last+1 {
				t.Errorf("%s %q follows a heading of level %d", e.Data, words(e), last)
			}
			last = level
			if words(e) == "" {
				t.Errorf("an empty %s", e.Data)
			}
		case "input", "select":
			if !labels[id] {
				t.Errorf("%s %s has no label", e.Data, id)
			}
		case "button", "a", "summary":
			if words(e) == "" {
				t.Errorf("a %s %s without words", e.Data, id)
			}
		case "th":
			if scope, _ := attribute(e, "scope"); scope == "" {
				t.Errorf("th %q has no scope", words(e))
			}
		case "section":
			if by, _ := attribute(e, "aria-labelledby"); !hasID(n, by) {
				t.Errorf("section %s is labelled by %q, which is not there", id, by)
			}
		}
	}
	for _, landmark := range []string{"header", "nav", "main", "footer"} {
		if len(elements(n, landmark)) != 1 {
			t.Errorf("%d elements %s", len(elements(n, landmark)), landmark)
		}
	}
	for _, a := range elements(n, "a") {
		if to, _ := attribute(a, "href"); !hasID(n, strings.TrimPrefix(to, "#")) {
			t.Errorf("a link to %s, which is not there", to)
		}
	}
}

func hasID(n *html.Node, id string) bool {
	return slices.ContainsFunc(elements(n, ""), func(e *html.Node) bool {
		v, ok := attribute(e, "id")
		return ok && v == id
	})
}

func TestEveryRemovalIsShownWithoutOpeningAnything(t *testing.T) {
	p := decided(t)
	for i := range p.Changes {
		for range 300 {
			p.Changes[i].Labels = append(p.Changes[i].Labels, "x")
		}
	}
	text := ""
	for _, s := range elements(parsedPage(t, page(t, p)), "section") {
		if id, _ := attribute(s, "id"); id == "removals" {
			text = words(s)
			if len(elements(s, "details")) > 0 {
				t.Error("removals are folded")
			}
		}
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		for _, d := range c.Deltas() {
			for _, v := range d.Removed {
				if !strings.Contains(text, "removed "+v) || !strings.Contains(text, c.Key.String()) {
					t.Errorf("%s %s %s is not among the removals", c.Key, d.Field, v)
				}
			}
		}
	}
	for _, want := range []string{
		"CAN_ATTACH_TO group:grp_engineering_prd permissions@main/clusters/shared-etl replaced by CAN_RESTART",
		"expired 2026-10-31", "“contract ended”", "removed group@account/grp_old_prd the whole of it deleted “team dissolved” removed.yaml:4",
		"still has it through group:grp_engineering_prd",
		"led nowhere",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q among the removals:\n%s", want, text)
		}
	}
}

// payloads are names and reasons that somebody chose to be read as something else.
var payloads = []string{
	"<script>window.pwned=1</script>", "</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>",
	`" onmouseover="window.pwned=1`, "' autofocus onfocus='window.pwned=1", "</style><style>*{display:none}", "javascript:window.pwned=1",
	"<svg/onload=window.pwned=1>", "</title><h1>x", "{{.}}", "`${window.pwned=1}`", "<!--", "-->", "]]>", "</textarea>", "</table></details></main>", "<base href=//evil.example>",
	"&lt;b&gt;", "\u202eevil", "a\x00b", "\xff", "user:x\nrisk", "</code><a href=https://evil.example>approve</a>",
}

// TestNoTextIsLostAndNoneRuns draws plans of hostile names: all that changes is in the
// page to be read, and nothing of it is an element.
func TestNoTextIsLostAndNoneRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, facts := drawnPlan(t)
		document := page(t, p)
		if err := inert(document); err != nil {
			t.Fatal(err)
		}
		n := parsedPage(t, document)
		text := words(elements(n, "main")[0])
		for _, f := range facts {
			if !strings.Contains(text, f) {
				t.Fatalf("%q is not in the page:\n%s", f, text)
			}
		}
		for _, e := range elements(n, "") {
			if e.Data == "h1" && words(e) != "Access plan for prd" || e.Data == "b" && e.Parent.Data == "code" {
				t.Fatalf("an element of somebody else: %s %q", e.Data, words(e))
			}
		}
	})
}

// drawnPlan is a plan and the texts that a page of it must show.
func drawnPlan(t *rapid.T) (p plan.Plan, facts []string) {
	text := rapid.OneOf(rapid.SampledFrom(payloads), rapid.StringMatching(`[a-z<>"'&/=_.-]{1,12}`))
	shown := func(s string) string { // a name
		facts = append(facts, strings.Join(strings.Fields(render.Safe(s)), " "))
		return s
	}
	told := func(s string) string { // a sentence
		facts = append(facts, render.Safe(strings.Join(strings.Fields(s), " ")))
		return s
	}
	p.Environment = "prd"
	p.Impact = &plan.Impact{}
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		o := &plan.Origin{Pos: plan.Pos{File: text.Draw(t, "file"), Line: 3}, Reason: text.Draw(t, "reason")}
		k := plan.Key{Kind: "group", Target: "account", Name: shown(text.Draw(t, "name"))}
		user := "user:" + text.Draw(t, "user")
		values := plan.Set([]string{user, text.Draw(t, "value")})
		c := plan.Change{
			Key: k, Action: plan.Update, Origin: o, Labels: []string{"product:" + text.Draw(t, "product")},
			Claims: []plan.Claim{{Field: "member", Value: user, Want: true, Origin: o}},
		}
		if rapid.Bool().Draw(t, "gone") {
			c.Before = []plan.Field{{Name: "member", Values: values}}
		} else {
			c.After = []plan.Field{{Name: "member", Values: values}}
			told(o.Reason)
		}
		for _, v := range values {
			shown(v)
		}
		if rapid.Bool().Draw(t, "blocked") {
			c.Before, c.After = nil, []plan.Field{{Name: "member", Values: values}}
			p.Blocked = append(p.Blocked, c)
		} else {
			p.Changes = append(p.Changes, c)
		}
		p.Unmanaged = append(p.Unmanaged, plan.Unmanaged{Fact: plan.Fact{Key: k, Field: "member", Value: shown(text.Draw(t, "left"))}, Kept: "not owned"})
		p.Warnings = append(p.Warnings, plan.Warning{Pos: o.Pos, Message: told(text.Draw(t, "warning"))})
		p.Findings = append(p.Findings, plan.Finding{Code: shown(text.Draw(t, "code")), Level: plan.LevelNote, Pos: o.Pos, Message: told(text.Draw(t, "finding"))})
		p.Violations = append(p.Violations, plan.Violation{Guard: shown(text.Draw(t, "guard")), Message: told(text.Draw(t, "violation"))})
		p.Impact.Effects = append(p.Impact.Effects, plan.Effect{
			Object: k, Product: shown(text.Draw(t, "of")), Privileges: []string{shown(text.Draw(t, "privilege"))}, Gained: true, Count: 1, Named: []string{"user:" + shown(text.Draw(t, "named"))},
			Risks: []plan.Risk{plan.Risk(shown(text.Draw(t, "risk")))}, Causes: []plan.Cause{{Fact: plan.Fact{Key: k, Field: "member", Value: user}, Origin: o}},
			Way: []plan.Step{{From: user, To: "group:" + shown(text.Draw(t, "group")), New: true}, {From: "group:" + k.Name, Fact: plan.Fact{Key: k, Value: text.Draw(t, "fact")}}},
		})
	}
	return p, facts
}
