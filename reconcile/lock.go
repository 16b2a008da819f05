package reconcile

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// One writer per project and environment. Who writes holds a lease: a file in
// the first workspace of the environment, in which it says who it is, and which
// it renews every 15 s.
//
// The workspace API has no compare-and-swap, but an import without overwrite
// makes a file only where there is none, also when several try at once (400
// RESOURCE_ALREADY_EXISTS, and 409 ALREADY_EXISTS for those who lose a race:
// databricks/cli#5165). So a lease is taken by making the file. The lease of a
// holder who died is replaced by whoever first makes a second file beside it,
// reads the first one once more, finds it as it was, and reads its own lease back
// after writing it.
//
// When a lease is dead. Clocks of machines differ, so a time in the file is not
// believed because it is old:
//
//   - at once, where the holder's machine is ours and has no such process;
//   - at once, where two clocks agree that it was not renewed for a minute: the
//     platform's (the file's modified_at against the Date of the answer), and ours
//     against the time that the holder wrote;
//   - else when it has stayed as it is for a minute by our own clock, for as long
//     as we wait.
//
// A holder counts its lease as lost 15 s before anybody else may: see Held.

// lockFolder holds the locks. All users of a new workspace may write in /Shared.
const lockFolder = "/Shared/.brickgate"

// Lock is the place of the lease on one environment of a project.
type Lock struct {
	workspace *Workspace
	path      string
	identity  string
}

// LockOf is the lock of an environment of a project.
func (c *Clients) LockOf(project, environment string) *Lock {
	name := url.PathEscape(project) + "." + url.PathEscape(environment) + ".lock"
	return &Lock{c.Workspaces[0], lockFolder + "/" + name, c.Self.Name}
}

// Lock is the lock of the environment that was read.
func (r *Run) Lock() *Lock { return r.clients.LockOf(r.Project.Metadata.Name.Value, r.Env.Name) }

// Path is the place of the file, with the workspace before it.
func (l *Lock) Path() string { return l.workspace.Name + ":" + l.path }

// Holder is what the file says of who holds the lease.
type Holder struct {
	Lease    string    `json:"lease"` // random, one for each lease
	Identity string    `json:"holder"`
	Host     string    `json:"host"`
	Machine  string    `json:"machine,omitempty"` // equal on two processes that see each other; "" is unknown
	PID      int       `json:"pid"`
	Run      string    `json:"run,omitempty"` // address of the CI run
	Started  time.Time `json:"started"`
	Renewed  time.Time `json:"renewed"`
}

// String says who holds it, since when and when they last gave a sign of life, both by
// their own clock, and from where.
func (h Holder) String() string {
	if h.Lease == "" {
		return "somebody whose lock file cannot be read"
	}
	parts := []string{
		h.Identity,
		"since " + h.Started.UTC().Format(time.RFC3339),
		"last renewed " + h.Renewed.UTC().Format(time.RFC3339),
		fmt.Sprintf("process %d on %s", h.PID, h.Host),
	}
	if h.Run != "" {
		parts = append(parts, h.Run)
	}
	return strings.Join(parts, ", ")
}

// Taking is how a lease is taken and kept.
type Taking struct {
	Host, Machine string
	PID           int
	Run           string
	Alive         func(pid int) bool // whether this machine has such a process
	Random        io.Reader
	Now           func() time.Time // nil = time.Now
	Wait          time.Duration    // how long to wait for another holder; 0 = not at all
	Tell          func(string)     // told in one line of every wait and takeover

	Renew time.Duration // between two renewals; 0 = 15 s
	Stale time.Duration // without renewal; 0 = 60 s
	Poll  time.Duration // between two looks at another's lease; 0 = 5 s
}

func (t Taking) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// LockedError is why there is no lease: somebody else has it.
type LockedError struct {
	Holder Holder
	Path   string
	Waited time.Duration
}

func (e *LockedError) Error() string {
	waited := ""
	if e.Waited > 0 {
		waited = fmt.Sprintf(", also after waiting for %s", e.Waited)
	}
	return fmt.Sprintf("locked by %s%s (%s)", e.Holder, waited, e.Path)
}

// NoLockError is why no lock can be had here: the file may not be written.
type NoLockError struct {
	Path string
	err  error
}

func (e *NoLockError) Unwrap() error { return e.err }

func (e *NoLockError) Error() string {
	return fmt.Sprintf("the lock file %s cannot be written: %v", e.Path, e.err)
}

// LostError is why a run that held the lease must write no more.
type LostError struct {
	Path, Why string
}

func (e *LostError) Error() string { return fmt.Sprintf("the lock %s is lost: %s", e.Path, e.Why) }

// newHolder is a lease that was not there before.
func (l *Lock) newHolder(t Taking) (Holder, error) {
	id := make([]byte, 16)
	if _, err := io.ReadFull(t.Random, id); err != nil {
		return Holder{}, fmt.Errorf("make a lease: %w", err)
	}
	now := t.now().UTC()
	return Holder{
		Lease: hex.EncodeToString(id), Identity: l.identity, Host: t.Host, Machine: t.Machine,
		PID: t.PID, Run: t.Run, Started: now, Renewed: now,
	}, nil
}

// Holder is who holds the lease; false if nobody does.
func (l *Lock) Holder(ctx context.Context) (Holder, bool, error) {
	s, found, err := l.read(ctx, l.path)
	return s.holder, found, err
}

// Remove takes the lease from its holder, unless it is another's by now, and ends
// a takeover that was left half-done.
func (l *Lock) Remove(ctx context.Context, h Holder) error {
	now, found, err := l.Holder(ctx)
	if err != nil {
		return err
	}
	if found && now.Lease != h.Lease {
		return fmt.Errorf("the lock is another's by now: %s", now)
	}
	if err := l.remove(ctx, l.path); err != nil {
		return err
	}
	return l.remove(ctx, l.mark())
}

// mark is the file that whoever replaces a dead lease makes first.
func (l *Lock) mark() string { return l.path + ".takeover" }
