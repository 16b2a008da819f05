package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// On is which state a question is about.
type On string

const (
	Live    On = "live"    // what is there now
	Desired On = "desired" // what the repository says, whatever is there
	Planned On = "planned" // what apply would leave
)

// States are the states that can be asked about.
func States() []string { return []string{string(Live), string(Desired), string(Planned)} }

// World is what questions are asked of.
type World struct {
	Access   *access.Access
	After    *access.Access // of a question about live: what apply would leave; nil: nobody knows
	State    plan.State     // of Access
	On       On
	Env      *spec.Environment
	Now      time.Time
	Platform Platform
	Notes    []string // of every answer

	// Called are groups and service principals by what the documents call them.
	Called map[string][]string
	// Known are the principals that there are, whether the state names them or not.
	Known []string
	// ServicePrincipal finds one by application id; nil: nobody can.
	ServicePrincipal func(applicationID string) (token string, ok bool)
	// Exists tells whether there is an object that the state does not have; nil:
	// nobody can.
	Exists func(plan.Key) (bool, error)
}

// Platform is what Databricks can grant, and how it is spelled.
type Platform struct {
	access.Platform
	Securables []string // types
	Objects    []string // types
	Segments   func(securable string) int
	Privilege  func(securable, name string) (string, bool)
	Level      func(object, name string) (string, bool)
}

const (
	kindAssignment   = "assignment"
	kindEntitlements = "entitlements"
	kindGrants       = "grants"
	kindGroup        = "group"
	kindOwner        = "owner"
	kindPermissions  = "permissions"
	kindRoles        = "roles"

	account   = "account"
	metastore = "metastore"
	workspace = "workspace"

	metastoreName = "metastore/current"
	accountUsers  = "group:account users"
	allPrivileges = "ALL_PRIVILEGES"
	isOwner       = "IS_OWNER"
)

// unknown says that there is no such name, and which one was probably meant.
func unknown(what, name string, known []string) error {
	return fmt.Errorf("unknown %s %q%s", what, name, meant(name, known))
}

func meant(name string, known []string) string {
	var near []string
	for rest := slices.Clone(known); len(near) < 2; {
		n, ok := spec.Nearest(name, rest)
		if !ok {
			break
		}
		near = append(near, n)
		rest = slices.DeleteFunc(rest, func(k string) bool { return k == n })
	}
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, ", or ") + "?)"
}
