package snapshot

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Recording is the http.RoundTripper of a run that only reads. It passes requests on
// as they are, and keeps what comes back. Around a transport that repeats requests it
// sees each as its caller does: once.
type Recording struct {
	base http.RoundTripper
	seen *sandbox.Recorder

	mu         sync.Mutex      // guards workspaces
	workspaces map[asked]int64 // ids, as the answers to who we are tell them
}

// asked is how a request says which workspace it is for.
type asked struct{ host, header string }

// Record records what base answers.
func Record(base http.RoundTripper) (*Recording, error) {
	seen, err := sandbox.NewRecorder()
	return &Recording{base: base, seen: seen, workspaces: map[asked]int64{}}, err
}

// RoundTrip implements http.RoundTripper.
func (r *Recording) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.base.RoundTrip(req)
	if req.Method != http.MethodGet || !strings.HasPrefix(req.URL.Path, "/api/") || req.Context().Err() != nil {
		return resp, err // what is used to log in is nothing to keep
	}
	e := sandbox.Exchange{Path: req.URL.EscapedPath(), Query: req.URL.Query()}
	if err != nil {
		e.Workspace, e.Failure = r.workspace(req, nil), err.Error()
		r.seen.Saw(e)
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	resp.Body = io.NopCloser(&broken{bytes.NewReader(body), err})
	e.Workspace, e.Status, e.Body = r.workspace(req, resp), resp.StatusCode, body
	if err != nil {
		e.Status, e.Body, e.Failure = 0, nil, "the answer broke off"
	}
	r.seen.Saw(e)
	return resp, nil
}

// workspace is whom a request is for; 0 for the account, and for hosts that did not
// say yet.
func (r *Recording) workspace(req *http.Request, resp *http.Response) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := asked{req.URL.Host, req.Header.Get("X-Databricks-Workspace-Id")}
	if resp != nil && r.workspaces[key] == 0 {
		if id, err := strconv.ParseInt(resp.Header.Get("X-Databricks-Org-Id"), 10, 64); err == nil {
			r.workspaces[key] = id
		}
	}
	return r.workspaces[key]
}

// broken is a body that ends in the error in which it was read.
type broken struct {
	io.Reader
	err error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF && b.err != nil {
		err = b.err
	}
	return n, err
}
