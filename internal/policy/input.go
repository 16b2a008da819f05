package policy

import (
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Input is what the rules look at: one environment at one instant.
type Input struct {
	Project   *spec.Project
	Env       *spec.Environment
	Catalogue *spec.Catalogue
	Now       time.Time
	// Declared are the claims of the environment, sorted by key. Labels say what a
	// resource is about: "product:NAME", "domain:NAME", "layer:NAME", "pii",
	// "role:ROLE" of a derived group; of a principal "name:SPEC NAME" and
	// "source:SOURCE".
	Declared []plan.Resource
	Uses     []spec.Use                  // what products read of others
	Owned    func(principal string) bool // whether its undeclared access may be removed
	Live     *Live                       // nil offline
}

// Live is what only a plan knows.
type Live struct {
	State   plan.State
	Changes []plan.Change
	Self    string // the applying identity, as facts call it
	// Members are the direct members of a group of the account, as facts call
	// them; false for a group that was not read.
	Members func(group string) ([]string, bool)
}
