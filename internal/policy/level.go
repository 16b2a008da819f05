package policy

import "github.com/brickgate/brickgate/plan"

// Level is the level that a rule has in the repository; "off" for one that is not asked.
func (r *Rules) Level(code string) plan.Level { return r.levels[code] }
