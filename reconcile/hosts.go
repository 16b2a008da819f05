package reconcile

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Hosts are what the run reads and writes, by target.
func (r *Run) Hosts() []plan.Host { return r.clients.Hosts() }

// Hosts are what the clients lead to, by target. They hold no credential, wherever
// somebody may have written one.
func (c *Clients) Hosts() []plan.Host {
	var out []plan.Host
	if c.Account != nil {
		out = append(out, plan.Host{Target: accountTarget, Host: bareHost(c.Account), ID: c.Account.api.Config.AccountID})
	}
	for _, w := range c.Workspaces {
		out = append(out, plan.Host{Target: w.Name, Host: bareHost(w.wire), ID: strconv.FormatInt(w.ID, 10)})
	}
	slices.SortFunc(out, func(a, b plan.Host) int { return strings.Compare(a.Target, b.Target) })
	return out
}

// bareHost is the scheme and the name of a host.
func bareHost(w *wire) string {
	u, err := url.Parse(w.api.Config.CanonicalHostName())
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}
