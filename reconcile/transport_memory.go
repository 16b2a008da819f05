package reconcile

import (
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Memory is a transport that remembers what was read, so that what is read a
// second time, for another version of the repository, is the same and costs
// nothing. Until Recall it sends everything on, as reads that look twice expect;
// from then on it answers a GET that was answered before from memory, and sends on
// the rest.
//
// Only answers are remembered, and that there is no such thing (404): what failed
// is asked for again. Texts are kept compressed; a page of SCIM or of grants takes
// a tenth of its size then.
type Memory struct {
	Base http.RoundTripper

	mu        sync.Mutex // guards what follows
	recalling bool
	answers   map[asked]remembered
}

// The headers by which a request says which workspace it is for, and an answer
// which one it is of.
const (
	workspaceHeader    = "X-Databricks-Workspace-Id"
	organisationHeader = "X-Databricks-Org-Id"
)

// asked is a GET: the same path is another question to another workspace.
type asked struct{ url, workspace string }

type remembered struct {
	status int
	header http.Header
	body   []byte // compressed
}

// Recall answers from memory from now on.
func (m *Memory) Recall() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recalling = true
}

// Forget gives the memory back, and goes on without one.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recalling, m.answers = false, nil
}

// RoundTrip answers from memory, or sends the request and remembers its answer.
func (m *Memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || !strings.HasPrefix(req.URL.Path, "/api/") { // elsewhere tokens are had
		return m.Base.RoundTrip(req)
	}
	q := asked{req.URL.String(), req.Header.Get(workspaceHeader)}
	if a, ok := m.recall(q); ok {
		return a.response(req)
	}
	resp, err := m.Base.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNotFound {
		return resp, err
	}
	data, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	a := remembered{resp.StatusCode, http.Header{}, deflated(data)}
	for _, name := range []string{"Content-Type", organisationHeader} {
		if v := resp.Header.Get(name); v != "" {
			a.header.Set(name, v)
		}
	}
	m.remember(q, a)
	return resp, nil
}

func (m *Memory) recall(q asked) (remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.answers[q]
	return a, ok && m.recalling
}

func (m *Memory) remember(q asked, a remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers == nil {
		m.answers = map[asked]remembered{}
	}
	m.answers[q] = a
}

func (a remembered) response(req *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(flate.NewReader(bytes.NewReader(a.body)))
	if err != nil {
		return nil, fmt.Errorf("remember the answer: %w", err)
	}
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data)), Request: req,
	}, nil
}

// deflated is the text in short. Writing to memory does not fail.
func deflated(text []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(text)
	}
	if err = cmp.Or(err, w.Close()); err != nil {
		panic("reconcile: compress in memory: " + err.Error())
	}
	return b.Bytes()
}
