package spec

import (
	"fmt"
	"strings"
	"unicode"
)

// Journal says where the records of what was applied are kept, beside the file on
// the machine that applied it.
type Journal struct {
	Volume Text `yaml:"volume" spec:"required" doc:"a Unity Catalog volume, or a folder in one, to which the journal is uploaded after each run; {env} stands for the environment" example:"/Volumes/ops/brickgate/journal"`
	Pos    Pos  `yaml:"-"`
}

func (c projectChecker) journal() {
	at := c.Journal.Volume
	if at.IsZero() {
		return
	}
	c.placeholders(at, []string{"env"})
	if err := CheckVolumePath(strings.ReplaceAll(at.Value, "{env}", "env")); err != nil {
		c.Errorf(at.Pos, "%s", err)
	}
}

// JournalVolume is where the journal of the environment is uploaded to, "" for
// nowhere.
func (e *Environment) JournalVolume() string {
	return strings.ReplaceAll(e.project.Journal.Volume.Value, "{env}", e.Name)
}

// CheckVolumePath tells what is wrong with the path of a volume, or of a folder
// in one.
func CheckVolumePath(path string) error {
	parts := strings.Split(path, "/")
	if len(parts) < 5 || parts[0] != "" || parts[1] != "Volumes" {
		return fmt.Errorf("%q is not the path of a volume; write /Volumes/catalog/schema/volume, and folders in it behind that", path)
	}
	for i, part := range parts[2:] {
		switch {
		case part == "":
			return fmt.Errorf("%q has an empty name in it; write a single / between two names, and none at the end", path)
		case part == "." || part == "..":
			return fmt.Errorf("%q leads through %q; write the path without", path, part)
		case i < 3 && strings.ContainsAny(part, ". "):
			return fmt.Errorf("%q: no catalog, schema or volume is called %q", path, part)
		case strings.ContainsFunc(part, func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`\?%#*`, r) }):
			return fmt.Errorf("%q: use letters, digits, and simple signs for the folder %q", path, part)
		}
	}
	return nil
}
