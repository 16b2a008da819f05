package policy

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Kinds and fields of resources, as reconcile calls them.
const (
	kindGroup            = "group"
	kindServicePrincipal = "servicePrincipal"
	kindGrants           = "grants"
	kindPermissions      = "permissions"
	kindAssignment       = "assignment"
	kindEntitlements     = "entitlements"
	kindOwner            = "owner"

	fieldMember = "member"

	accountTarget   = "account"
	isOwner         = "IS_OWNER"
	accountUsers    = "group:account users"
	workspaceUsers  = "group:users"
	workspaceAdmins = "group:admins"
)

// Labels of resources.
const (
	labelName    = "name:"
	labelSource  = "source:"
	labelProduct = "product:"
	labelRole    = "role:"
	labelPII     = "pii"
)

// label is what stands behind a prefix in the labels of a resource.
func label(r *plan.Resource, prefix string) (string, bool) {
	for _, l := range r.Labels {
		if rest, ok := strings.CutPrefix(l, prefix); ok {
			return rest, true
		}
	}
	return "", false
}

// principalOf is how facts call the principal that a resource is.
func principalOf(k plan.Key) string { return plan.Principal(plan.Fact{Key: k}) }

// isSystem tells whether a principal is a group of the platform's own.
func isSystem(who string) bool {
	return who == accountUsers || who == workspaceUsers || who == workspaceAdmins
}

func isUser(who string) bool { return strings.HasPrefix(who, "user:") }

// declared finds what the documents say of a key; nil if nothing.
func (j *judge) declared(k plan.Key) *plan.Resource {
	i, ok := slices.BinarySearchFunc(j.Declared, k, func(r plan.Resource, k plan.Key) int { return r.Key.Compare(k) })
	if !ok {
		return nil
	}
	return &j.Declared[i]
}

// wanted lists the claims of a resource that are in force; nil has none.
func (j *judge) wanted(r *plan.Resource) []plan.Claim {
	if r == nil {
		return nil
	}
	var out []plan.Claim
	for _, cl := range r.Claims {
		if cl.Want && cl.Field != "" && cl.Origin.InForce(j.Now) {
			out = append(out, cl)
		}
	}
	return out
}
