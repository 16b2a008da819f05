package snapshot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
)

const small = `{
 "format": 1,
 "snapshot": {"version": 1, "toolVersion": "1.2.3", "project": "team", "environment": "prd", "readAt": "2026-11-22T09:00:00Z",
  "hosts": [{"target": "account", "host": "https://accounts.example", "id": "a-1"}, {"target": "main", "host": "https://one.example", "id": "7"}],
  "looked": ["account: groups"], "unread": [{"what": "grants on table a.b.c", "status": 403, "message": "no"}]},
 "account": {"id": "a-1"}, "metastore": {}, "workspaces": [{"id": 7, "name": "prd/main"}]
}
`

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "snap")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \n", "is empty"},
		{"text", "hello", "is no snapshot"},
		{"a list", "[1]", "is no snapshot"},
		{"another document", `{"a": 1}`, "is no snapshot"},
		{"a state", `{"format": 1, "account": {}}`, "is the state of a sandbox"},
		{"a newer version", strings.Replace(small, `"version": 1`, `"version": 2`, 1), "version 2 (format 1), written by brickgate 1.2.3"},
		{"an older version", strings.Replace(small, `"version": 1, `, ``, 1), "version (none)"},
		{"another format", strings.Replace(small, `"format": 1`, `"format": 3`, 1), "format 3"},
		{"cut off", small[:len(small)/2], "is cut off"},
		{"a broken middle", strings.Replace(small, `"looked"`, `looked`, 1), "is no snapshot: invalid character"},
		{"an unknown field", strings.Replace(small, `"looked"`, `"seen": 1, "looked"`, 1), "unknown field"},
		{"no instant", strings.Replace(small, `"2026-11-22T09:00:00Z"`, `"yesterday"`, 1), `readAt is "yesterday"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := file(t, c.text)
			_, err := snapshot.Open(name)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), name+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
}

func TestOpenRefusesWhatIsFarTooLarge(t *testing.T) {
	name := file(t, small)
	if err := os.Truncate(name, 1<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Open(name); err == nil || !strings.Contains(err.Error(), "is larger than the 256 MiB") {
		t.Error(err)
	}
}

func TestIsTellsWhatTheSnapshotIsOf(t *testing.T) {
	f, err := snapshot.Open(file(t, small))
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]string{"account": "https://accounts.example", "main": "https://ONE.example"}
	for _, c := range []struct {
		name   string
		wanted snapshot.Wanted
		want   string // "": nothing is wrong
	}{
		{"all is right", snapshot.Wanted{"team", "prd", []string{"main"}, "a-1", hosts}, ""},
		{"hosts and ids need not be named", snapshot.Wanted{"team", "prd", []string{"main"}, "", nil}, ""},
		{"project", snapshot.Wanted{"other", "prd", nil, "", nil}, "of the project team, and this one is other"},
		{"environment", snapshot.Wanted{"team", "dev", nil, "", nil}, "of the environment prd, not of dev"},
		{"workspace", snapshot.Wanted{"team", "prd", []string{"main", "ml"}, "", nil}, "has no workspace ml"},
		{"account", snapshot.Wanted{"team", "prd", nil, "a-2", nil}, "of the account a-1, and the environment's is a-2"},
		{"host", snapshot.Wanted{"team", "prd", nil, "", map[string]string{"main": "https://two.example"}}, "was read from https://one.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := f.Is(c.wanted)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
}

func TestMayReplace(t *testing.T) {
	for _, c := range []struct {
		name, text string
		may        bool
	}{
		{"a snapshot", small, true},
		{"a snapshot of another version", strings.Replace(small, `"version": 1`, `"version": 9`, 1), true},
		{"nothing", "", true},
		{"a state", `{"format": 1, "account": {}}`, false},
		{"notes", "buy milk", false},
	} {
		if err := snapshot.MayReplace(file(t, c.text)); (err == nil) != c.may {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := snapshot.MayReplace(filepath.Join(t.TempDir(), "new")); err != nil {
		t.Error(err)
	}
	if err := snapshot.MayReplace(t.TempDir()); err == nil {
		t.Error("a folder may be replaced")
	}
}

func TestNotice(t *testing.T) {
	f, err := snapshot.Open(file(t, small))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func()
		want   string
	}{
		{func() {}, "planned over a snapshot of prd, taken 2026-11-22T09:00:00Z; 1 thing in it could not be read: grants on table a.b.c"},
		{func() { f.Header.Rehearsed = true }, "grants on table a.b.c; a sandbox has written to it since"},
		{func() { f.Header.Unread = append(f.Header.Unread, sandbox.Refusal{What: "x"}) }, "2 things in it could not be read, such as grants on table a.b.c"},
		{func() { f.Header.Unread = nil }, "everything in it could be read"},
	} {
		c.change()
		if got := f.Notice(); !strings.Contains(got, c.want) {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}
