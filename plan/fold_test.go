package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

const team = "group@account/grp_team"

func TestFold(t *testing.T) {
	tests := []struct {
		name   string
		fields string
		claims []plan.Claim
		want   string
		gone   string
	}{
		{"a claim without end is wanted", "", []plan.Claim{wanted("member", "user:a", at(1, ""))}, "member=user:a", ""},
		{"an entry holds through its last day", "", []plan.Claim{wanted("member", "user:a", at(1, "2026-11-22"))}, "member=user:a", ""},
		{"an entry whose last day has passed takes the value away", "", []plan.Claim{wanted("member", "user:a", at(1, "2026-11-21"))}, "", "member=user:a"},
		{"an entry whose time has not come is no claim", "", []plan.Claim{wanted("member", "user:a", from(at(1, ""), "2026-11-23"))}, "", ""},
		{"of two entries the one in force wins over the expired one", "",
			[]plan.Claim{wanted("member", "user:a", at(1, "2026-01-01")), wanted("member", "user:a", at(2, ""))}, "member=user:a", ""},
		{"an entry that says absent takes the value away", "", []plan.Claim{absent("group:x", "SELECT", at(1, ""))}, "", "group:x=SELECT"},
		{"an entry that says absent of a principal takes everything", "", []plan.Claim{absent("group:x", "", at(1, ""))}, "", "group:x="},
		{"an absent entry that has ended is no claim", "", []plan.Claim{absent("group:x", "SELECT", at(1, "2026-01-01"))}, "", ""},
		{"an expired entry beside an absent one is gone", "",
			[]plan.Claim{wanted("group:x", "SELECT", at(1, "2026-01-01")), absent("group:x", "", at(2, ""))}, "", "group:x="},
		{"a declared empty field stays declared", "member=", nil, "member=", ""},
		{"a declared field keeps its values and gets the claimed ones", "member=user:b", []plan.Claim{wanted("member", "user:a", at(1, ""))}, "member=user:a,user:b", ""},
		{"values come out sorted and once", "",
			[]plan.Claim{wanted("m", "c", at(1, "")), wanted("m", "a", at(2, "")), wanted("k", "z", at(3, "")), wanted("m", "c", at(4, ""))}, "k=z m=a,c", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := folded(t, resource(team, tt.fields, claims(tt.claims...))).Get(key(team))
			if got := write(r.Fields); got != tt.want {
				t.Errorf("wanted %q, want %q", got, tt.want)
			}
			if got := write(r.Gone); got != tt.gone {
				t.Errorf("gone %q, want %q", got, tt.gone)
			}
		})
	}
}

func TestFoldDecidesWhetherAPrincipalExists(t *testing.T) {
	tests := []struct {
		name   string
		claims []plan.Claim
		want   plan.Presence
	}{
		{"nothing said", nil, plan.Undeclared},
		{"declared", []plan.Claim{wanted("", "", at(1, ""))}, plan.Present},
		{"removed", []plan.Claim{absent("", "", at(1, ""))}, plan.Gone},
		{"declared for a time that has passed", []plan.Claim{wanted("", "", at(1, "2026-01-01"))}, plan.Gone},
		{"declared for a time that has not come", []plan.Claim{wanted("", "", from(at(1, ""), "2027-01-01"))}, plan.Undeclared},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := folded(t, resource(team, "", claims(tt.claims...))).Get(key(team))
			if r.Presence != tt.want {
				t.Errorf("presence %v, want %v", r.Presence, tt.want)
			}
		})
	}
}

