package render

import (
	"strings"
	"testing"
)

func TestNoLineIsACommandToARunner(t *testing.T) {
	var b strings.Builder
	p := newPrinter(&b, false, 60)
	p.paragraph(safe("a reason that is long enough to be broken exactly before ::error::owned and ##vso[task.complete] too"))
	p.line("", span{"  ", plain}, span{"::error::x.yaml", bold})
	p.line("::error::x.yaml:4")
	if err := p.done(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), ": :error::") != 3 || strings.Contains(b.String(), "##vso[") {
		t.Errorf("a runner would obey\n%s", &b)
	}
	if got := safe("arn:aws:iam::123456789012:instance-profile/etl"); got != "arn:aws:iam::123456789012:instance-profile/etl" {
		t.Errorf("an ARN is no command, and became %q", got)
	}
}
