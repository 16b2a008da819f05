package sandbox

import "time"

// Knobs are the switches of the sandbox's behaviour; the zero value is a quiet,
// consistent AWS account with the platform's own strictness.
type Knobs struct {
	// Cloud is aws (the default), azure or gcp.
	Cloud string
	// PageSize caps every list's page; 0 leaves the API's own limits.
	PageSize int
	// EmptyPages puts an empty page with a token before each page of the lists
	// of Unity Catalog and of grants.
	EmptyPages bool
	// MembersInAccountList shows the members in account group lists, which the
	// platform has not done since 2025-08-22.
	MembersInAccountList bool
	// Staleness is how long reads go on seeing the world before a write. With
	// Flipping they see the old and the new one in turns, the old one first.
	Staleness time.Duration
	Flipping  bool
	// RateLimits is the share of the platform's documented rates that requests
	// get: 1 is all of it, 0.5 leaves half to somebody else, 0 counts nothing.
	RateLimits float64
	// PrincipalDelay is the time until a principal made through the API can be
	// named in Unity Catalog grants.
	PrincipalDelay time.Duration
	// AssignmentDelay is the time until a principal made through the API can be
	// assigned to a workspace.
	AssignmentDelay time.Duration
	// LenientSCIM switches the edge cases of SCIM PATCH off: a remove takes only
	// the members it lists, and removing what is absent succeeds.
	LenientSCIM bool
}

func (k Knobs) cloud() string {
	if k.Cloud == "" {
		return "aws"
	}
	return k.Cloud
}

// Knobs are the present switches.
func (s *Server) Knobs() Knobs {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	return s.knobs
}

// SetKnobs changes all switches at once; it holds from the next request on.
func (s *Server) SetKnobs(k Knobs) {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	s.knobs = k
}

// settled tells whether a principal has been there for at least delay. Those that
// came with a seed or by Server.Change always have.
func (c *call) settled(id string, delay time.Duration) bool {
	made, ok := c.s.born[id]
	return !ok || c.now.Sub(made) >= delay
}
