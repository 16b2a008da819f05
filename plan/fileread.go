package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Refusal is why a saved plan is not applied.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// maxFile is three times what a plan takes that changes a hundred thousand
// resources with eight principals each.
const maxFile = 1 << 30

// skew is by how much clocks may differ.
const skew = 5 * time.Minute

// ReadFile reads a saved plan. One that is not as Save wrote it is a *Refusal, as
// is one of another format; what is no saved plan at all is another error. Nobody
// can edit a file by accident; whoever edits it on purpose can write a new digest
// too, which is what the checksum that a reviewer saw is against.
func ReadFile(r io.Reader) (*File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("larger than %d MiB, and so no saved plan", maxFile>>20)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("no saved plan: %w", err)
	}
	switch head.Format {
	case FileFormat:
	case "":
		return nil, errors.New("no saved plan: it has no format; plan --out saves one")
	default:
		return nil, refuse("its format is %q, and this version reads %q: plan again with this version", head.Format, FileFormat)
	}
	d, err := decodeFile(data)
	if err != nil {
		return nil, refuse("it is not as it was saved, since %s: plan again", err)
	}
	return &File{
		Making: d.Making, Environment: d.Environment, Hosts: d.Hosts, Checksum: d.Checksum, Edits: d.approvals(),
		Waivers: each(d.Plan.Waivers, func(w jsonWaiver) Waiver { return Waiver(w) }),
	}, nil
}

// decodeFile reads a file whose format is known. What it means must be the same
// for all readers: nothing may be there twice, or be named in another case.
func decodeFile(data []byte) (fileDocument, error) {
	var d fileDocument
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&d); err != nil {
		return d, err
	}
	sum, err := d.digest()
	if err != nil {
		return d, err
	}
	if sum != d.Digest {
		return d, errors.New("its digest is another one")
	}
	again, err := encoded(d, "write it again")
	if err != nil {
		return d, err
	}
	if !sameTokens(data, again) {
		return d, errors.New("it says something twice, or in other words")
	}
	return d, d.consistent()
}

// sameTokens tells whether two JSON texts differ only in spaces and escapes.
func sameTokens(a, b []byte) bool {
	x, y := json.NewDecoder(bytes.NewReader(a)), json.NewDecoder(bytes.NewReader(b))
	for {
		s, errX := x.Token()
		t, errY := y.Token()
		if errX != nil || errY != nil {
			return errX == io.EOF && errY == io.EOF
		}
		if s != t {
			return false
		}
	}
}

// consistent tells whether the part for people says what the rest does.
func (d fileDocument) consistent() error {
	p := Plan{Environment: d.Environment, Hosts: d.Hosts}
	for i, t := range d.Touched {
		c := Change{Key: Key(t.jsonKey), Action: t.Action, Before: fieldsOf(t.Before), After: fieldsOf(t.After)}
		if !slices.Contains([]Action{Create, Update, Delete}, c.Action) {
			return fmt.Errorf("%s knows no action %q", c.Key, c.Action)
		}
		if i >= len(d.Plan.Changes) || !d.Plan.Changes[i].shows(&c) {
			return fmt.Errorf("its plan does not show what it does to %s", c.Key)
		}
		if !slices.Equal(edits(t), c.Edits()) {
			return fmt.Errorf("before and after of %s are not what is added and removed", c.Key)
		}
		p.Changes = append(p.Changes, c)
	}
	switch {
	case len(d.Touched) != len(d.Plan.Changes) || d.Plan.Summary.Create+d.Plan.Summary.Update+d.Plan.Summary.Delete != len(d.Touched):
		return errors.New("its plan shows what it does not do")
	case d.Checksum != p.Checksum() || d.Plan.Checksum != d.Checksum:
		return errors.New("its checksum is that of another plan")
	case d.Plan.Environment != d.Environment || d.Plan.ToolVersion != d.ToolVersion:
		return errors.New("it is of two environments or versions")
	}
	return nil
}

func edits(t touched) []Edit {
	var out []Edit
	for _, a := range (fileDocument{Touched: []touched{t}}).approvals() {
		out = append(out, a.Edit)
	}
	return out
}

func fieldsOf(sets []jsonSet) []Field {
	return canonical(each(sets, func(s jsonSet) Field { return Field{s.Name, slices.Clone(s.Values)} }))
}

// shows tells whether the change for people is that one.
func (j jsonChange) shows(c *Change) bool {
	shown := changeJSON(*c)
	return j.jsonKey == shown.jsonKey && j.Action == shown.Action && slices.EqualFunc(j.Fields, shown.Fields, func(a, b jsonField) bool {
		return a.Name == b.Name && slices.EqualFunc(a.Added, b.Added, sameValues) && slices.EqualFunc(a.Removed, b.Removed, sameValues)
	})
}

func sameValues(a, b jsonValue) bool { return a.Value == b.Value }

// Usable tells whether the file may be applied by this version at now; the error
// is a *Refusal.
func (f *File) Usable(toolVersion string, now time.Time) error {
	switch {
	case f.ToolVersion != toolVersion:
		return refuse("it was made by version %s, and this is %s: plan again with the version that applies", f.ToolVersion, toolVersion)
	case !now.Before(f.Expires):
		return refuse("it expired at %s: plan again", f.Expires.Format(time.RFC3339))
	case f.Created.After(now.Add(skew)):
		return refuse("it was made at %s, which is still to come: one of the clocks is wrong, and nobody can tell whether it has expired", f.Created.Format(time.RFC3339))
	}
	return nil
}

// For tells whether the file is about this environment; the error is a *Refusal.
func (f *File) For(environment string) error {
	if f.Environment != environment {
		return refuse("it is for environment %s, not for %s", f.Environment, environment)
	}
	return nil
}

// At tells whether the file is about what these hosts lead to; the error is a
// *Refusal.
func (f *File) At(hosts []Host) error {
	if slices.Equal(f.Hosts, hosts) {
		return nil
	}
	for _, h := range hosts {
		i := slices.IndexFunc(f.Hosts, func(o Host) bool { return o.Target == h.Target })
		switch {
		case i < 0:
			return refuse("it knows nothing of %s at %s: plan again", h.Target, h.Host)
		case f.Hosts[i] != h:
			return refuse("it is for %s at %s (%s), and here that is %s (%s)", h.Target, f.Hosts[i].Host, f.Hosts[i].ID, h.Host, h.ID)
		}
	}
	return refuse("it is for other hosts: plan again")
}
