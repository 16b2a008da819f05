package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// What lacks the same right is one entry, however many changes there are.
func TestLacks(t *testing.T) {
	p := plan.Plan{Environment: "dev"}
	for i := range 500 {
		p.Lacks = append(p.Lacks, plan.Lack{Key: key(fmt.Sprintf("entitlements@main/group:team%03d", i)), Action: plan.Update,
			Needs: "admin of workspace main", Holders: []string{"group:platform", "user:a", "user:b", "user:c"}})
	}
	p.Lacks = append(p.Lacks, plan.Lack{
		Key: key("grants@metastore/schema/gold.sales"), Action: plan.Update, Needs: "ownership of the catalog",
		TakenBy: key("owner@metastore/catalog/gold"), By: plan.Update,
	})
	p.Refuse(p.Lacks, "sp:deploy", nil)
	got := text(t, p, render.TextOptions{})
	golden(t, "lacks.txt", got)
	if n := strings.Count(got, "\n"); n > 20 {
		t.Errorf("%d lines", n)
	}
}