func TestAValueBothWantedAndAbsentIsAConflictAtBothPlaces(t *testing.T) {
	tests := []struct {
		name   string
		claims []plan.Claim
		want   string
	}{
		{"the same value", []plan.Claim{wanted("group:x", "SELECT", at(3, "")), absent("group:x", "SELECT", at(9, ""))},
			"grants@metastore/schema/s: group:x SELECT is wanted at a.yaml:3 and absent at a.yaml:9"},
		{"the first of several", []plan.Claim{wanted("group:x", "SELECT", at(4, "")), wanted("group:x", "SELECT", at(3, "2027-01-01")), absent("group:x", "SELECT", at(9, ""))},
			"grants@metastore/schema/s: group:x SELECT is wanted at a.yaml:3 and absent at a.yaml:9"},
		{"a principal both declared and removed", []plan.Claim{wanted("", "", at(3, "")), absent("", "", at(9, ""))},
			"grants@metastore/schema/s is wanted at a.yaml:3 and absent at a.yaml:9"},
		{"everything of a principal", []plan.Claim{wanted("group:x", "SELECT", at(3, "")), absent("group:x", "", at(9, ""))},
			"grants@metastore/schema/s: group:x SELECT is wanted at a.yaml:3 and absent at a.yaml:9"},
		{"an expired want is none", []plan.Claim{wanted("group:x", "SELECT", at(3, "2026-01-01")), absent("group:x", "SELECT", at(9, ""))}, ""},
		{"an expired absence is none", []plan.Claim{wanted("group:x", "SELECT", at(3, "")), absent("group:x", "SELECT", at(9, "2026-01-01"))}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, conflicts := plan.Fold([]plan.Resource{resource("grants@metastore/schema/s", "", claims(tt.claims...))}, now)
			var got []string
			for _, c := range conflicts {
				got = append(got, c.Error())
			}
			if d := cmp.Diff(tt.want, strings.Join(got, "\n")); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestDocumentsOnOneThingAreJoinedAndTheOneWithAnAuthorityGoverns(t *testing.T) {
	a := resource(team, "member=user:a", label("product:p"))
	b := resource(team, "member=user:b", authority(plan.Exact), label("product:p"))
	b.Origin = at(7, "")
	r, _ := folded(t, a, b).Get(key(team))
	if got := write(r.Fields); got != "member=user:a,user:b" {
		t.Errorf("fields %q", got)
	}
	if r.Authority != plan.Exact || r.Origin.Pos.Line != 7 {
		t.Errorf("governed by %q at %s, want exact at a.yaml:7", r.Authority, r.Origin.Pos)
	}
	if d := cmp.Diff([]string{"product:p"}, r.Labels); d != "" {
		t.Errorf("labels (-want +got):\n%s", d)
	}
}

func TestFoldDoesNotDependOnTheOrderOfWhatIsDeclared(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "documents")
		order := rapid.Permutation(sequence(n)).Draw(t, "order")
		straight, shuffled := make([]plan.Resource, n), make([]plan.Resource, n)
		for i := range n {
			seed := rapid.IntRange(0, 1<<16).Draw(t, "seed")
			straight[i], shuffled[order[i]] = document(i, seed), document(i, seed)
		}
		a, ac := plan.Fold(straight, now)
		b, bc := plan.Fold(shuffled, now)
		if d := cmp.Diff(a.All(), b.All()); d != "" {
			t.Fatalf("states differ:\n%s", d)
		}
		if d := cmp.Diff(ac, bc); d != "" {
			t.Fatalf("conflicts differ:\n%s", d)
		}
	})
}

func sequence(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// document is one of a few on one of three groups, its claims drawn from seed.
func document(line, seed int) plan.Resource {
	r := resource([]string{team, "group@account/b", "group@account/c"}[seed%3], "")
	r.Origin = at(line+1, "")
	r.Authority = []plan.Authority{"", plan.Managed, plan.Exact}[seed/3%3]
	ends := []string{"", "2026-01-01", "2027-01-01"}[seed/9%3]
	r.Claims = []plan.Claim{{
		Field: "member", Value: []string{"user:a", "user:b"}[seed/27%2], Want: seed/54%4 > 0, Origin: at(line+1, ends),
	}}
	r.Labels = []string{[]string{"product:p", "product:q"}[seed/216%2]}
	return r
}
