package render_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	source "github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

func comment(t testing.TB, p plan.Plan, opts render.MarkdownOptions) string {
	t.Helper()
	opts.Now = now
	var b bytes.Buffer
	if err := render.Markdown(&b, p, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// effective is the plan of everything with what it means, and all that stops it.
func effective(t *testing.T) plan.Plan {
	p := everything(t)
	sales := key("grants@metastore/schema/gold_prd.sales")
	consumer := key("group@account/dp-sales-orders-consumer_prd")
	alice := entry("products/sales-orders.yaml", 31, "2026-12-31", "Q1 campaign analysis")
	p.Impact = &plan.Impact{
		Effects: []plan.Effect{{
			Object: sales, Product: "sales-orders", Privileges: []string{"SELECT", "USE_SCHEMA"}, Gained: true, Count: 12, Contents: 4,
			Named: []string{"user:alice@example.com", "user:zoe@example.com"}, Before: 11, After: 23,
			Risks:  []plan.Risk{plan.RiskPersonalData, plan.RiskOutside},
			Causes: []plan.Cause{{Fact: plan.Fact{Key: consumer, Field: "member", Value: "user:alice@example.com"}, Origin: alice}},
			Way:    []plan.Step{{From: "user:alice@example.com", To: "group:dp-sales-orders-consumer_prd"}, {From: "group:dp-sales-orders-consumer_prd"}},
		}, {
			Object: key("permissions@main/clusters/shared-etl"), Privileges: []string{"CAN_MANAGE"}, Count: 1, Before: 2, After: 1,
			Named:  []string{"user:carol@example.com"},
			Causes: []plan.Cause{{Fact: plan.Fact{Key: key("permissions@main/clusters/shared-etl"), Field: "user:carol@example.com", Value: "CAN_MANAGE"}, Removed: true}},
		}, {
			Object: plan.Key{Kind: "entitlements", Target: "main"}, Privileges: []string{"databricks-sql-access"}, Gained: true,
			Open: []plan.OpenGroup{{Group: "group:AAD-Auditors", Heads: -1}, {Group: "group:AAD-Finance", Heads: 240}},
		}},
		Idle: []plan.Idle{{
			Fact: plan.Fact{Key: consumer, Field: "member", Value: "user:bob@example.com"}, Removed: true,
			Through: []plan.Fact{{Key: sales, Field: "group:grp_engineering_prd", Value: "SELECT"}},
		}},
		Unknown: []string{"the members of group:AAD-Auditors, which the directory keeps to itself"},
	}
	p.Findings = []plan.Finding{
		{Code: "BG201", Level: plan.LevelError, Pos: plan.Pos{File: "products/orders.yaml", Line: 7}, Message: "nothing says why user:eve@example.com needs this: give a justification or a ticket"},
		{Code: "BG106", Level: plan.LevelWarn, Pos: plan.Pos{File: "grants/bronze.yaml", Line: 9}, Message: "a direct grant to a user"},
	}
	p.Blocked = []plan.Change{{
		Key: key("group@account/dp-orders-consumer_prd"), Action: plan.Update, Reason: plan.DocumentError,
		After:  []plan.Field{field("member", "user:eve@example.com")},
		Claims: []plan.Claim{want("member", "user:eve@example.com", entry("products/orders.yaml", 7, "", ""))},
	}}
	p.Held = []plan.Held{{Key: key("grants@metastore/schema/x.y"), Reason: "the schema does not exist yet"}, {Key: key("permissions@main/jobs/nightly"), Failed: true, Reason: "read permissions: 503 Service Unavailable"}}
	p.Lacks = []plan.Lack{{Key: sales, Needs: "MANAGE on schema gold_prd.sales", Holders: []string{"user:dana@example.com"}}}
	p.Violations = []plan.Violation{{Guard: plan.GuardMaxRemovals, Message: "the run would remove 9 facts, more than absolute 5", Pos: plan.Pos{File: "brickgate.yaml", Line: 20}}}
	p.Waivers = []plan.Waiver{{Guard: plan.GuardMaxDeletes, Reason: "teams merged, CHG-1234"}}
	p.Warnings = []plan.Warning{{Message: "user:zoe@example.com is inactive"}}
	return p
}

func TestACommentSaysFirstWhatStopsThePlanThenWhatItMeansThenWhatItTakes(t *testing.T) {
	golden(t, "plan.md", comment(t, effective(t), render.MarkdownOptions{Checksum: "9f2c6a1de07b4c58a3f10b62d47e95c8"}))
}

func TestPlacesLeadToTheRepository(t *testing.T) {
	p := made(t, first(salesOrders()), second(salesOrders()))
	p.Changes[0].Claims[0].Origin.Pos.File = "a (b)/#1 ]%.yaml"
	p.Changes[0].Claims[1].Origin.Pos.File = "a (b)/#1 ]%.yaml"
	out := comment(t, p, render.MarkdownOptions{Blob: "https://github.com/acme/access/blob/4711"})
	want := "[`a (b)/#1 ]%.yaml:37`](https://github.com/acme/access/blob/4711/a%20%28b%29/%231%20%5D%25.yaml#L37)"
	if !strings.Contains(out, want) {
		t.Errorf("no %s in\n%s", want, out)
	}
	links := 0
	_ = ast.Walk(parsed(out), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Kind() == ast.KindLink && entering {
			links++
		}
		return ast.WalkContinue, nil
	})
	if n := strings.Count(out, "](https://"); n == 0 || links != n {
		t.Errorf("%d links are read, and %d written", links, n)
	}
}

func TestWhatWasThereBeforeStandsApartFromWhatTheChangeAsksFor(t *testing.T) {
	p := everything(t)
	engineering := key("permissions@main/clusters/shared-etl")
	p.Base = &plan.Base{
		Ref: "main", Commit: "4711",
		Drift: map[plan.Move]bool{
			{Fact: plan.Fact{Key: engineering, Field: "user:carol@example.com", Value: "CAN_MANAGE"}, Removed: true}:                    true,
			{Fact: plan.Fact{Key: key("group@account/dp-sales-orders-consumer_prd"), Field: "member", Value: "user:alice@example.com"}}: true,
		},
		Satisfied: []plan.Satisfied{{Move: plan.Move{Fact: plan.Fact{Key: engineering, Field: "sp:spn_etl", Value: "CAN_MANAGE"}}, Origin: entry("permissions/etl.yaml", 9, "", "")}},
	}
	golden(t, "base.md", comment(t, p, render.MarkdownOptions{}))
}

// parsed is what a reader of GitHub's Markdown makes of it.
func parsed(markdown string) ast.Node {
	return goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(source.NewReader([]byte(markdown)))
}

// spans are the texts of all code spans, those in our HTML included; the error is
// about anything that is not ours.
func spans(markdown string) (map[string]bool, error) {
	src := []byte(markdown)
	found := map[string]bool{}
	var wrong error
	var heard strings.Builder // the text of a block without its code
	_ = ast.Walk(parsed(markdown), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Type() == ast.TypeBlock && loud.MatchString(heard.String()) {
			wrong = fmt.Errorf("text: %q", heard.String())
			return ast.WalkStop, nil
		}
		if n.Type() == ast.TypeBlock {
			heard.Reset()
		}
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindLink, ast.KindImage, ast.KindAutoLink, ast.KindRawHTML, ast.KindFencedCodeBlock, ast.KindCodeBlock, ast.KindThematicBreak:
			wrong = fmt.Errorf("a %s in:\n%s", n.Kind(), markdown)
			return ast.WalkStop, nil
		case ast.KindHTMLBlock:
			block := string(n.Lines().Value(src))
			if h := n.(*ast.HTMLBlock); h.HasClosure() {
				block += string(h.ClosureLine.Value(src))
			}
			if !ourHTML.MatchString(block) {
				wrong = fmt.Errorf("HTML: %q", block)
				return ast.WalkStop, nil
			}
			for _, m := range codeInHTML.FindAllStringSubmatch(block, -1) {
				found[html.UnescapeString(m[1])] = true
			}
		case ast.KindCodeSpan:
			found[written(n, src)] = true
			heard.WriteString("x")
			return ast.WalkSkipChildren, nil
		case ast.KindText:
			heard.Write(n.(*ast.Text).Value(src))
		}
		return ast.WalkContinue, nil
	})
	return found, wrong
}

