package plan_test

import (
	"testing"

	"github.com/brickgate/brickgate/plan"
)

// Whoever names a principal like somebody else does not become that.
func TestWhoseAFactIs(t *testing.T) {
	for _, test := range []struct {
		key, field, value, want string
	}{
		{"grants@metastore/schema/x", "group:a", "SELECT", "group:a"},
		{"group@account/a", "member", "user:b", "user:b"},
		{"owner@metastore/schema/x", "owner", "sp:c", "sp:c"},
		{"roles@account/group:a", "role", "x", "group:a"},
		{"permissions@main/clusters/x", "", "", ""},
		{"group@account/user:boss@example.com", "", "", "group:user:boss@example.com"},
		{"servicePrincipal@account/group:admins", "active", "true", "sp:group:admins"},
		{"group@account/a", "name", "user:boss@example.com", "group:a"},
		{"servicePrincipal@account/b", "name", "sp:c", "sp:b"},
	} {
		f := plan.Fact{Key: key(test.key), Field: test.field, Value: test.value}
		if got := plan.Principal(f); got != test.want {
			t.Errorf("%s %s %s is %q's, want %q", test.key, test.field, test.value, got, test.want)
		}
	}
}
