package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

var sarifRules = []render.SARIFRule{
	{Code: "BG201", Level: plan.LevelError, Title: "access without a reason", Doc: "Say why."},
	{Code: "BG225", Level: "off", Title: "an entry without an end"},
}

func sarif(t *testing.T, judged []render.Judged) string {
	t.Helper()
	var b bytes.Buffer
	err := render.SARIF(&b, judged, render.SARIFOptions{ToolVersion: "v0.1.0", Rules: sarifRules, Folder: "access of us", Project: "brickgate.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sarifRead is what a reader of SARIF 2.1.0 asks of a log.
type sarifRead struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct{ ID string }
			}
		}
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []struct{ Message struct{ Text string } }
		}
		Results []struct {
			RuleID              string `json:"ruleId"`
			RuleIndex           int
			Level               string
			Message             struct{ Text string }
			PartialFingerprints map[string]string
			Locations           []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI, URIBaseID string }
					Region           struct{ StartLine, StartColumn int }
				}
			}
		}
	}
}

func readSARIF(t *testing.T, text string) sarifRead {
	t.Helper()
	var log sarifRead
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name != "brickgate" || log.Runs[0].Results == nil {
		t.Fatalf("no log in SARIF:\n%s", text)
	}
	return log
}

func judgedAt(line int) []render.Judged {
	return []render.Judged{
		{Finding: plan.Finding{Code: "BG201", Level: plan.LevelError, Pos: plan.Pos{File: "a b/#1.yaml", Line: line, Col: 5}, Message: fmt.Sprintf("no [reason](https://evil.example) for a.yaml:%d", line)}, Environments: []string{"prd"}},
		{Finding: plan.Finding{Code: "BG201", Level: plan.LevelError, Pos: plan.Pos{File: "a b/#1.yaml", Line: line + 9, Col: 5}, Message: fmt.Sprintf("no [reason](https://evil.example) for a.yaml:%d", line)}},
		{Finding: plan.Finding{Code: "our-rule", Level: plan.LevelNote, Message: "live only"}},
	}
}

func TestSARIFSaysWhatWasFoundWhere(t *testing.T) {
	golden(t, "findings.sarif", sarif(t, judgedAt(3)))
}

func TestAResultIsKnownAgainWhenLinesMove(t *testing.T) {
	before, after := readSARIF(t, sarif(t, judgedAt(3))).Runs[0].Results, readSARIF(t, sarif(t, judgedAt(90))).Runs[0].Results
	seen := map[string]bool{}
	for i, r := range before {
		if d := cmp.Diff(r.PartialFingerprints, after[i].PartialFingerprints); d != "" {
			t.Errorf("%d -before +after:\n%s", i, d)
		}
		for _, f := range r.PartialFingerprints {
			if seen[f] {
				t.Error("two results have one fingerprint")
			}
			seen[f] = true
		}
	}
}

func TestSARIFHoldsWhatCodeScanningTakesErrorsFirst(t *testing.T) {
	var judged []render.Judged
	for i := range 25_010 {
		level := plan.LevelWarn
		if i >= 25_000 {
			level = plan.LevelError
		}
		judged = append(judged, render.Judged{Finding: plan.Finding{Code: "BG201", Level: level, Message: fmt.Sprint(i)}})
	}
	run := readSARIF(t, sarif(t, judged)).Runs[0]
	if n := len(run.Results); n != 25_000 || run.Results[0].Level != "error" {
		t.Errorf("%d results, the first is %s", n, run.Results[0].Level)
	}
	if got := run.Invocations[0].ToolExecutionNotifications[0].Message.Text; got != "10 more results are left out" {
		t.Errorf("notification %q", got)
	}
}

func TestHostileTextIsNoLinkInSARIFAndNoOtherFile(t *testing.T) {
	for _, s := range append(marked, hostile) {
		run := readSARIF(t, sarif(t, []render.Judged{{Finding: plan.Finding{Code: s, Level: plan.LevelWarn, Pos: plan.Pos{File: "x" + s, Line: 1}, Message: s}}})).Runs[0]
		r := run.Results[0]
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%q: the index is that of another rule", s)
		}
		plainly := strings.NewReplacer(`\\`, "", `\[`, "", `\]`, "").Replace(r.Message.Text)
		if strings.ContainsAny(plainly, "[]") {
			t.Errorf("a link in %q", r.Message.Text)
		}
		uri, err := url.Parse(r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		if err != nil || uri.Host != "" || uri.Scheme != "" || uri.RawQuery != "" || uri.Fragment != "" {
			t.Errorf("%q leads to %v, %v", s, uri, err)
		}
	}
}

func TestNothingFoundIsALogToo(t *testing.T) {
	if n := len(readSARIF(t, sarif(t, nil)).Runs[0].Results); n != 0 {
		t.Errorf("%d results", n)
	}
}
