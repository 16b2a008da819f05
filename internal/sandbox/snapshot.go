package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SnapshotVersion is that of the Snapshot of a state. It changes with every change
// of its shape or meaning.
const SnapshotVersion = 1

// Snapshot is what a state that was read from a live account says of itself: where
// it comes from, what was looked at, what the platform refused, and what it said is
// not there.
//
// A Server with such a state answers its caller as the account did: whatever was
// shown then is shown, whoever the caller is. What was refused is refused again, and
// what nobody looked at is refused by name. Nothing of either is ever empty or
// absent, and neither can be written to.
type Snapshot struct {
	Version     int    `json:"version"`
	ToolVersion string `json:"toolVersion"`
	Project     string `json:"project"`
	Environment string `json:"environment"`
	ReadAt      string `json:"readAt"` // RFC 3339
	// Hosts are what was read, without credentials.
	Hosts []SnapshotHost `json:"hosts"`
	// Rehearsed is set by the first write: the state is not any more what was read.
	Rehearsed bool `json:"rehearsed,omitempty"`
	// Looked lists what was read to the end, sorted.
	Looked []string `json:"looked"`
	// Unread is what could not be read; Absent, what the platform says is not there.
	Unread []Refusal `json:"unread,omitempty"`
	Absent []Refusal `json:"absent,omitempty"`
	// Strangers are principals that something names and no list holds.
	Strangers []Stranger `json:"strangers,omitempty"`
}

// SnapshotHost is what was read under one target.
type SnapshotHost struct {
	Target string `json:"target"`
	Host   string `json:"host"`
	ID     string `json:"id"`
}

// Refusal is how the platform answered a read instead of showing something.
type Refusal struct {
	What    string `json:"what"` // as in Looked
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Stranger is a principal that is known by its id alone, or by its name alone, in
// which case the id is made up.
type Stranger struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // User, ServicePrincipal, Group
	Name string `json:"name,omitempty"`
}

// Counts are the securables whose grants were read, and the objects whose entries were.
func (s *Snapshot) Counts() (securables, objects int) {
	for _, what := range s.Looked {
		switch {
		case strings.HasPrefix(what, grantsWord):
			securables++
		case strings.Contains(what, aclWord):
			objects++
		}
	}
	return securables, objects
}

// snapshotIndex finds things in a Snapshot.
type snapshotIndex struct {
	looked         map[string]bool
	unread, absent map[string]*Refusal
}

func indexSnapshot(s *Snapshot) *snapshotIndex {
	if s == nil {
		return nil
	}
	index := &snapshotIndex{looked: map[string]bool{}, unread: map[string]*Refusal{}, absent: map[string]*Refusal{}}
	for _, what := range s.Looked {
		index.looked[what] = true
	}
	for i := range s.Unread {
		index.unread[s.Unread[i].What] = &s.Unread[i]
	}
	for i := range s.Absent {
		index.absent[s.Absent[i].What] = &s.Absent[i]
	}
	return index
}

// add lists something that a rehearsal has made, and so knows.
func (w *world) addLooked(what string) {
	s := w.state.Snapshot
	if i, found := slices.BinarySearch(s.Looked, what); !found {
		s.Looked = slices.Insert(s.Looked, i, what)
	}
	w.snap.looked[what] = true
}

// indexStrangers makes principals of those that no list holds, for names and ids of
// theirs to be shown where they stand.
func (w *world) indexStrangers() {
	if w.state.Snapshot == nil {
		return
	}
	for _, s := range w.state.Snapshot.Strangers {
		kind := kindOf(s.Kind)
		if _, known := w.principals[s.ID]; known || kind == 0 {
			continue
		}
		p := &principal{id: s.ID, kind: kind, name: s.Name, stranger: true}
		p.user, p.sp, p.group = &User{ID: s.ID, UserName: s.Name}, &ServicePrincipal{ID: s.ID, ApplicationID: s.Name}, &Group{ID: s.ID, DisplayName: s.Name}
		w.principals[s.ID] = p
	}
}

