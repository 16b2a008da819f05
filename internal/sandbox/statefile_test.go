package sandbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func open(t *testing.T, seed, file string) (*sandbox.Server, error) {
	t.Helper()
	st, err := sandbox.Parse([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.New(st, sandbox.Options{StateFile: file})
}

func TestStateFileOutlivesTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".brickgate", "sandbox.json")
	first, err := open(t, company, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Change(func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "kept"})
	}); err != nil {
		t.Fatal(err)
	}
	want := first.State()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := open(t, strings.Replace(company, "unassigned", "another-seed", 1), file)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if diff := cmp.Diff(want, second.State()); diff != "" {
		t.Errorf("state after reopening (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), first.Token()) {
		t.Error("the state file holds a token")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.tmp")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestStateFileIsWrittenWhileServing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.json")
	server, err := open(t, company, file)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := server.Change(func(st *sandbox.State) { st.Account.Groups[0].DisplayName = "renamed" }); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for {
		if data, _ := os.ReadFile(file); strings.Contains(string(data), `"renamed"`) {
			return
		}
		select {
		case <-deadline:
			t.Fatal("the change is not in the file")
		case <-time.Tick(5 * time.Millisecond):
		}
	}
}

func TestStateFileHasOneOwner(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.json")
	first, err := open(t, company, file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, company, file); err == nil || !strings.Contains(err.Error(), file+": in use by another sandbox") {
		t.Errorf("opening it twice: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := open(t, company, file)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	again.Close()
}

func TestACorruptStateFileIsNamedAndKept(t *testing.T) {
	for name, content := range map[string]string{
		"broken": `{"format": 1, "account"`, "empty": "", "future": `{"format": 2, "account": {}, "metastore": {}}`,
		"unknown key": `{"format": 1, "acount": {}}`,
	} {
		file := filepath.Join(t.TempDir(), "sandbox.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := open(t, company, file)
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
		if after, _ := os.ReadFile(file); string(after) != content {
			t.Errorf("%s: the file was changed", name)
		}
	}
}
