package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// SARIFOptions say what a log in SARIF is about.
type SARIFOptions struct {
	ToolVersion string
	Rules       []SARIFRule
	Folder      string // of the repository, from the top of its git repository; "" for the top
	Project     string // the file that stands for what has no place
}

// SARIFRule is what may be found.
type SARIFRule struct {
	Code  string
	Level plan.Level // by itself; anything else: it is off
	Title string
	Doc   string
}

// sarifResults is how many results GitHub takes of one run.
const sarifResults = 25_000

// SARIF writes findings as a log in SARIF 2.1.0, which code scanning reads. A result
// is known again by its fingerprint when lines before it come and go. Where there
// are more results than code scanning takes, the last warnings and notes are left
// out, which the log says.
func SARIF(w io.Writer, judged []Judged, opts SARIFOptions) error {
	shown, more := worst(judged, sarifResults)
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "brickgate", Version: opts.ToolVersion, InformationURI: "https://github.com/brickgate/brickgate"}},
		ColumnKind:  "unicodeCodePoints",
		Invocations: []sarifInvocation{{ExecutionSuccessful: true}},
		Results:     []sarifResult{},
	}
	run.Tool.Driver.Rules, run.index = opts.rules(shown)
	if more > 0 {
		run.Invocations[0].Notifications = []sarifNotification{{
			Level: "warning", Message: sarifText{number(more) + " more results are left out"},
		}}
	}
	prints := map[string]int{}
	for _, j := range shown {
		run.Results = append(run.Results, opts.result(j, run.index, prints))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

// worst are so many of the findings, in their order, errors before others.
func worst(judged []Judged, most int) (shown []Judged, more int) {
	if len(judged) <= most {
		return judged, 0
	}
	byLevel := slices.Clone(judged)
	slices.SortStableFunc(byLevel, func(a, b Judged) int { return slices.Index(levels, a.Level) - slices.Index(levels, b.Level) })
	return byLevel[:most], len(judged) - most
}

// rules are the known rules, and those of the repository's own that found something.
func (o *SARIFOptions) rules(judged []Judged) (rules []sarifRule, index map[string]int) {
	index = map[string]int{}
	add := func(r SARIFRule) {
		if _, known := index[r.Code]; known {
			return
		}
		index[r.Code] = len(rules)
		rule := sarifRule{ID: r.Code, Short: sarifText{plainText(r.Title)}, Configuration: sarifConfiguration{r.Level != "off" && r.Level != "", sarifLevel(r.Level)}}
		if r.Doc != "" {
			rule.Help = &sarifText{plainText(r.Doc)}
		}
		rules = append(rules, rule)
	}
	for _, r := range o.Rules {
		add(r)
	}
	for _, j := range judged {
		add(SARIFRule{Code: j.Code, Level: j.Level, Title: "a rule of the repository"})
	}
	return rules, index
}

func sarifLevel(l plan.Level) string {
	switch l {
	case plan.LevelError:
		return "error"
	case plan.LevelNote:
		return "note"
	}
	return "warning"
}

func (o *SARIFOptions) result(j Judged, index map[string]int, prints map[string]int) sarifResult {
	file := j.Pos.File
	if file == "" {
		file = o.Project
	}
	message := plainText(j.Message)
	if len(j.Environments) > 0 {
		message += " (" + plainText(strings.Join(j.Environments, ", ")) + ")"
	}
	r := sarifResult{RuleID: j.Code, RuleIndex: index[j.Code], Level: sarifLevel(j.Level), Message: sarifText{message}}
	l := sarifPhysical{Artifact: sarifArtifact{URLPath(path.Join(o.Folder, file)), "%SRCROOT%"}}
	l.Region = sarifRegion{StartLine: max(1, j.Pos.Line), StartColumn: max(1, j.Pos.Col)}
	r.Locations = []sarifLocation{{l}}
	print := fingerprint(j, file)
	prints[print]++
	r.Fingerprints = map[string]string{"brickgate/v1": fmt.Sprintf("%s:%d", print, prints[print])}
	return r
}

// fingerprint is of what a finding says, without the lines that it names.
func fingerprint(j Judged, file string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{j.Code, file, lineNumbers.ReplaceAllString(j.Message, ":")}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

var lineNumbers = regexp.MustCompile(`:[0-9]+(:[0-9]+)?`)

// plainText is a text in which SARIF's viewers find no links: [text](target).
func plainText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(strings.ToValidUTF8(s, "\uFFFD"))
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`

	index map[string]int // of the rules
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID            string             `json:"id"`
	Short         sarifText          `json:"shortDescription"`
	Help          *sarifText         `json:"help,omitempty"`
	Configuration sarifConfiguration `json:"defaultConfiguration"`
}

type sarifConfiguration struct {
	Enabled bool   `json:"enabled"`
	Level   string `json:"level"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}
