package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// FileFormat is that of saved plans. It changes with every change of their shape.
const FileFormat = "brickgate.plan/2"

// Making is when a plan was made and saved, from what, by whom and with what.
type Making struct {
	ToolVersion string    `json:"toolVersion"`
	Identity    string    `json:"identity"` // the acting principal
	Created     time.Time `json:"created"`
	Expires     time.Time `json:"expires"` // the first instant at which it is not applied any more
	Commit      string    `json:"commit"`  // "" outside of git
	Spec        string    `json:"spec"`    // digest of the documents as they were read
}

// File is a saved plan: what somebody looked at and approved.
type File struct {
	Making
	Environment string
	Hosts       []Host
	Checksum    string // of the plan
	Edits       []Approval
	Waivers     []Waiver
}

// Approval is an approved edit.
type Approval struct {
	Edit
	Until time.Time // of what is given: when the entries that want it end; zero: never
}

// fileDocument is a saved plan as it is written. Plan is the part for people.
type fileDocument struct {
	Format string `json:"format"`
	Making
	Environment string    `json:"environment"`
	Hosts       []Host    `json:"hosts"`
	Plan        document  `json:"plan"`
	Touched     []touched `json:"touched"`
	Checksum    string    `json:"checksum"`
	Digest      string    `json:"digest"` // of all of the above
}

// touched is a resource before and after, and the difference fact by fact.
type touched struct {
	jsonKey
	Action  Action      `json:"action"`
	Before  []jsonSet   `json:"before"`
	After   []jsonSet   `json:"after"`
	Added   []addedFact `json:"added"`
	Removed []jsonFact  `json:"removed"`
}

type jsonSet struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

type jsonFact struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

type addedFact struct {
	jsonFact
	Until time.Time `json:"until,omitzero"`
}

// Save writes the plan as a file, to be read by ReadFile. now is the instant that
// the plan is for. Equal plans that are made alike give equal bytes.
func (p Plan) Save(m Making, now time.Time) ([]byte, error) {
	p.Base = nil   // what was said before is no part of what is approved
	p.Impact = nil // how many are in which group today is not what is approved
	if p.Redacted != "" {
		return nil, fmt.Errorf("save the plan of %s: its names are redacted, and nobody could apply it", p.Environment)
	}
	m.Created, m.Expires = m.Created.UTC().Truncate(time.Second), m.Expires.UTC()
	d := fileDocument{
		Format: FileFormat, Making: m, Environment: p.Environment, Hosts: each(p.Hosts, func(h Host) Host { return h }),
		Plan: p.document(m.ToolVersion), Checksum: p.Checksum(),
		Touched: each(p.Changes, func(c Change) touched { return touchedBy(&c, now) }),
	}
	data, err := d.sealed()
	if bytes.Contains(data, []byte(brokenText)) { // the digest has to be of what is read
		if err = json.Unmarshal(data, &d); err == nil {
			data, err = d.sealed()
		}
	}
	if err == nil && len(data) > maxFile {
		return nil, fmt.Errorf("save the plan of %s: with %d MiB it is larger than any that is read again", p.Environment, len(data)>>20)
	}
	return data, err
}

func touchedBy(c *Change, now time.Time) touched {
	t := touched{
		jsonKey: jsonKey(c.Key), Action: c.Action, Before: each(c.Before, setJSON), After: each(c.After, setJSON),
		Added: []addedFact{}, Removed: []jsonFact{},
	}
	for _, e := range c.Edits() {
		f := jsonFact{e.Field, e.Value}
		if e.Removed {
			t.Removed = append(t.Removed, f)
			continue
		}
		t.Added = append(t.Added, addedFact{f, c.ends(e.Field, e.Value, now).UTC()})
	}
	return t
}

func setJSON(f Field) jsonSet {
	return jsonSet{f.Name, append([]string{}, f.Values...)}
}

// brokenText is what JSON has for text that is no UTF-8, such as the names of
// files may hold.
const brokenText = `\ufffd`

// sealed is the document as the file holds it, with its digest.
func (d *fileDocument) sealed() ([]byte, error) {
	var err error
	if d.Digest, err = d.digest(); err != nil {
		return nil, err
	}
	return encoded(d, "save the plan of "+d.Environment)
}

// digest is over the document without its digest.
func (d fileDocument) digest() (string, error) {
	d.Digest = ""
	data, err := encoded(d, "digest the plan of "+d.Environment)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// approvals are the edits of all resources, sorted.
func (d fileDocument) approvals() []Approval {
	var out []Approval
	for _, t := range d.Touched {
		for _, f := range t.Added {
			out = append(out, Approval{Edit{Fact{Key(t.jsonKey), f.Field, f.Value}, false}, f.Until})
		}
		for _, f := range t.Removed {
			out = append(out, Approval{Edit: Edit{Fact{Key(t.jsonKey), f.Field, f.Value}, true}})
		}
	}
	slices.SortFunc(out, func(a, b Approval) int { return a.Compare(b.Edit) })
	return out
}

// encoded writes a document of JSON for people too: indented, and without
// escapes for HTML.
func encoded(document any, doing string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return b.Bytes(), nil
}
