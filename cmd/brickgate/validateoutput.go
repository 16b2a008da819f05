package main

import (
	"bytes"
	"slices"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// validated is what validate has to say of a repository.
type validated struct {
	dir          string
	environments []string // that were looked at
	documents    int
	findings     []render.Judged
	wrong        error // mistakes; nil: none
}

// unloaded is what there is to say where the repository cannot be read: its mistakes
// where it has some.
func (o *validateOptions) unloaded(s streams, err error) error {
	dir, failed := spec.FindProject(o.dir)
	if o.output == "text" || failed != nil || len(spec.Errors(err)) == 0 {
		return err
	}
	return o.write(s, validated{dir: dir, wrong: err})
}

// write writes the document for a program, and ends the command as text does.
func (o *validateOptions) write(s streams, v validated) error {
	mistakes := findingsOf(v.wrong)
	if v.wrong != nil && len(mistakes) == 0 {
		return v.wrong
	}
	annotate(s, mistakes, v.dir)
	form := v.json
	if o.output == "sarif" {
		form = v.sarif
	}
	err := form(s, mistakes)
	switch {
	case err != nil:
		return err
	case v.wrong != nil:
		return exit{exitError}
	}
	return v.verdict()
}

func (v *validated) verdict() error {
	if slices.ContainsFunc(v.findings, func(j render.Judged) bool { return j.Level == plan.LevelError }) {
		return exit{exitRefused}
	}
	return nil
}

// annotated are the findings to be marked in files. Of errors GitHub shows few, and
// mistakes come first.
func (v *validated) annotated() []plan.Finding {
	var out []plan.Finding
	for _, j := range v.findings {
		if v.wrong == nil || j.Level != plan.LevelError {
			out = append(out, j.Finding)
		}
	}
	return out
}

// validatedFormat is that of the JSON document: a minor step only adds.
const validatedFormat = "1.0"

type jsonValidated struct {
	FormatVersion string       `json:"formatVersion"`
	ToolVersion   string       `json:"toolVersion"`
	Environments  []string     `json:"environments"`
	Documents     int          `json:"documents"`
	Mistakes      []jsonRemark `json:"mistakes"`
	Findings      []jsonRemark `json:"findings"`
}

// findingsSchema is the JSON Schema of that document.
func findingsSchema() ([]byte, error) {
	return plan.Printed{
		Name: "findings", Title: "brickgate findings", Command: "brickgate validate -o json", Format: validatedFormat, Document: jsonValidated{},
	}.Schema()
}

// jsonRemark is a mistake or a finding. A mistake is one in whatever environment.
type jsonRemark struct {
	File         string     `json:"file"`
	Line         int        `json:"line"`
	Col          int        `json:"col"`
	Code         string     `json:"code"`
	Level        plan.Level `json:"level"`
	Message      string     `json:"message"`
	Environments []string   `json:"environments"`
}

func remark(f plan.Finding, environments []string) jsonRemark {
	return jsonRemark{f.Pos.File, f.Pos.Line, f.Pos.Col, f.Code, f.Level, f.Message, append([]string{}, environments...)}
}

func (v *validated) json(s streams, mistakes []plan.Finding) error {
	doc := jsonValidated{validatedFormat, toolVersion(), append([]string{}, v.environments...), v.documents, []jsonRemark{}, []jsonRemark{}}
	for _, f := range mistakes {
		doc.Mistakes = append(doc.Mistakes, remark(f, nil))
	}
	for _, j := range v.findings {
		in := j.Environments
		if in == nil {
			in = v.environments
		}
		doc.Findings = append(doc.Findings, remark(j.Finding, in))
	}
	return writeJSON(s.out, doc)
}

func (v *validated) sarif(s streams, mistakes []plan.Finding) error {
	rules := []render.SARIFRule{{
		Code: mistakeCode, Level: plan.LevelError, Title: "a document that is not as it has to be",
		Doc: "Nothing is planned or applied before it is mended; brickgate schema says what documents may hold.",
	}}
	for _, r := range policy.Builtin() {
		rules = append(rules, render.SARIFRule{Code: r.Code, Level: r.Level, Title: r.Title, Doc: r.Doc})
	}
	var judged []render.Judged
	for _, f := range mistakes {
		judged = append(judged, render.Judged{Finding: f})
	}
	var b bytes.Buffer
	err := render.SARIF(&b, append(judged, v.findings...), render.SARIFOptions{
		ToolVersion: toolVersion(), Rules: rules, Folder: beneath(v.dir), Project: "brickgate.yaml",
	})
	if err != nil {
		return err
	}
	_, err = s.out.Write(escaped(b.Bytes()))
	return err
}
