package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody is more than any request of the modelled APIs needs.
const maxBody = 64 << 20

// call is one request being answered; handlers get nothing else.
type call struct {
	s      *Server
	r      *http.Request
	route  *boundRoute
	params map[string]string // path parameters, unescaped
	query  url.Values
	body   []byte
	now    time.Time

	// world is what this request reads and, where it writes, changes.
	world *world
	// ws is the workspace asked; nil on account routes, except those that come
	// through a workspace's host.
	ws *Workspace
	// caller is who asks; nil on open routes.
	caller     *principal
	callerName string

	truncate bool // a fault breaks the answer off

	status int         // of a success; 0 means 200
	header http.Header // further headers of the answer
	entry  *Request
	serial int64
}

// answer is a whole response, kept back until faults have had their say.
type answer struct {
	status      int
	header      http.Header
	contentType string
	body        []byte
	drop        bool // close the connection instead
	truncate    bool // close the connection half-way
}

// download is a value of a handler that is the answer's body as it stands.
type download []byte

// newCall reads the request and enters it into the log. The call is usable for
// fail even where there is an error.
func (s *Server) newCall(r *http.Request) (*call, error) {
	c := &call{s: s, r: r, now: s.opts.Now(), header: http.Header{}}
	body, readErr := readBody(r)
	c.body = body
	c.entry, c.serial = s.record(r, body)
	if readErr != nil {
		return c, readErr
	}
	var err error
	if c.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return c, errf(http.StatusBadRequest, "BAD_REQUEST", "query of %s: %v", r.URL.Path, err)
	}
	return c, nil
}

func readBody(r *http.Request) ([]byte, error) {
	var reader io.Reader = http.MaxBytesReader(nil, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(reader)
		if err != nil {
			return nil, errf(http.StatusBadRequest, "BAD_REQUEST", "gzip body: %v", err)
		}
		reader = io.LimitReader(unzipped, maxBody)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		return nil, errf(http.StatusBadRequest, "BAD_REQUEST", "read body: %v", err)
	}
	return body, nil
}

// respond is the answer to the call, faults included.
func (s *Server) respond(c *call) answer {
	before, after := s.matchFaults(c.r)
	for _, f := range before {
		if ans, done := s.strike(f, c); done {
			return ans
		}
	}
	ans := s.handle(c)
	for _, f := range after {
		if struck, done := s.strike(f, c); done {
			return struck
		}
	}
	return ans
}

// handle runs the route under the server's lock.
func (s *Server) handle(c *call) answer {
	if err := c.resolveRoute(); err != nil {
		return c.fail(err)
	}
	if err := s.spend(c); err != nil {
		return c.fail(err)
	}
	if c.route.reads() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		c.world = s.readWorld(c)
		return c.run()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.world = s.world
	memory := s.memory()
	ans := c.run()
	if ans.status < 300 {
		c.rehearsed(ans)
		s.keep(memory, c.now)
		s.world.reindex(c.route.touches)
		s.changed()
	}
	return ans
}

