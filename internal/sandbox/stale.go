package sandbox

import "time"

// snapshot is the world as it was until a write at the time until.
type snapshot struct {
	world *world
	until time.Time
}

// memory is a copy of the world to remember, if reads are to be stale; nil
// otherwise. It has to be taken before the write.
func (s *Server) memory() *world {
	if s.Knobs().Staleness <= 0 {
		return nil
	}
	return newWorld(s.world.state.clone())
}

// keep remembers what memory took, and forgets what no read can see any more.
func (s *Server) keep(before *world, now time.Time) {
	if before == nil {
		return
	}
	horizon := now.Add(-s.Knobs().Staleness)
	kept := s.history[:0]
	for _, snap := range s.history {
		if snap.until.After(horizon) {
			kept = append(kept, snap)
		}
	}
	s.history = append(kept, snapshot{world: before, until: now})
}

// remember keeps a world that is about to be replaced as a whole.
func (s *Server) remember(before *world) {
	if s.Knobs().Staleness > 0 {
		s.keep(before, s.opts.Now())
	}
}

// readWorld is the world that a read sees: the present one, or within the
// staleness window the oldest one still remembered.
func (s *Server) readWorld(c *call) *world {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	old := s.stale(c.now)
	if old == nil || c.route.open || c.route.fresh {
		return s.world
	}
	if !s.knobs.Flipping {
		return old
	}
	key := c.r.URL.RequestURI()
	showNew := s.flips[key]
	s.flips[key] = !showNew
	if showNew {
		return s.world
	}
	return old
}

func (s *Server) stale(now time.Time) *world {
	horizon := now.Add(-s.knobs.Staleness)
	for _, snap := range s.history {
		if s.knobs.Staleness > 0 && snap.until.After(horizon) {
			return snap.world
		}
	}
	return nil
}
