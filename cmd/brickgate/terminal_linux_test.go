package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// terminal is a pseudo-terminal of so many columns, on which somebody has typed
// already. shown is what it shows, once the program's side is closed.
func terminal(t *testing.T, columns int, typed string) (program *os.File, shown func() string) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals")
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if program, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(person, typed); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(&text, person) }) // ends with an error when the other side is closed
	shown = sync.OnceValue(func() string {
		program.Close()
		reading.Wait()
		person.Close()
		return text.String()
	})
	t.Cleanup(func() { shown() })
	return program, shown
}

// Where live has changed since the first question, a second one is asked about the
// plan of now, and only a second yes is taken for that.
func TestTheQuestionIsAskedAgainUnderTheLock(t *testing.T) {
	for _, test := range []struct {
		name, typed string
		meanwhile   func(*sandbox.State)
		code, asked int
		out         string
		writes      int
	}{
		{"nothing has changed", "yes\n", func(*sandbox.State) {}, exitOK, 1, "Applied 3 of 3 changes.", 3},
		{"less is to do", "yes\nyes\n", func(st *sandbox.State) { readers(st, "alice", "bob") }, exitOK, 2, "Applied 2 of 2 changes.", 2},
		{"more is to do", "yes\nyes\n", func(st *sandbox.State) { readers(st, "alice", "bob", "admin") }, exitOK, 2, "Applied 3 of 3 changes.", 3},
		{"and no", "yes\nno\n", func(st *sandbox.State) { readers(st, "alice", "bob", "admin") }, exitError, 2, "- user:admin@example.com", 0},
		{"no at once", "no\nyes\n", func(st *sandbox.State) { readers(st, "alice", "bob") }, exitError, 1, "Plan: 1 to create", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var once sync.Once
			server, dir := onPlatform(t, func(server *sandbox.Server, r *http.Request) {
				if r.URL.Path == "/api/2.0/workspace/import" {
					once.Do(func() {
						if err := server.Change(test.meanwhile); err != nil {
							t.Error(err)
						}
					})
				}
			})
			in, _ := terminal(t, 80, test.typed)
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"apply", dir}, streams{in, &out, &errs})
			if code != test.code || !strings.Contains(out.String(), test.out) || strings.Count(errs.String(), "Only 'yes' is taken for yes") != test.asked {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, &out, &errs)
			}
			if changed := strings.Contains(errs.String(), "warning: what is live has changed"); changed != (test.asked > 1) {
				t.Errorf("told %v that live has changed", changed)
			}
			if n := written(server); n != test.writes || len(locks(server)) > 0 {
				t.Errorf("%d writes, want %d; left %v", n, test.writes, locks(server))
			}
		})
	}
}

// The line that is written again is for terminals that can do that, and for people
// who have not asked for plain text.
func TestProgressOnATerminal(t *testing.T) {
	for _, test := range []struct {
		name, variable, value string
		columns               int
		line                  bool
	}{
		{"a terminal", "TERM", "xterm", 80, true},
		{"a narrow one", "TERM", "xterm", 12, true},
		{"of no width", "TERM", "xterm", 0, false},
		{"a dumb one", "TERM", "dumb", 80, false},
		{"NO_COLOR", "NO_COLOR", "1", 80, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, dir := onPlatform(t, func(*sandbox.Server, *http.Request) {})
			t.Setenv("TERM", "xterm")
			t.Setenv("NO_COLOR", "")
			t.Setenv(test.variable, test.value)
			screen, shown := terminal(t, test.columns, "")
			var out bytes.Buffer
			if code := run(t.Context(), []string{"apply", "--yes", dir}, streams{strings.NewReader(""), &out, screen}); code != exitOK {
				t.Errorf("exit code %d", code)
			}
			text := shown()
			if got := strings.Contains(text, "\r\x1b[K"); got != test.line || strings.Contains(text, "[3/3] applied") == test.line {
				t.Errorf("shown: %q", text)
			}
			if !test.line && strings.Contains(text, "\x1b") {
				t.Errorf("shown: %q", text)
			}
			if strings.Contains(out.String(), "\x1b") {
				t.Errorf("printed: %q", &out)
			}
		})
	}
}

// What a second signal makes the program say stands on a line of its own.
func TestLastWordsOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	screen, shown := terminal(t, 80, "")
	sh := show(t.Context(), streams{nil, nil, screen}, 3)
	sh.Say("stopped at once")
	sh.end()
	if text := shown(); !strings.Contains(text, "stopped at once\r\n") {
		t.Errorf("shown: %q", text)
	}
}
