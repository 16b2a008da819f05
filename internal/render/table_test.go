package render_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/internal/render"
)

// consumersTable is a table with a column of every use.
func consumersTable(rows ...render.Row) render.Table {
	return render.Table{
		Title: "sales-orders in prd: 1 pending, 1 active.",
		Columns: []render.Column{
			{Name: "principal"}, {Name: "status"}, {Name: "days left", Use: render.Number}, {Name: "note", Use: render.Remark},
			{Name: "approvals"}, {Name: "zone", Use: render.Data}, {Name: "at", Use: render.Place}, {Name: "justification", Use: render.Quote},
		},
		Sections: []render.Section{{Rows: rows}},
		Notes:    []string{"Dates are whole days in UTC."},
	}
}

func cells(texts ...string) render.Row {
	row := make(render.Row, len(texts))
	for i, text := range texts {
		row[i].Text = text
	}
	return row
}

func twoConsumers() render.Table {
	rows := []render.Row{
		cells("user:john.doe@example.com", "pending", "", "requested 2026-01-08", "missing manager", "UTC", "requests.yaml:3", "Need customer data for the Q1 campaign, see #12"),
		cells("user:alice@example.com", "active", "305", "", "manager jane@example.com 2026-01-09, domain_owner dana@example.com 2026-01-10", "UTC", "sales.yaml:33", "monthly report"),
	}
	rows[0][1].Tone, rows[1][1].Tone = render.Bad, render.Good
	return consumersTable(rows...)
}

func tableText(t *testing.T, table render.Table, opts render.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.TableText(&b, table, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestATableFitsItsWidth(t *testing.T) {
	var all strings.Builder
	for _, width := range []int{60, 80, 160} {
		out := tableText(t, twoConsumers(), render.TextOptions{Width: width})
		for line := range strings.Lines(out) {
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("a line of %d columns, %d are there: %s", n, width, line)
			}
		}
		all.WriteString(out + "\n")
	}
	golden(t, "table.txt", all.String())
}

func TestColourRepeatsWhatATableSays(t *testing.T) {
	bare, coloured := tableText(t, twoConsumers(), render.TextOptions{}), tableText(t, twoConsumers(), render.TextOptions{Color: true})
	if ansi.Strip(coloured) != bare {
		t.Error("colour changes the text")
	}
	if !strings.Contains(coloured, "\x1b[1;31mpending") || !strings.Contains(coloured, "\x1b[32mactive") {
		t.Errorf("what is bad is not red, or what is good not green:\n%q", coloured)
	}
}

func TestAnEmptyTableIsItsTitle(t *testing.T) {
	empty := render.Table{Title: "Nothing is due.", Columns: twoConsumers().Columns, Sections: []render.Section{{}}}
	if got := tableText(t, empty, render.TextOptions{}); got != "Nothing is due.\n" {
		t.Errorf("text: %q", got)
	}
	if got := markdown(t, empty); got != "**Nothing is due.**\n" {
		t.Errorf("Markdown: %q", got)
	}
	if got := csvText(t, empty); got != "principal,status,days_left,note,approvals,zone,at,justification\n" {
		t.Errorf("CSV: %q", got)
	}
}

func markdown(t *testing.T, table render.Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.TableMarkdown(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func csvText(t *testing.T, table render.Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.TableCSV(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownOfATable(t *testing.T) {
	table := twoConsumers()
	table.Sections[0].Title, table.Sections[0].Note = "product sales-orders", "contacts: sales-data@example.com"
	golden(t, "table.md", markdown(t, table))
}

// nasty are texts that a terminal, a spreadsheet or a Markdown renderer would
// make something of.
var nasty = []string{
	hostile, "=HYPERLINK(\"http://evil\")", "+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\n",
	"a | b", `a \| b`, `a\`, `\`, "`", "``", "a`b``c", "`|`", "@team and @org/team", "![x](http://evil/x.png)", "[x](http://evil)",
	"<img src=x>", "<!-- x", "https://evil.example", "www.evil.example", "closes #12, GH-12", "**x** _y_ ~~z~~", "| --- |", "- [ ] x", "::error::x", "##vso[x]",
	"$(x)$", "&lt;", "", " ", "日本語 @x",
}

func TestACellStaysACellOfCSVAndNoFormula(t *testing.T) {
	var rows []render.Row
	for _, n := range nasty {
		rows = append(rows, cells("user:a", n, n, n, n, n, n, n))
	}
	out := csvText(t, consumersTable(rows...))
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(records) != 1+len(nasty) {
		t.Fatalf("%d records of %d, %v", len(records), 1+len(nasty), err)
	}
	for _, record := range records {
		for _, field := range record {
			if s := strings.TrimLeftFunc(field, unicode.IsSpace); s != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(s)[0]) {
				t.Errorf("a spreadsheet would compute %q", field)
			}
			if i := strings.IndexFunc(field, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("raw text in %q", field)
			}
		}
	}
	if got := records[2][1]; got != `'=HYPERLINK("http://evil")` {
		t.Errorf("a formula became %q", got)
	}
}

func TestMarkdownMeansNothingButItsText(t *testing.T) {
	for _, n := range nasty {
		table := consumersTable(cells("user:a", n, n, n, n, n, n, n), cells("b", "b", "b", "b", "b", "b", "b", "b"))
		table.Title, table.Notes = n, []string{n}
		table.Sections[0].Title, table.Sections[0].Note = n, n
		for line := range strings.Lines(markdown(t, table)) {
			if strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "| ---") {
				if bars := unescapedBars(line); bars != 8 {
					t.Errorf("%q: a row of %d bars, want 8: %s", n, bars, line)
				}
			}
			if bare := outsideCode(line); strings.ContainsAny(bare, "`<[]!$&#~\\") && !strings.HasPrefix(line, "####") || regexp.MustCompile(`(^|[^0-9A-Za-z])@|://|www\.|(?i:gh-1)`).MatchString(bare) {
				t.Errorf("%q: a renderer makes something of %s", n, line)
			}
		}
	}
}

func unescapedBars(line string) int {
	n := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			n++
		}
	}
	return n
}

// outsideCode drops the code spans of a line: text between two runs of backticks
// of one length.
func outsideCode(line string) string {
	var out strings.Builder
	for line != "" {
		at := strings.IndexByte(line, '`')
		if at < 0 {
			break
		}
		out.WriteString(line[:at])
		fence := line[at : at+len(line[at:])-len(strings.TrimLeft(line[at:], "`"))]
		rest := line[at+len(fence):]
		ends := slices.IndexFunc(regexp.MustCompile("`+").FindAllStringIndex(rest, -1), func(m []int) bool { return m[1]-m[0] == len(fence) })
		if ends < 0 {
			return out.String() + line[at:] // it is not closed
		}
		line = rest[regexp.MustCompile("`+").FindAllStringIndex(rest, -1)[ends][1]:]
	}
	return out.String() + line
}

func TestNothingOfATableReachesTheTerminalRaw(t *testing.T) {
	for _, n := range nasty {
		table := consumersTable(cells(n, n, n, n, n, n, n, n))
		table.Title, table.Notes = n, []string{n}
		table.Sections[0].Title, table.Sections[0].Note = n, n
		for _, out := range []string{tableText(t, table, render.TextOptions{}), markdown(t, table), csvText(t, table)} {
			for line := range strings.Lines(out) {
				line = strings.TrimSuffix(line, "\n")
				if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }); i >= 0 {
					t.Errorf("raw text at %d of %q", i, line)
				}
				if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##vso[") {
					t.Errorf("a runner would obey %q", line)
				}
			}
		}
	}
}
