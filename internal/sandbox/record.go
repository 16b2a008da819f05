package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Recorder makes a state of what a live account answers to somebody else's requests.
// It knows the answers of the same routes that a Server has, and of an answer keeps
// names, ids and access alone: whatever else the platform says of people and things
// is not even looked at.
type Recorder struct {
	router *router

	mu        sync.Mutex // guards exchanges
	exchanges []Exchange
}

// Exchange is one read and how it ended.
type Exchange struct {
	Path      string // as it was sent, escaped
	Query     url.Values
	Workspace int64  // the workspace that was asked; 0 for the account
	Status    int    // 0: there was no answer
	Failure   string // what happened instead of an answer
	Body      []byte
}

// Origin is what a Recorder cannot know of itself.
type Origin struct {
	Snapshot
	Caller     string           // the identity that read, by user name or application id
	Workspaces map[int64]string // names by id, each {environment}/{workspace}
	AccountID  string           // empty for an environment without an account
}

// NewRecorder starts without any exchange.
func NewRecorder() (*Recorder, error) {
	rt, err := newRouter((&Server{}).routes())
	return &Recorder{router: rt}, err
}

// Saw takes an exchange.
func (r *Recorder) Saw(e Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
}

// State is all that was seen. It does not depend on the order of the exchanges, save
// that of two of the same read the later one counts.
func (r *Recorder) State(origin Origin) (*State, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := newRecording(origin)
	for _, e := range r.exchanges {
		if err := r.take(b, e); err != nil {
			return nil, fmt.Errorf("snapshot: keep the answer to GET %s: %w", e.Path, err)
		}
	}
	return b.state()
}

func (r *Recorder) take(b *recording, e Exchange) error {
	route, params, err := r.router.find(http.MethodGet, e.Path)
	if err != nil {
		return err
	}
	workspace := ""
	if e.Workspace != 0 {
		if workspace = b.origin.Workspaces[e.Workspace]; workspace == "" {
			return fmt.Errorf("workspace %d is none of the environment", e.Workspace)
		}
	}
	if id := params["workspace"]; id != "" {
		for number, name := range b.origin.Workspaces {
			if workspaceLabel(number) == id {
				workspace, e.Workspace = name, number
			}
		}
	}
	look, counts := lookOf(route, params, e.Query, workspace)
	read := &reading{recording: b, exchange: e, route: route, params: params, ws: b.workspace(e.Workspace), what: look.what}
	switch {
	case e.Status >= http.StatusMultipleChoices || e.Status == 0:
		if counts {
			b.refused(look.what, e)
		}
		return nil
	case json.Unmarshal(e.Body, &read.body) != nil || read.body == nil:
		if counts {
			b.refused(look.what, Exchange{Failure: "the answer is no JSON object"})
		}
		return nil
	}
	if counts {
		b.begun[look.what] = true
	}
	return read.absorb()
}

// recording is a state in the making. All that stands in lists is kept by id until
// the end, since the order in which it is read says nothing.
type recording struct {
	origin  Origin
	looked  map[string]bool
	begun   map[string]bool // what something came of
	refusal map[string]Refusal

	account    bool // some read was of the account
	metastore  Metastore
	metaOwner  string
	users      map[string]*User
	sps        map[string]*ServicePrincipal
	groups     map[string]*Group
	securables map[string]*recordedSecurable
	grants     map[string][]recordedGrant // by type in URLs and name
	bindings   map[string][]binding
	workspaces map[int64]*recordedWorkspace
	strangers  map[string]Stranger        // by id
	members    map[string][]string        // of groups, by id
	items      map[string]map[string]bool // of a list, by what it is: those that have come
	alone      map[string]string          // ids of principals that were asked for on their own, by what was asked
}

// recordedWorkspace is a workspace by ids.
type recordedWorkspace struct {
	id          int64
	local       map[string]*Group
	listed      map[principalKind]map[string]scimItem // account principals that its lists hold
	assignments map[string]Assignment
	objects     map[string]*Object // by type and id
	creators    map[string]string  // names, by type and id
	acls        map[string][]recordedEntry
	mine        []string // groups that the caller is in
	me          *scimItem
}

// recordedGrant is one as Unity Catalog writes it.
type recordedGrant struct {
	Principal   string   `json:"principal"`
	PrincipalID int64    `json:"principal_id"`
	Privileges  []string `json:"privileges"`
}

type recordedSecurable struct {
	Securable
	owner string
}

