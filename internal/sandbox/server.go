package sandbox

// How a route is added: a file of endpoints has one table function, such as
//
//	func (s *Server) objectRoutes() []route {
//		return []route{{method: "GET", path: "/api/2.1/clusters/get", query: []string{"cluster_id"}, handle: getCluster}}
//	}
//
// and one line in routes.go names it. A handler is func(*call) (any, error): the
// value becomes the JSON body (nil: an empty object), the error is made with
// errf (platform shape) or scimErrf. It reads and changes c.world, under the
// server's lock: shared for GET and for routes marked read, exclusive otherwise.
// A writing handler checks everything first and changes last, since an error
// does not undo; pointers into the state's slices (from the world's indexes) are
// valid until it appends to that slice. After a successful write the indexes are
// built anew, unless the route says by touches that it needs less.

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Options are the fixed settings of a Server.
type Options struct {
	// StateFile keeps the state between runs; empty means memory. When the file
	// exists it is read and the seed is ignored. It is locked until Close.
	StateFile string
	Latency   time.Duration    // added to every answer
	Now       func() time.Time // nil means time.Now
	Knobs     Knobs
}

// Server is the sandbox; it implements http.Handler and is safe for concurrent
// use. New makes one, Close ends it.
type Server struct {
	opts   Options
	router *router
	file   *stateFile // nil when the state is kept in memory

	mu      sync.RWMutex // guards world, history and born
	world   *world
	history []snapshot
	born    map[string]time.Time // creation of principals made through the API, by id

	traffic sync.Mutex // guards the fields below
	knobs   Knobs
	faults  []*armedFault
	log     []*Request
	// logBytes is the length of all bodies in the log.
	logBytes int
	flips    map[string]bool // by path: the last flipping read there was a new one
	buckets  map[bucketKey]bucket
	serial   int64 // numbers the requests
}

// New makes a server from a seed; a nil seed is a small default world. Where
// opts.StateFile exists, the state is read from it instead.
func New(seed *State, opts Options) (*Server, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{opts: opts, knobs: opts.Knobs, born: map[string]time.Time{}, flips: map[string]bool{}, buckets: map[bucketKey]bucket{}}
	var err error
	if s.router, err = newRouter(s.routes()); err != nil {
		return nil, err
	}
	if opts.StateFile == "" {
		if err := s.seed(seed); err != nil {
			return nil, err
		}
		return s, nil
	}
	if s.file, err = openStateFile(opts.StateFile); err != nil {
		return nil, err
	}
	if err := s.loadFile(seed); err != nil {
		s.file.release()
		return nil, err
	}
	s.file.start(s.encoded)
	return s, nil
}

func (s *Server) loadFile(seed *State) error {
	data, err := s.file.read()
	if err != nil {
		return err
	}
	if data == nil {
		s.file.touch()
		return s.seed(seed)
	}
	st, err := Parse(data)
	if err != nil {
		return fmt.Errorf("state file %s: %w", s.file.path, err)
	}
	return s.seed(st)
}

func (s *Server) seed(seed *State) error {
	if seed == nil {
		seed = defaultWorld()
	}
	st := seed.clone()
	if err := st.normalise(); err != nil {
		return err
	}
	s.world = newWorld(st)
	return nil
}

// Close writes the state file, if there is one, and gives up its lock.
func (s *Server) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.close()
}

// encoded is the state as the state file has it.
func (s *Server) encoded() ([]byte, error) {
	return s.State().encode()
}

// State returns a copy of the state, normalised and sorted. The state is locked
// for the first half of copying alone, so that writing a large state file holds
// requests up as little as it can.
func (s *Server) State() *State {
	s.mu.RLock()
	data := s.world.state.marshal()
	s.mu.RUnlock()
	st := unmarshalState(data)
	st.sort()
	return st
}

// Change lets change edit the state outside every API rule, then normalises it
// again: new entries may lack ids and may use references. A state that does not
// hold together is an error, and nothing has changed.
func (s *Server) Change(change func(*State)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.world.state.clone()
	change(st)
	if err := st.normalise(); err != nil {
		return err
	}
	s.remember(s.world)
	s.world = newWorld(st)
	s.changed()
	return nil
}

// changed tells the state file, if any, that there is something to write.
func (s *Server) changed() {
	if s.file != nil {
		s.file.touch()
	}
}

// Token is the bearer token of the seed's caller.
func (s *Server) Token() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return tokenFor(s.world.state.Caller)
}

// TokenOf is the bearer token of a principal, named by user name or application id.
func (s *Server) TokenOf(name string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.world.callerNamed(name)
	if p == nil {
		return "", fmt.Errorf("token of %q: no user or service principal of that name", name)
	}
	return tokenFor(p.name), nil
}

// AccountID is the id of the account.
func (s *Server) AccountID() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.world.state.Account.ID
}

// WorkspaceID finds a workspace by its name as in the seed, such as "dev/main".
func (s *Server) WorkspaceID(name string) (int64, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range s.world.state.Workspaces {
		if s.world.state.Workspaces[i].Name == name {
			return s.world.state.Workspaces[i].ID, true
		}
	}
	return 0, false
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := s.newCall(r)
	if err == nil && s.opts.Latency > 0 {
		err = wait(r.Context(), s.opts.Latency)
	}
	ans := answer{}
	if err != nil {
		ans = c.fail(err)
	} else {
		ans = s.respond(c)
	}
	ans.truncate = c.truncate
	w.Header().Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	c.entry.finish(s, ans.status, c.callerName)
	ans.write(w, c.serial)
}
