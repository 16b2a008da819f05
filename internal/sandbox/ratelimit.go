package sandbox

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// rateFamily is a row of requests that draw from one token bucket, per account
// or per workspace.
type rateFamily struct {
	methods string // separated by spaces; empty means those that no row above takes
	path    *regexp.Regexp
	limit   float64 // tokens that the bucket holds, and that come back in per
	per     time.Duration
}

// rateFamilies are the documented limits (Databricks, "Resource limits",
// 2026-07; for assignments the one that databrickslabs/ucx keeps). The first row
// that a request matches is its own; a request that none matches has no limit.
var rateFamilies = []rateFamily{
	{"GET", regexp.MustCompile(`^/api/2\.0/preview/scim/v2/`), 255, time.Minute},
	{"PATCH", regexp.MustCompile(`^/api/2\.0/preview/scim/v2/`), 10, time.Minute},
	{"", regexp.MustCompile(`^/api/2\.0/preview/scim/v2/`), 35, time.Minute},
	{"GET", regexp.MustCompile(`^/api/2\.0/accounts?/([^/]+/)?scim/v2/[^/]+$`), 240, time.Minute},
	{"GET", regexp.MustCompile(`^/api/2\.0/accounts?/([^/]+/)?scim/v2/`), 20, time.Second},
	{"PATCH", regexp.MustCompile(`^/api/2\.0/accounts?/([^/]+/)?scim/v2/`), 2, time.Second},
	{"", regexp.MustCompile(`^/api/2\.0/accounts?/([^/]+/)?scim/v2/`), 5, time.Second},
	{"PUT", regexp.MustCompile(`^/api/2\.0/accounts/[^/]+/workspaces/[^/]+/permissionassignments/`), 5, time.Second},
	{"GET", regexp.MustCompile(`^/api/2\.0/permissions/`), 100, time.Second},
	{"PUT PATCH", regexp.MustCompile(`^/api/2\.0/permissions/`), 30, time.Second},
	{"GET", regexp.MustCompile(`^/api/2\.0/workspace/list$`), 50, time.Second},
	{"GET", regexp.MustCompile(`^/api/2\.\d/jobs/(get|list)$`), 20, time.Second},
	{"GET", regexp.MustCompile(`^/api/2\.0/pipelines`), 150, time.Second},
}

func (f *rateFamily) has(r *http.Request) bool {
	return (f.methods == "" || strings.Contains(" "+f.methods+" ", " "+r.Method+" ")) && f.path.MatchString(r.URL.Path)
}

// bucketKey is a row of the table and the workspace, empty for the account.
type bucketKey struct {
	row       int
	workspace string
}

// bucket is how many tokens there were at a time.
type bucket struct {
	tokens float64
	at     time.Time
}

// spend takes a token for the request; where there is none, the request is
// refused, in the platform's words.
func (s *Server) spend(c *call) error {
	s.traffic.Lock()
	defer s.traffic.Unlock()
	if s.knobs.RateLimits <= 0 {
		return nil
	}
	for i := range rateFamilies {
		f := &rateFamilies[i]
		if !f.has(c.r) {
			continue
		}
		full := max(1, f.limit*s.knobs.RateLimits)
		key := bucketKey{i, c.r.Header.Get("X-Databricks-Workspace-Id")}
		b, known := s.buckets[key]
		if !known {
			b = bucket{full, c.now}
		}
		b.tokens = min(full, b.tokens+full*float64(c.now.Sub(b.at))/float64(f.per))
		b.at = c.now
		enough := b.tokens >= 1
		if enough {
			b.tokens--
		}
		s.buckets[key] = b
		if !enough {
			return errf(http.StatusTooManyRequests, "REQUEST_LIMIT_EXCEEDED",
				"The request was rejected since your organization's %s %s token bucket limit has been exceeded.", c.r.Method, c.r.URL.Path)
		}
		return nil
	}
	return nil
}