func newRecording(origin Origin) *recording {
	b := &recording{
		origin: origin, looked: map[string]bool{}, begun: map[string]bool{}, refusal: map[string]Refusal{},
		users: map[string]*User{}, sps: map[string]*ServicePrincipal{}, groups: map[string]*Group{},
		securables: map[string]*recordedSecurable{}, grants: map[string][]recordedGrant{}, bindings: map[string][]binding{},
		workspaces: map[int64]*recordedWorkspace{}, strangers: map[string]Stranger{},
		members: map[string][]string{}, items: map[string]map[string]bool{}, alone: map[string]string{},
	}
	for id := range origin.Workspaces {
		b.workspaces[id] = &recordedWorkspace{
			id: id, local: map[string]*Group{}, listed: map[principalKind]map[string]scimItem{},
			assignments: map[string]Assignment{}, objects: map[string]*Object{},
			creators: map[string]string{}, acls: map[string][]recordedEntry{},
		}
	}
	return b
}

func (b *recording) workspace(id int64) *recordedWorkspace { return b.workspaces[id] }

// refused keeps how a read failed. What is refused once and shown later was read.
func (b *recording) refused(what string, e Exchange) {
	if b.looked[what] {
		return
	}
	b.refusal[what] = refusalOf(what, e)
}

func (b *recording) sawAll(what string) {
	b.looked[what] = true
	delete(b.refusal, what)
}

// longestMessage is how much of a message is kept.
const longestMessage = 500

func refusalOf(what string, e Exchange) Refusal {
	var body struct {
		Code    any    `json:"error_code"`
		Message string `json:"message"`
		Detail  string `json:"detail"`
	}
	r := Refusal{What: what, Status: e.Status, Message: e.Failure}
	if json.Unmarshal(e.Body, &body) == nil {
		r.Message = firstNonEmpty(body.Message, body.Detail, r.Message)
		r.Code, _ = body.Code.(string)
	}
	if r.Message == "" {
		r.Message = fmt.Sprintf("HTTP %d", e.Status)
	}
	if text := []rune(r.Message); len(text) > longestMessage {
		r.Message = string(text[:longestMessage]) + "…"
	}
	return r
}

// isAbsent tells the platform's word that the thing itself is not there from all
// other answers with 404.
func (r *Refusal) isAbsent() bool {
	switch r.Code {
	case "PRINCIPAL_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND", "FEATURE_DISABLED":
		return false
	case "RESOURCE_DOES_NOT_EXIST":
		return true
	}
	return r.Status == http.StatusNotFound
}

// reading is one answer on its way into the recording.
type reading struct {
	*recording
	exchange Exchange
	route    *boundRoute
	params   map[string]string
	ws       *recordedWorkspace
	what     string
	body     map[string]json.RawMessage
}

// decode reads the parts of the answer that v has, and no others.
func (r *reading) decode(v any) error {
	if err := json.Unmarshal(r.exchange.Body, v); err != nil {
		return errors.New("the answer is not what the API documents")
	}
	return nil
}

// absorb keeps what the answer says of access.
func (r *reading) absorb() error {
	p := r.route.path
	switch {
	case r.route.open:
		return nil
	case strings.Contains(p, "/scim/v2/"):
		return r.scim()
	case strings.Contains(p, "/permissionassignments"):
		return r.assignments()
	case strings.HasPrefix(p, "/api/2.0/permissions/"):
		return r.permissions()
	case strings.HasPrefix(p, "/api/2.0/workspace/"):
		return r.tree()
	case p == ucBase+"metastore_summary":
		return r.metastoreSummary()
	case strings.HasPrefix(p, ucBase+"bindings/"):
		return r.bindingsOf()
	case strings.HasPrefix(p, ucBase+"permissions/"), strings.HasSuffix(p, "/shares/{name}/permissions"):
		return r.grantsOn()
	case strings.HasPrefix(p, "/api/2.0/fs/"):
		return nil
	}
	for i := range securableTypes {
		if t := &securableTypes[i]; t.path != "" && (p == t.path || p == t.path+"/{name}") {
			return r.securablesOf(t)
		}
	}
	return r.objectsOf()
}

// lastPage tells whether the answer to a list by tokens ends it.
func (r *reading) lastPage() bool {
	var page struct {
		Next string `json:"next_page_token"`
	}
	return r.decode(&page) == nil && page.Next == ""
}

// state puts everything together.
func (b *recording) state() (*State, error) {
	header := b.origin.Snapshot
	st := &State{Format: stateFormat, Snapshot: &header, Caller: b.origin.Caller, NextID: 1, Metastore: b.metastore}
	st.Account.ID = b.origin.AccountID
	b.merge()
	names := newRecordedNames(b)
	st.Metastore.Owner = names.inCatalog(b.metaOwner)
	st.Metastore.Grants = names.grants(b.grants["metastore "+strings.ToLower(b.metastore.ID)])
	b.addSecurables(st, names)
	for _, ws := range sortedByID(b.workspaces) {
		st.Workspaces = append(st.Workspaces, b.build(ws, names))
	}
	for _, u := range b.users {
		st.Account.Users = append(st.Account.Users, *u)
	}
	for _, sp := range b.sps {
		st.Account.ServicePrincipals = append(st.Account.ServicePrincipals, *sp)
	}
	for id, g := range b.groups {
		g.Members = b.members[id]
		st.Account.Groups = append(st.Account.Groups, *g)
	}
	b.describe(&header, names)
	if err := st.normalise(); err != nil {
		return nil, err
	}
	b.placeCaller(st)
	b.settleVisibility(st)
	return st, nil
}