func (c *call) resolveRoute() error {
	var err error
	if c.route, c.params, err = c.s.router.find(c.r.Method, c.r.URL.EscapedPath()); err != nil {
		return err
	}
	for _, name := range sortedKeys(c.query) {
		if !slices.Contains(c.route.query, name) {
			return errf(http.StatusBadRequest, "INVALID_PARAMETER_VALUE",
				"unknown query parameter %q of %s %s; known: %s", name, c.r.Method, c.r.URL.Path, orNone(c.route.query))
		}
	}
	return nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// run authenticates, finds the workspace and calls the handler.
func (c *call) run() answer {
	if err := c.authenticate(); err != nil {
		return c.fail(err)
	}
	if err := c.enter(); err != nil {
		return c.fail(err)
	}
	value, err := c.answer()
	if err != nil {
		return c.fail(err)
	}
	if file, ok := value.(download); ok {
		return answer{status: http.StatusOK, header: c.header, contentType: "application/octet-stream", body: file}
	}
	if value == nil {
		value = struct{}{}
	}
	body, err := encodeJSON(value)
	if err != nil {
		return c.fail(fmt.Errorf("encode answer of %s: %w", c.route.path, err))
	}
	ans := answer{status: c.status, header: c.header, contentType: "application/json", body: body}
	if ans.status == 0 {
		ans.status = http.StatusOK
	}
	if c.route.scim {
		ans.contentType = "application/scim+json"
	}
	if ans.status == http.StatusNoContent {
		ans.body = nil
	}
	return ans
}

// enter checks the account id of the path and finds the workspace of the header.
func (c *call) enter() error {
	st := c.world.state
	if id, ok := c.params["account"]; ok && id != st.Account.ID {
		return errf(http.StatusNotFound, "RESOURCE_DOES_NOT_EXIST", "Account %s does not exist; this sandbox is account %s", id, st.Account.ID)
	}
	if c.route.open {
		return nil
	}
	id := c.r.Header.Get("X-Databricks-Workspace-Id")
	if id == "" {
		id = c.r.Header.Get("X-Databricks-Org-Id")
	}
	if c.params["account"] != "" {
		return nil
	}
	if err := c.findWorkspace(id); err != nil {
		return err
	}
	c.header.Set("X-Databricks-Org-Id", strconv.FormatInt(c.ws.ID, 10))
	if c.route.account {
		return nil
	}
	if !c.world.isVisibleIn(c.ws, c.caller.id) {
		return denied("User %s is not assigned to workspace %d.", c.caller.name, c.ws.ID)
	}
	if slices.Contains(c.ws.Deactivated, c.caller.id) {
		return denied("User %s is deactivated in workspace %d.", c.caller.name, c.ws.ID)
	}
	return nil
}

func (c *call) findWorkspace(id string) error {
	workspaces := c.world.state.Workspaces
	if len(workspaces) == 0 {
		return notFound("The account has no workspace.")
	}
	if id == "" {
		c.ws = &workspaces[0]
		return nil
	}
	for i := range workspaces {
		if strconv.FormatInt(workspaces[i].ID, 10) == id {
			c.ws = &workspaces[i]
			return nil
		}
	}
	return notFound("Workspace %s does not exist in account %s.", id, c.world.state.Account.ID)
}

// fail is the answer to an error.
func (c *call) fail(err error) answer {
	status, value := errorBody(err, c.route != nil && c.route.scim)
	body, encodeErr := encodeJSON(value)
	if encodeErr != nil {
		panic("an error body does not encode: " + encodeErr.Error())
	}
	return answer{status: status, header: c.header, contentType: "application/json", body: body}
}

func (a answer) write(w http.ResponseWriter, serial int64) {
	if a.drop || a.truncate && len(a.body) == 0 { // an answer without a body has no middle
		panic(http.ErrAbortHandler)
	}
	for _, name := range sortedKeys(a.header) {
		w.Header()[name] = a.header[name]
	}
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.Header().Set("X-Request-Id", fmt.Sprintf("00000000-0000-4000-8000-%012x", serial))
	if a.truncate {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if a.truncate {
		w.Write(a.body[:len(a.body)/2])
		http.NewResponseController(w).Flush() // of no use where it fails: the connection is about to break
		panic(http.ErrAbortHandler)
	}
	w.Write(a.body) // the client may be gone; there is nobody to tell
}

// decode reads the request body strictly into v: an unknown field is an error
// that names it. No body at all is an empty object.
func (c *call) decode(v any) error {
	if err := decodeStrict(c.body, v); err != nil {
		if c.route.scim {
			return scimErrf(http.StatusBadRequest, "Invalid JSON provided in request body.",
				"Request is unparsable, syntactically incorrect, or violates schema. (%v)", err)
		}
		return errf(http.StatusBadRequest, "MALFORMED_REQUEST", "body of %s %s: %v", c.r.Method, c.r.URL.Path, err)
	}
	return nil
}

func decodeStrict(data []byte, v any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// intQuery is a query parameter as a number; def where it is absent.
func (c *call) intQuery(name string, def int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, badValue("query parameter %s: %q is not a number", name, text)
	}
	return n, nil
}

// boolQuery is a query parameter as a truth value; false where it is absent.
func (c *call) boolQuery(name string) (bool, error) {
	text := c.query.Get(name)
	if text == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, badValue("query parameter %s: %q is neither true nor false", name, text)
	}
	return b, nil
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
