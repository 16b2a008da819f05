package sandbox

import (
	"net/http"
	"regexp"
	"strings"
)

// Fault is one thing that goes wrong (Status, Drop, Stall, Truncate) or changes behind the
// caller's back (Mutate) when a request matches.
type Fault struct {
	Method string // empty matches every method
	// Path is matched against the unescaped path of the URL: a regular expression
	// where it starts with ^, else a pattern in which * stands for any characters.
	// Empty matches every path.
	Path string
	Skip int // let this many matching requests pass first
	// Times is how many requests it strikes: 0 means once, negative means all.
	Times int
	// After lets the handler run first and discards its answer.
	After bool

	// Status is answered instead; 0 leaves the handler's answer. Without a Body
	// it is a platform error that suits the status.
	Status      int
	Header      http.Header
	ContentType string // of Body; empty means application/json
	Body        string
	Drop        bool         // close the connection without an answer
	Stall       bool         // answer nothing until the client hangs up
	Truncate    bool         // close the connection in the middle of the answer, the handler's or Status'
	Mutate      func(*State) // run as by Server.Change, before or After the handler
}

type armedFault struct {
	Fault
	path      *regexp.Regexp
	remaining int
}

// Inject arms a fault. Faults strike in the order in which they were injected. A
// path that is no regular expression although it starts with ^ panics.
func (s *Server) Inject(f Fault) {
	armed := &armedFault{Fault: f, path: regexp.MustCompile(pathExpression(f.Path)), remaining: f.Times}
	if f.Times == 0 {
		armed.remaining = 1
	}
	s.traffic.Lock()
	defer s.traffic.Unlock()
	s.faults = append(s.faults, armed)
}

// ClearFaults disarms every fault.
func (s *Server) ClearFaults() {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	s.faults = nil
}

func pathExpression(pattern string) string {
	if pattern == "" || strings.HasPrefix(pattern, "^") {
		return pattern
	}
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return "^" + strings.Join(parts, ".*") + "$"
}

// matchFaults takes the faults that strike this request. Of those that answer
// only the first is taken, so that the others wait for the next request.
func (s *Server) matchFaults(r *http.Request) (before, after []*armedFault) {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	answered := false
	for _, f := range s.faults {
		answers := f.Drop || f.Stall || f.Truncate || f.Status != 0
		if answers && answered || !f.matches(r) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.remaining > 0 {
			f.remaining--
		}
		answered = answered || answers
		if f.After {
			after = append(after, f)
		} else {
			before = append(before, f)
		}
	}
	return before, after
}

func (f *armedFault) matches(r *http.Request) bool {
	return f.remaining != 0 && (f.Method == "" || f.Method == r.Method) && f.path.MatchString(r.URL.Path)
}

// strike does what a fault does; done means that its answer stands for all.
func (s *Server) strike(f *armedFault, c *call) (ans answer, done bool) {
	if f.Mutate != nil {
		if err := s.Change(f.Mutate); err != nil {
			return c.fail(err), true
		}
	}
	if f.Stall {
		<-c.r.Context().Done()
	}
	if f.Drop || f.Stall {
		return answer{drop: true}, true
	}
	c.truncate = c.truncate || f.Truncate
	if f.Status == 0 {
		return answer{}, false
	}
	ans = answer{status: f.Status, header: f.Header, contentType: f.ContentType, body: []byte(f.Body)}
	if ans.contentType == "" {
		ans.contentType = "application/json"
	}
	if f.Body == "" {
		plain := c.fail(errf(f.Status, codeOf(f.Status), "The sandbox was told to answer %d.", f.Status))
		ans.body = plain.body
	}
	return ans, true
}

// codeOf is the error_code that the platform gives with a status.
func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "BAD_REQUEST"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "RESOURCE_DOES_NOT_EXIST"
	case http.StatusConflict:
		return "RESOURCE_CONFLICT"
	case http.StatusTooManyRequests:
		return "REQUEST_LIMIT_EXCEEDED"
	case http.StatusServiceUnavailable:
		return "TEMPORARILY_UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	}
	return "INTERNAL_ERROR"
}