func sortedByID(m map[int64]*recordedWorkspace) []*recordedWorkspace {
	var list []*recordedWorkspace
	for _, ws := range m {
		list = append(list, ws)
	}
	slices.SortFunc(list, func(a, b *recordedWorkspace) int { return cmp.Compare(a.id, b.id) })
	return list
}

// describe fills the header.
func (b *recording) describe(header *Snapshot, names *recordedNames) {
	header.Version = SnapshotVersion
	header.Unread, header.Absent, header.Strangers = nil, nil, nil
	for _, what := range sortedKeys(b.alone) {
		if !b.has(b.alone[what]) { // somebody is there, and nobody can say who
			b.refused(what, Exchange{Failure: "no list holds it"})
		}
	}
	for _, what := range sortedKeys(b.begun) {
		if _, known := b.alone[what]; !known {
			b.refused(what, Exchange{Failure: "it did not come to its end"})
		}
	}
	header.Looked = sortedKeys(b.looked)
	for _, what := range sortedKeys(b.refusal) {
		r := b.refusal[what]
		if r.isAbsent() {
			header.Absent = append(header.Absent, r)
			continue
		}
		header.Unread = append(header.Unread, r)
	}
	for _, id := range sortedKeys(b.strangers) {
		if s := b.strangers[id]; !b.has(id) {
			if s.Kind == "" {
				s.Kind = b.likelyKind(id)
			}
			header.Strangers = append(header.Strangers, s)
		}
	}
	header.Strangers = append(header.Strangers, names.strangers()...)
}

// likelyKind is of a member without a $ref: one of which the platform did not say that
// there is nobody of it.
func (b *recording) likelyKind(id string) string {
	for _, kind := range []principalKind{kindUser, kindGroup, kindServicePrincipal} {
		what := at("", scimWords[kind.scimName()+"s"][1]+id)
		if r, ok := b.refusal[what]; !ok || !r.isAbsent() {
			return kind.scimName()
		}
	}
	return kindUser.scimName()
}

func (b *recording) has(id string) bool {
	for _, ws := range b.workspaces {
		if ws.local[id] != nil {
			return true
		}
	}
	return b.users[id] != nil || b.sps[id] != nil || b.groups[id] != nil
}

// placeCaller puts the caller into groups that the platform says it is in, where the
// snapshot does not hold who is: nobody can read that of them, and all that they give
// the caller counts.
func (b *recording) placeCaller(st *State) {
	caller := newWorld(st).callerNamed(st.Caller)
	if caller == nil {
		return
	}
	for i := range st.Workspaces {
		ws := &st.Workspaces[i]
		for _, id := range b.workspaces[ws.ID].mine {
			w := newWorld(st)
			in := w.groupsOf(caller.id)
			group := w.principals[id]
			if group == nil || group.stranger || slices.Contains(in, id) || group.name == groupUsers && group.workspace != 0 {
				continue
			}
			place := ""
			if group.workspace != 0 {
				place = ws.Name
			}
			if !b.looked[at(place, "group "+id)] && !(place != "" && b.looked[at(place, "groups"+withMembers)]) {
				group.group.Members = sortedIDs(append(group.group.Members, caller.id))
			}
		}
	}
}

// settleVisibility makes each workspace list whom it did.
func (b *recording) settleVisibility(st *State) {
	w := newWorld(st)
	for i := range st.Workspaces {
		ws := &st.Workspaces[i]
		visible := w.visibleIn(ws)
		then := b.workspaces[ws.ID]
		for kind, listed := range then.listed {
			for id := range listed {
				if !visible[id] {
					ws.Shown = append(ws.Shown, id)
				}
			}
			if what := at(ws.Name, scimWords[kind.scimName()+"s"][0]); !b.looked[what] && !b.looked[what+withMembers] {
				continue
			}
			for id := range visible {
				if p := w.principals[id]; p.kind == kind && p.workspace == 0 && !p.stranger && listed[id].ID == "" {
					ws.Hidden = append(ws.Hidden, id)
				}
			}
		}
		if caller := w.callerNamed(st.Caller); caller != nil && !visible[caller.id] && !slices.Contains(ws.Shown, caller.id) {
			ws.Shown = append(ws.Shown, caller.id)
		}
		ws.Shown, ws.Hidden = sortedIDs(ws.Shown), sortedIDs(ws.Hidden)
	}
}
