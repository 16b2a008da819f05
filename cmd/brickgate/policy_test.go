package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

func TestFindingsOfSeveralEnvironmentsAreToldOnce(t *testing.T) {
	at := func(line int, code, message string) plan.Finding {
		return plan.Finding{Code: code, Level: plan.LevelWarn, Pos: plan.Pos{File: "a.yaml", Line: line}, Message: message}
	}
	tests := map[string]struct {
		all  []found
		want string
	}{
		"what all say is said without names": {
			[]found{{"dev", []plan.Finding{at(1, "BG201", "x")}}, {"prd", []plan.Finding{at(1, "BG201", "x")}}},
			"a.yaml:1 BG201 x []\n",
		},
		"what one says has its name": {
			[]found{{"dev", nil}, {"prd", []plan.Finding{at(1, "BG201", "x")}}},
			"a.yaml:1 BG201 x [prd]\n",
		},
		"other names of the same are not said again": {
			[]found{{"dev", []plan.Finding{at(1, "BG101", "grp_dev")}}, {"acc", nil}, {"prd", []plan.Finding{at(1, "BG101", "grp_prd")}}},
			"a.yaml:1 BG101 grp_dev [dev prd]\n",
		},
		"several at one place are kept apart": {
			[]found{
				{"dev", []plan.Finding{at(1, "BG103", "one"), at(1, "BG103", "two"), at(1, "BG201", "x")}},
				{"prd", []plan.Finding{at(1, "BG103", "two"), at(2, "BG103", "three")}},
			},
			"a.yaml:1 BG103 one [dev]\na.yaml:1 BG103 two []\na.yaml:1 BG201 x [dev]\na.yaml:2 BG103 three [prd]\n",
		},
		"the order is that of the places": {
			[]found{{"dev", []plan.Finding{at(2, "BG201", "x")}}, {"prd", []plan.Finding{at(1, "BG201", "x"), at(2, "BG201", "x")}}},
			"a.yaml:1 BG201 x [prd]\na.yaml:2 BG201 x []\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, j := range told(test.all) {
				fmt.Fprintf(&b, "%s %s %s %v\n", j.Pos, j.Code, j.Message, j.Environments)
			}
			if d := cmp.Diff(test.want, b.String()); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
