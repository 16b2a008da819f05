package sandbox_test

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// writerEnv names the state file in the process that is going to be killed.
const writerEnv = "SANDBOX_TEST_WRITER_STATE"

// TestWriteUntilKilled is that process: it makes groups for as long as it lives,
// and says so after each. It does nothing in an ordinary run.
func TestWriteUntilKilled(t *testing.T) {
	path := os.Getenv(writerEnv)
	if path == "" {
		t.Skip("runs in the process of TestAKilledSandboxLeavesAWholeState")
	}
	server, err := sandbox.New(nil, sandbox.Options{StateFile: path})
	if err != nil {
		t.Fatal(err)
	}
	have := len(server.State().Account.Groups)
	for i := have; ; i++ {
		request := httptest.NewRequest("POST", "/api/2.0/accounts/"+server.AccountID()+"/scim/v2/Groups",
			strings.NewReader(fmt.Sprintf(`{"displayName":"group %d of %s"}`, i, strings.Repeat("x", 2000))))
		request.Header.Set("Authorization", "Bearer "+server.Token())
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, request)
		fmt.Println("answered", answer.Code)
	}
}

func TestAKilledSandboxLeavesAWholeState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	groups := 0
	for round := range 4 {
		writeAndKill(t, path)
		if err := os.WriteFile(path+".1234.tmp", []byte("{"), 0o600); err != nil { // as a kill in a write leaves it
			t.Fatal(err)
		}
		server, err := sandbox.New(nil, sandbox.Options{StateFile: path})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		now := len(server.State().Account.Groups)
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		if now <= groups {
			t.Errorf("round %d: %d groups, there were %d before", round, now, groups)
		}
		groups = now
	}
	left, err := filepath.Glob(path + ".*.tmp")
	if err != nil || len(left) > 0 {
		t.Errorf("half-written files are left: %v %v", left, err)
	}
}

// writeAndKill runs the writer, lets it write for a while and kills it.
func writeAndKill(t *testing.T, path string) {
	t.Helper()
	writer := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteUntilKilled$", "-test.v")
	writer.Env = append(os.Environ(), writerEnv+"="+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	before := size(path)
	lines := bufio.NewScanner(out)
	answered, written := 0, false
	for lines.Scan() && (answered < 200 || !written) {
		if strings.HasPrefix(lines.Text(), "answered") {
			answered++
		}
		if answered%20 == 0 {
			written = size(path) > before // the state only grows
		}
	}
	if err := writer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	writer.Wait() // it was killed, and says so
	if answered == 0 {
		t.Fatal("the writer has written nothing")
	}
}

// size is that of a file, 0 for none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
