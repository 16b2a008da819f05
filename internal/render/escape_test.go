package render

import (
	"strings"
	"testing"
)

func TestNoLineIsACommandToARunner(t *testing.T) {
	for _, line := range wrap(safe("a reason that is long enough to be broken here ::error::owned and ##vso[task.complete] too"), 47) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##vso[") {
			t.Errorf("a runner would obey %q", line)
		}
	}
	if got := safe("arn:aws:iam::123456789012:instance-profile/etl"); got != "arn:aws:iam::123456789012:instance-profile/etl" {
		t.Errorf("an ARN is no command, and became %q", got)
	}
}
