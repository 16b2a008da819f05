package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// A read that takes long is shown where somebody looks, and has not asked for quiet.
func TestWhoSeesThatAReadTakesLong(t *testing.T) {
	screen, _ := terminal(t, 80, "")
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, test := range []struct {
		name, variable, value string
		manner                *manner
		shown                 bool
	}{
		{"a terminal", "TERM", "xterm", &manner{streams: streams{nil, file, screen}}, true},
		{"JSON into a file", "TERM", "xterm", &manner{streams: streams{nil, file, screen}, output: "json"}, true},
		{"JSON on a terminal", "TERM", "xterm", &manner{streams: streams{nil, screen, screen}, output: "json"}, false},
		{"text on a terminal", "TERM", "xterm", &manner{streams: streams{nil, screen, screen}, output: "text"}, true},
		{"errors into a file", "TERM", "xterm", &manner{streams: streams{nil, screen, file}}, false},
		{"--quiet", "TERM", "xterm", &manner{streams: streams{nil, file, screen}, quiet: true}, false},
		{"--verbose", "TERM", "xterm", &manner{streams: streams{nil, file, screen}, verbose: true}, false},
		{"CI", "CI", "true", &manner{streams: streams{nil, file, screen}}, false},
		{"a dumb terminal", "TERM", "dumb", &manner{streams: streams{nil, file, screen}}, false},
		{"NO_COLOR", "NO_COLOR", "1", &manner{streams: streams{nil, file, screen}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("TERM", "xterm")
			t.Setenv("CI", "")
			t.Setenv("NO_COLOR", "")
			t.Setenv(test.variable, test.value)
			if got := test.manner.showsWaiting(); got != test.shown {
				t.Errorf("shown: %v", got)
			}
		})
	}
}

// The line is there while a platform takes its time, and gone before the plan is.
func TestALongReadIsShown(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for as long as somebody would")
	}
	var once sync.Once
	_, dir := behind(t, func(server *sandbox.Server, w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/Groups") {
			once.Do(func() {
				select {
				case <-time.After(2600 * time.Millisecond):
				case <-r.Context().Done():
				}
			})
		}
		server.ServeHTTP(w, r)
	})
	for _, name := range []string{"CI", "NO_COLOR"} {
		t.Setenv(name, "")
	}
	t.Setenv("TERM", "xterm")
	screen, shown := terminal(t, 80, "")
	if code := run(t.Context(), []string{"plan", dir}, streams{strings.NewReader(""), io.Discard, screen}); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if text := shown(); !strings.Contains(text, "\r\x1b[Kreading ") || !strings.Contains(text, " … 2s") || !strings.HasSuffix(text, "\r\x1b[K") {
		t.Errorf("shown: %q", text)
	}
}
