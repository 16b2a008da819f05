package policy

import (
	"fmt"
	"strings"
	"testing"
)

// chain is n groups, each a member of the one before; the entry of the k-th is
// marked.
func chain(n, k int) string {
	var documents []string
	for i := 1; i <= n; i++ {
		members := "{}"
		if i < n {
			mark := ""
			if i == k {
				mark = "§"
			}
			members = fmt.Sprintf("{members: [{user: alice@example.com}, %s{group: g%02d}]}", mark, i+1)
		}
		documents = append(documents, doc("Group", fmt.Sprintf("g%02d", i), members))
	}
	return docs(documents...)
}

func TestGroupsNestedTooDeep(t *testing.T) {
	var path []string
	for i := 3; i <= 14; i++ {
		path = append(path, fmt.Sprintf("g%02d_dev", i))
	}
	rule(t, "BG104", []ruling{
		{"the group at which the limit is passed is told, once", "", chain(14, 3), nil,
			"§ warn groups are nested 11 deep, and the platform allows 10: " + strings.Join(path, " → ")},
		{"ten deep", "", chain(11, 0), nil, ""},
		{"eleven deep, by an entry that ended", "", strings.Replace(chain(12, 0), "{group: g02}", "{group: g02, expires: 2026-02-28}", 1), nil, ""},
	})
}
