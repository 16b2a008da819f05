package snapshot

import (
	"fmt"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// Making is what a snapshot says of itself that the reading does not tell.
type Making struct {
	ToolVersion string
	Project     string
	Environment string
	ReadAt      time.Time
	Hosts       []plan.Host
	Recording   *Recording
}

// State is what the recording saw of an environment through these clients.
func (m Making) State(c *reconcile.Clients) (*sandbox.State, error) {
	origin := sandbox.Origin{Caller: c.Self.Name, Workspaces: map[int64]string{}}
	origin.ToolVersion, origin.Project, origin.Environment = m.ToolVersion, m.Project, m.Environment
	origin.ReadAt = m.ReadAt.UTC().Truncate(time.Second).Format(time.RFC3339)
	for _, h := range m.Hosts {
		origin.Hosts = append(origin.Hosts, sandbox.SnapshotHost(h))
		if h.Target == "account" {
			origin.AccountID = h.ID
		}
	}
	for _, w := range c.Workspaces {
		origin.Workspaces[w.ID] = m.Environment + "/" + w.Name
	}
	st, err := m.Recording.seen.State(origin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Environment, err)
	}
	return st, nil
}
