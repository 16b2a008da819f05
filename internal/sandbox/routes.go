package sandbox

import "slices"

// routes is every endpoint the sandbox has, one line per table.
func (s *Server) routes() []route {
	return slices.Concat(
		s.authRoutes(),
		s.scimRoutes(),
		s.assignmentRoutes(),
		s.accountRoutes(),
		s.permissionRoutes(),
		s.treeRoutes(),
		s.computeRoutes(),
		s.inventoryRoutes(),
		s.publishRoutes(),
		s.grantRoutes(),
		s.securableRoutes(),
		s.metastoreRoutes(),
		s.bindingRoutes(),
		s.volumeFileRoutes(),
	)
}

// stateChecks are run on every state that comes in (seed, state file, Change)
// after references have become ids: each assigns what ids its part still lacks
// (State.nextNumeric) and reports what the API would not have let in.
var stateChecks = []func(*State, *problems){checkObjects, checkSecurables}

// indexers fill the world's indexes, one each.
var indexers = []func(*world){indexObjects, indexSecurables}
