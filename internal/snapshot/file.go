package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// maxFile is more than any account makes: 5,000 users and 5,000 tables are 2 MiB.
const maxFile = 256 << 20

// File is a snapshot that was read from a file.
type File struct {
	Name   string
	State  *sandbox.State
	Header *sandbox.Snapshot // of State
	Taken  time.Time
}

// Encode is a snapshot as its file holds it.
func Encode(st *sandbox.State) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(st); err != nil {
		return nil, fmt.Errorf("encode the snapshot: %w", err)
	}
	return b.Bytes(), nil
}

// Open reads a snapshot.
func Open(name string) (*File, error) {
	data, err := read(name)
	if err != nil {
		return nil, err
	}
	if err := check(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	st, err := sandbox.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	taken, err := time.Parse(time.RFC3339, st.Snapshot.ReadAt)
	if err != nil {
		return nil, fmt.Errorf("%s: the snapshot does not say when it was taken: readAt is %q", name, st.Snapshot.ReadAt)
	}
	return &File{Name: name, State: st, Header: st.Snapshot, Taken: taken}, nil
}

func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Size() > maxFile {
		return nil, fmt.Errorf("%s: is larger than the %d MiB that a snapshot may have", name, maxFile>>20)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	return data, nil
}

// check tells what a file is that is no snapshot to be read, before its parts are
// looked at: those of another version may be other ones.
func check(data []byte) error {
	var is struct {
		Format   json.Number `json:"format"`
		Snapshot *struct {
			Version     json.Number `json:"version"`
			ToolVersion string      `json:"toolVersion"`
		} `json:"snapshot"`
	}
	switch text := bytes.TrimSpace(data); {
	case len(text) == 0:
		return errors.New("is empty; brickgate snapshot --out writes a snapshot")
	case text[0] != '{':
		return errors.New("is no snapshot; brickgate snapshot --out writes one")
	}
	err := json.Unmarshal(data, &is)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Offset >= int64(len(bytes.TrimRight(data, " \n"))) {
		return errors.New("is cut off: take the snapshot again")
	}
	switch {
	case err != nil:
		return fmt.Errorf("is no snapshot: %w", err)
	case is.Snapshot == nil && is.Format != "":
		return errors.New("is the state of a sandbox, and no snapshot: to plan against it name it sandbox.yaml and say --sandbox")
	case is.Snapshot == nil:
		return errors.New("is no snapshot; brickgate snapshot --out writes one")
	case is.Format.String() != "1" || is.Snapshot.Version.String() != fmt.Sprint(sandbox.SnapshotVersion):
		return fmt.Errorf("is a snapshot of version %s (format %s), written by brickgate %s; this one reads version %d (format 1): take it again, or use that one",
			orNone(is.Snapshot.Version.String()), orNone(is.Format.String()), orNone(is.Snapshot.ToolVersion), sandbox.SnapshotVersion)
	}
	return nil
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// MayReplace tells whether a file may be written over: one that is not there, an empty
// one, or a snapshot of whatever version.
func MayReplace(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("save the snapshot: %w", err)
	}
	defer f.Close()
	// The header stands at the beginning; the rest may be large.
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if n == 0 && errors.Is(err, io.EOF) || bytes.Contains(head[:n], []byte(`"snapshot":`)) {
		return nil
	}
	return fmt.Errorf("save the snapshot: %s is there and is no snapshot; name another file", name)
}

// Wanted is what a snapshot is to be of.
type Wanted struct {
	Project     string
	Environment string
	Workspaces  []string
	AccountID   string            // empty: whichever
	Hosts       map[string]string // by target, of those that the project names
}

// Is tells whether the snapshot is of what is wanted.
func (f *File) Is(w Wanted) error {
	h := f.Header
	switch {
	case h.Project != w.Project:
		return fmt.Errorf("%s: is a snapshot of the project %s, and this one is %s", f.Name, h.Project, w.Project)
	case h.Environment != w.Environment:
		return fmt.Errorf("%s: is a snapshot of the environment %s, not of %s", f.Name, h.Environment, w.Environment)
	}
	for _, name := range w.Workspaces {
		has := slices.ContainsFunc(f.State.Workspaces, func(ws sandbox.Workspace) bool { return ws.Name == w.Environment+"/"+name })
		if !has {
			return fmt.Errorf("%s: the snapshot has no workspace %s, which %s has by now; take it again", f.Name, name, w.Environment)
		}
	}
	for _, at := range h.Hosts {
		if at.Host == Rehearsal {
			continue // its account and workspaces are those of a sandbox
		}
		if host, named := w.Hosts[at.Target]; named && !strings.EqualFold(host, at.Host) {
			return fmt.Errorf("%s: was read from %s (%s), and %s is %s by now; take it again", f.Name, at.Host, at.Target, at.Target, host)
		}
		if at.Target == "account" && w.AccountID != "" && at.ID != w.AccountID {
			return fmt.Errorf("%s: is a snapshot of the account %s, and the environment's is %s", f.Name, at.ID, w.AccountID)
		}
	}
	return nil
}

// Rehearsal stands for the host of the embedded sandbox.
const Rehearsal = "sandbox"

// Notice is the line that whoever sees a plan over the snapshot needs to know.
func (f *File) Notice() string {
	notice := fmt.Sprintf("planned over a snapshot of %s, taken %s", f.Header.Environment, f.Taken.UTC().Format(time.RFC3339))
	switch n := len(f.Header.Unread); n {
	case 0:
		notice += "; everything in it could be read"
	case 1:
		notice += "; 1 thing in it could not be read: " + f.Header.Unread[0].What
	default:
		notice += fmt.Sprintf("; %d things in it could not be read, such as %s", n, f.Header.Unread[0].What)
	}
	if f.Header.Rehearsed {
		notice += "; a sandbox has written to it since"
	}
	return notice
}