// written is the text of a code span.
func written(n ast.Node, src []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		b.Write(c.(*ast.Text).Value(src))
	}
	return b.String()
}

var (
	ourHTML    = regexp.MustCompile(`^(<!-- brickgate plan [-%._a-zA-Z0-9]* -->\n?|<details>\n<summary>[^<>]*(<code>[^<>]*</code>[^<>]*)*</summary>\n|</details>\n?)$`)
	codeInHTML = regexp.MustCompile(`<code>([^<>]*)</code>`)
	// loud is what GitHub obeys in plain text.
	loud = regexp.MustCompile(`@|#[0-9]|://|www\.|:[a-zA-Z_+-][a-zA-Z0-9_+-]*:|:100:|:1234:|<|\[[^!]`)
)

var marked = []string{
	"@everyone", "@acme/admins", "see #123", "GH-12", "acme/access#7", "![x](https://evil.example/x.png)", "[click](https://evil.example)", "<img src=x onerror=alert(1)>",
	"<!-- x", "-->", "</details>", "<script>", "a`b", "``", "`", " lead and trail ", "a|b", `\`, `\|`, "a\nb", "a\r\n\r\n# heading", "::error::x", "##[error]x", "##vso[task]x", ":octocat:", "www.evil.example",
	"https://evil.example", "javascript:alert(1)", "alice@example.com", "user:bob@example.com", "*bold*", "_it_", "~~x~~", "1. one", "- two", "# h", "> q", "    code", "---", "\x1b[2J", "\u202eabc", "&lt;b&gt;", "&#64;x", "日本語 名前",
	"\xff", "a,b", "0123456789abcdef0123456789abcdef01234567", "$x^2$", "[^1]", "[ ] todo", "{{ x }}", "plain", "two words", "", strings.Repeat("x", 200),
}

// anyPlan draws a plan of hostile texts, with so many resources.
func anyPlan(t *rapid.T, most int) plan.Plan {
	texts := rapid.OneOf(rapid.SampledFrom(marked), rapid.String(), rapid.Map(rapid.SliceOfN(rapid.SampledFrom(marked), 2, 3), func(s []string) string { return strings.Join(s, " ") }))
	draw := func(name string) string { return texts.Draw(t, name) }
	pos := func(name string) plan.Pos {
		return plan.Pos{File: draw(name), Line: rapid.IntRange(0, 99).Draw(t, name)}
	}
	origin := func(name string) *plan.Origin {
		o := &plan.Origin{Pos: pos(name), Reason: draw(name), Ends: draw(name), Product: draw(name)}
		if rapid.Bool().Draw(t, name) {
			o.Until = now.AddDate(0, 0, rapid.IntRange(-9, 9).Draw(t, name))
		}
		return o
	}
	anyKey := func(name string) plan.Key {
		return plan.Key{Kind: rapid.SampledFrom([]string{"group", "grants", "permissions", "owner"}).Draw(t, name), Target: rapid.SampledFrom([]string{"account", "metastore", "main"}).Draw(t, name), Name: draw(name)}
	}
	someFields := func(name string) []plan.Field {
		byName := map[string]bool{}
		var out []plan.Field
		for range rapid.IntRange(0, 3).Draw(t, name) {
			f := plan.Field{Name: draw(name), Values: plan.Set(rapid.SliceOfN(texts, 1, 4).Draw(t, name))}
			if !byName[f.Name] {
				out = append(out, f)
			}
			byName[f.Name] = true
		}
		return plan.NewState([]plan.Resource{{Key: plan.Key{Kind: "x"}, Fields: out}}).All()[0].Fields
	}
	change := func(name string) plan.Change {
		c := plan.Change{Key: anyKey(name), Action: rapid.SampledFrom([]plan.Action{plan.Create, plan.Update, plan.Delete}).Draw(t, name), Reason: draw(name), Origin: origin(name)}
		if c.Action != plan.Create {
			c.Before = someFields(name)
		}
		if c.Action != plan.Delete {
			c.After = someFields(name)
		}
		if rapid.Bool().Draw(t, name) {
			c.Labels = []string{"product:" + draw(name)}
		}
		for _, f := range append(c.Before[:len(c.Before):len(c.Before)], c.After...) {
			c.Claims = append(c.Claims, plan.Claim{Field: f.Name, Value: f.Values[0], Want: rapid.Bool().Draw(t, name), Origin: origin(name)})
		}
		return c
	}
	p := plan.Plan{Environment: draw("environment"), Ended: rapid.Bool().Draw(t, "ended")}
	for range rapid.IntRange(0, most).Draw(t, "changes") {
		p.Changes = append(p.Changes, change("change"))
	}
	p.Blocked = []plan.Change{change("blocked")}
	p.Findings = []plan.Finding{{Code: draw("code"), Level: rapid.SampledFrom([]plan.Level{plan.LevelError, plan.LevelWarn, plan.LevelNote}).Draw(t, "level"), Pos: pos("finding"), Message: draw("message")}}
	p.Unmanaged = []plan.Unmanaged{{Fact: plan.Fact{Key: anyKey("unmanaged"), Field: draw("unmanaged"), Value: draw("unmanaged")}, Kept: draw("kept"), From: draw("from")}}
	p.Held = []plan.Held{{Key: anyKey("held"), Reason: draw("held"), Failed: rapid.Bool().Draw(t, "failed"), Origin: origin("held")}}
	p.Warnings = []plan.Warning{{Pos: pos("warning"), Message: draw("warning")}}
	p.Lacks = []plan.Lack{{Key: anyKey("lack"), Needs: draw("lack"), Holders: []string{draw("lack")}, TakenBy: anyKey("lack"), By: plan.Update}}
	p.Violations = []plan.Violation{{Guard: draw("guard"), Pos: pos("guard"), Message: draw("guard")}}
	p.Waivers = []plan.Waiver{{Guard: draw("waiver"), Reason: draw("waiver")}}
	p.Impact = &plan.Impact{Unknown: []string{draw("unknown")}, Effects: []plan.Effect{{
		Object: anyKey("effect"), Product: draw("effect"), Privileges: []string{draw("effect")}, Gained: rapid.Bool().Draw(t, "effect"), Count: 1, Named: []string{draw("effect")},
		Open: []plan.OpenGroup{{Group: draw("effect")}}, Risks: []plan.Risk{plan.RiskOwner}, Way: []plan.Step{{To: draw("effect")}},
		Causes: []plan.Cause{{Fact: plan.Fact{Key: anyKey("effect"), Field: draw("effect"), Value: draw("effect")}, Origin: origin("effect")}},
	}}}
	if rapid.Bool().Draw(t, "base") {
		p.Base = &plan.Base{Ref: draw("base"), Drift: map[plan.Move]bool{}, Satisfied: []plan.Satisfied{{Move: plan.Move{Fact: plan.Fact{Key: anyKey("base"), Field: draw("base"), Value: draw("base")}}, Origin: origin("base")}}}
		for _, e := range p.Edits() {
			if rapid.Bool().Draw(t, "drift") {
				p.Base.Drift[e] = true
			}
		}
	}
	for _, e := range p.Edits() {
		if rapid.IntRange(0, 3).Draw(t, "idle") == 0 {
			p.Impact.Idle = append(p.Impact.Idle, plan.Idle{Fact: e.Fact, Removed: e.Removed, Through: []plan.Fact{{Key: anyKey("idle"), Field: draw("idle")}}})
		}
	}
	return p
}

func TestHostileTextIsNothingButText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := anyPlan(rt, 4)
		limit := rapid.SampledFrom([]int{0, 0, 20_000, 6_000, 4_000}).Draw(rt, "limit")
		var b bytes.Buffer
		err := render.Markdown(&b, p, render.MarkdownOptions{Now: now, Limit: limit})
		if limit == 0 {
			limit = render.MarkdownLimit
		}
		out := b.String()
		if len(out) > limit || !utf8.ValidString(out) {
			rt.Fatalf("%d bytes of %d", len(out), limit)
		}
		found, wrong := spans(out)
		if wrong != nil {
			rt.Fatalf("%v\n%s", wrong, out)
		}
		for line := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
				rt.Fatalf("a command: %q", line)
			}
		}
		if large := (*render.TooLarge)(nil); errors.As(err, &large) {
			if !strings.Contains(out, "too large to be shown here") {
				rt.Fatalf("it does not say that it is too large\n%s", out)
			}
			return
		} else if err != nil {
			rt.Fatal(err)
		}
		for _, e := range p.Edits() {
			for _, s := range []string{e.Value, e.Field} {
				if e.Removed && s != "" && !found[render.Safe(s)] {
					rt.Fatalf("%q is removed, and not there\n%s", s, out)
				}
			}
		}
		var again bytes.Buffer
		_ = render.Markdown(&again, p, render.MarkdownOptions{Now: now, Limit: limit})
		if out != again.String() {
			rt.Fatal("two renders differ")
		}
	})
}

// leaving is a plan that takes something from so many groups, with names of their
// own, and adds as much.
func leaving(groups, members int) plan.Plan {
	p := plan.Plan{Environment: "prd"}
	for i := range groups {
		o := entry(fmt.Sprintf("teams/team-%03d.yaml", i%50), i, "2026-01-01", "a reason that takes some room in the comment, as reasons do")
		c := plan.Change{Key: key(fmt.Sprintf("group@account/grp_%04d_prd", i)), Action: plan.Update, Origin: o, Before: []plan.Field{{Name: "member"}}, After: []plan.Field{{Name: "member"}}}
		for j := range members {
			c.Before[0].Values = append(c.Before[0].Values, fmt.Sprintf("user:gone-%04d-%02d@example.com", i, j))
			c.After[0].Values = append(c.After[0].Values, fmt.Sprintf("user:new-%04d-%02d@example.com", i, j))
		}
		if i%10 == 9 {
			c.Action, c.After = plan.Delete, nil
		}
		p.Changes = append(p.Changes, c)
	}
	return p
}

func TestALargePlanDropsAdditionsAndKeepsEveryRemoval(t *testing.T) {
	additions := map[int]bool{}
	for _, n := range []int{1, 10, 60, 100, 150, 300, 500, 650} {
		p := leaving(n, max(1, 60/n))
		out := comment(t, p, render.MarkdownOptions{})
		if len(out) > render.MarkdownLimit {
			t.Errorf("%d groups: %d bytes", n, len(out))
		}
		found, wrong := spans(out)
		if wrong != nil {
			t.Fatal(wrong)
		}
		for _, e := range p.Edits() {
			if e.Removed && !found[e.Value] && e.Value != "" {
				t.Fatalf("%d groups: %s is not named", n, e.Value)
			}
			if e.Removed && e.Value == "" && !found[e.Key.String()] && !found[e.Key.Name] {
				t.Fatalf("%d groups: %s is not named", n, e.Key)
			}
		}
		additions[n] = found["user:new-0000-00@example.com"]
	}
	if !additions[1] || !additions[60] || additions[500] || additions[650] {
		t.Errorf("additions are named for %v", additions)
	}
}

func TestWhoLosesALotIsNamedOnce(t *testing.T) {
	p := leaving(1800, 1)
	for i := range p.Changes {
		p.Changes[i].Action, p.Changes[i].After = plan.Update, nil
		p.Changes[i].Before[0].Values = []string{"user:bob@example.com"}
	}
	out := comment(t, p, render.MarkdownOptions{})
	if n := strings.Count(out, "user:bob@example.com"); n != 1 {
		t.Errorf("named %d times", n)
	}
	found, _ := spans(out)
	for _, c := range p.Changes {
		if !found[c.Key.Name] {
			t.Fatalf("%s is not named", c.Key)
		}
	}
}

func TestAPlanFarTooLargeSaysSoAndFails(t *testing.T) {
	var b bytes.Buffer
	err := render.Markdown(&b, leaving(3000, 2), render.MarkdownOptions{Now: now, Checksum: "4711"})
	if large := (*render.TooLarge)(nil); !errors.As(err, &large) || large.Removals != 6300 {
		t.Errorf("error %v", err)
	}
	golden(t, "toolarge.md", b.String())
}
