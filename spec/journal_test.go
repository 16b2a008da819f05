package spec

import (
	"strings"
	"testing"
)

func withJournal(t *testing.T, volume string) string {
	t.Helper()
	return write(t, projectFile, strings.TrimSuffix(smallProject, "\n")+"\n  journal: {volume: "+volume+"}\n")
}

func TestJournalVolume(t *testing.T) {
	for volume, want := range map[string]string{
		"/Volumes/ops/brickgate/journal":             "/Volumes/ops/brickgate/journal",
		`"/Volumes/ops_{env}/access/log/acme/{env}"`: "/Volumes/ops_dev/access/log/acme/dev",
	} {
		env, err := mustLoad(t, withJournal(t, volume)).Environment("dev")
		if err != nil || env.JournalVolume() != want {
			t.Errorf("%s: %q, %v", volume, env.JournalVolume(), err)
		}
	}
	env, err := mustLoad(t, small(t)).Environment("dev")
	if err != nil || env.JournalVolume() != "" {
		t.Errorf("a Project without journal: %q, %v", env.JournalVolume(), err)
	}
}

func TestJournalVolumeMistakes(t *testing.T) {
	for volume, want := range map[string]string{
		"dbfs:/journal":                          `"dbfs:/journal" is not the path of a volume; write /Volumes/catalog/schema/volume, and folders in it behind that`,
		"/Volumes/ops/journal":                   `"/Volumes/ops/journal" is not the path of a volume; write /Volumes/catalog/schema/volume, and folders in it behind that`,
		"Volumes/ops/a/journal":                  `"Volumes/ops/a/journal" is not the path of a volume; write /Volumes/catalog/schema/volume, and folders in it behind that`,
		"/Volumes/ops/a/journal/":                `"/Volumes/ops/a/journal/" has an empty name in it; write a single / between two names, and none at the end`,
		"/Volumes/ops//journal":                  `"/Volumes/ops//journal" has an empty name in it; write a single / between two names, and none at the end`,
		"/Volumes/ops/a/journal/../x":            `"/Volumes/ops/a/journal/../x" leads through ".."; write the path without`,
		"/Volumes/ops.a/a/journal":               `"/Volumes/ops.a/a/journal": no catalog, schema or volume is called "ops.a"`,
		`"/Volumes/ops/a/journal/x?overwrite=1"`: `"/Volumes/ops/a/journal/x?overwrite=1": use letters, digits, and simple signs for the folder "x?overwrite=1"`,
		`"/Volumes/{catalog}/a/journal"`:         `unknown placeholder "{catalog}"; known: {env}`,
	} {
		got := mistakes(t, withJournal(t, volume))
		if len(got) == 0 || !strings.HasSuffix(got[0], ": "+want) || !strings.HasPrefix(got[0], "brickgate.yaml:") {
			t.Errorf("%s: %q", volume, got)
		}
	}
}