func kindOf(name string) principalKind {
	for _, kind := range []principalKind{kindUser, kindServicePrincipal, kindGroup} {
		if kind.scimName() == name {
			return kind
		}
	}
	return 0
}

// shownTo tells the caller of a snapshot, to whom everything that it holds was shown.
func (c *call) shownTo() bool {
	return c.world.snap != nil && c.route.reads() && strings.EqualFold(c.caller.name, c.world.state.Caller)
}

// Codes of what a snapshot cannot answer. None of them says that something is not
// there, nor that the caller may not see it.
const (
	codeNotLooked = "NOT_IN_SNAPSHOT"
	codeUnread    = "UNREAD_IN_SNAPSHOT"
)

func (s *Snapshot) notLooked(what string) error {
	return errf(http.StatusBadRequest, codeNotLooked, "the snapshot of %s, taken %s, did not look at %s; take it again", s.Environment, s.ReadAt, what)
}

// again is the answer that the platform gave, as far as its status means the same
// to whoever asks again.
func (r *Refusal) again() error {
	status, code := r.Status, r.Code
	if status < http.StatusBadRequest || status >= http.StatusInternalServerError || status == http.StatusUnauthorized || status == http.StatusTooManyRequests || status == http.StatusConflict {
		status, code = http.StatusBadRequest, codeUnread
	}
	return errf(status, code, "the snapshot could not read %s: %s", r.What, r.Message)
}

// answer is the handler's answer, or, in a snapshot, that it has none.
func (c *call) answer() (any, error) {
	look, ok := lookOf(c.route, c.params, c.concerns(), c.lookedIn())
	if c.world.snap == nil || c.route.open || !ok {
		return c.route.handle(c)
	}
	header, snap := c.world.state.Snapshot, c.world.snap
	reads := c.route.reads()
	if r := snap.unread[look.what]; r != nil && reads {
		return nil, r.again()
	} else if r != nil {
		return nil, denied("the snapshot of %s could not read %s: nothing can be changed there", header.Environment, look.what)
	}
	if r := snap.absent[look.what]; r != nil && reads {
		return nil, &apiError{r.Status, r.Code, r.Message}
	}
	if snap.looked[look.what] || snap.absent[look.what] != nil {
		return c.route.handle(c)
	}
	for _, list := range look.lists {
		if !snap.looked[list] {
			continue
		}
		value, err := c.route.handle(c)
		if err != nil && reads {
			return nil, header.notLooked(look.what) // lists need not hold all there is
		}
		return value, err
	}
	return nil, header.notLooked(look.what)
}

// concerns is what the query of a request says it is about. A write to a principal is
// about its members only where it names them, or replaces it as a whole.
func (c *call) concerns() url.Values {
	if !c.route.scim || c.route.reads() || c.r.Method == http.MethodPut || strings.Contains(strings.ToLower(string(c.body)), "members") {
		return c.query
	}
	return url.Values{"attributes": {"id"}}
}

// lookedIn is the workspace that a request is about, by name; empty for the account.
func (c *call) lookedIn() string {
	if id := c.params["workspace"]; id != "" {
		for i := range c.world.state.Workspaces {
			if ws := &c.world.state.Workspaces[i]; workspaceLabel(ws.ID) == id {
				return ws.Name
			}
		}
		return "workspace " + id
	}
	if c.ws == nil {
		return ""
	}
	return c.ws.Name
}

// rehearsed notes a write: the state is no snapshot of anything any more, and holds
// all of what was made.
func (c *call) rehearsed(ans answer) {
	if c.world.snap == nil {
		return
	}
	c.world.state.Snapshot.Rehearsed = true
	if what, ok := madeLook(c.route, c.params, c.lookedIn(), ans.body); ok && c.r.Method == http.MethodPost {
		c.world.addLooked(what)
	}
}
