package plan

import "time"

// Status is how a change ended.
type Status string

const (
	Applied   Status = "applied"
	Failed    Status = "failed"
	Blocked   Status = "blocked"   // a change that it waits for did not succeed
	Cancelled Status = "cancelled" // the run was interrupted before it began
)

// Outcome is the end of one change; every change of a run has exactly one.
type Outcome struct {
	Change    Change
	Status    Status
	Err       error // of a failed change
	BlockedBy []Key // of a blocked change: those that did not succeed, sorted
	Took      time.Duration
	Requests  []string // ids that the platform gave to the writes of the change, in their order
	Seen      Seen     // of an applied change: what was read afterwards
}
