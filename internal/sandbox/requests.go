package sandbox

import "net/http"

// The bounds of the request log of a sandbox that serves for long, in requests
// and in bytes of their bodies: the oldest half goes when one is reached.
const (
	maxLog      = 100_000
	maxLogBytes = 64 << 20
)

// Request is one request of the log, in order of arrival.
type Request struct {
	Method string
	Path   string // unescaped
	Query  string // as sent
	Body   string // as sent, unzipped
	Status int    // 0 while it is being answered, and when the connection was dropped
	Caller string // user name or application id; empty when nobody was recognised
	// Workspace is the workspace header as sent, empty without one.
	Workspace string
}

func (s *Server) record(r *http.Request, body []byte) (*Request, int64) {
	workspace := r.Header.Get("X-Databricks-Workspace-Id")
	if workspace == "" {
		workspace = r.Header.Get("X-Databricks-Org-Id")
	}
	entry := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body), Workspace: workspace}
	s.traffic.Lock()
	defer s.traffic.Unlock()
	if len(s.log) >= maxLog || s.logBytes+len(body) > maxLogBytes {
		s.log = append([]*Request(nil), s.log[len(s.log)/2:]...)
		s.logBytes = 0
		for _, kept := range s.log {
			s.logBytes += len(kept.Body)
		}
	}
	s.log = append(s.log, entry)
	s.logBytes += len(body)
	s.serial++
	return entry, s.serial
}

func (e *Request) finish(s *Server, status int, caller string) {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	e.Status, e.Caller = status, caller
}

// Requests is a copy of the request log.
func (s *Server) Requests() []Request {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	log := make([]Request, len(s.log))
	for i, entry := range s.log {
		log[i] = *entry
	}
	return log
}

// ResetRequests empties the request log.
func (s *Server) ResetRequests() {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	s.log, s.logBytes = nil, 0
}
