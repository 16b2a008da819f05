package actions

import (
	"fmt"
	"io"
	"strings"
)

// Level says how an annotation is shown.
type Level string

const (
	Error   Level = "error"
	Warning Level = "warning"
	Notice  Level = "notice"
)

// Note is an annotation: what is said of a place of the repository.
type Note struct {
	Level     Level
	File      string // from the top of the repository, with slashes; "" for none
	Line, Col int    // from 1; 0 for none
	Title     string
	Message   string
}

// shown is how many annotations of one level a step writes. GitHub shows ten; the
// tenth counts the rest.
const shown = 9

// Annotate writes the annotations, the first of each level, and counts the rest. A
// runner reads what a step writes to either stream.
func Annotate(w io.Writer, notes []Note) error {
	for _, level := range []Level{Error, Warning, Notice} {
		n := 0
		for _, note := range notes {
			if note.Level != level {
				continue
			}
			if n++; n > shown {
				continue
			}
			if _, err := io.WriteString(w, note.command()); err != nil {
				return err
			}
		}
		if n > shown {
			more := Note{Level: level, Message: fmt.Sprintf("and %d more of this level", n-shown)}
			if _, err := io.WriteString(w, more.command()); err != nil {
				return err
			}
		}
	}
	return nil
}

// command is the annotation as a runner reads it:
//
//	::error file=a.yaml,line=3,col=7,title=BG201::nothing says why
func (n Note) command() string {
	var properties []string
	set := func(name, value string) { properties = append(properties, name+"="+property.Replace(value)) }
	if n.File != "" {
		set("file", n.File)
	}
	if n.Line > 0 {
		set("line", fmt.Sprint(n.Line))
	}
	if n.Col > 0 {
		set("col", fmt.Sprint(n.Col))
	}
	if n.Title != "" {
		set("title", n.Title)
	}
	head := strings.TrimRight("::"+string(n.Level)+" "+strings.Join(properties, ","), " ")
	return head + "::" + data.Replace(n.Message) + "\n"
}

// What ends a message, or a property of it, is written as GitHub's toolkit does.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
