package journal_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/journal"
)

// seeds are a journal, and what may become of it.
func seeds(f *testing.F) {
	path := filepath.Join(f.TempDir(), "journal.jsonl")
	j, err := journal.Open(path, ticking())
	if err != nil {
		f.Fatal(err)
	}
	if err := errors.Join(j.Begin(journal.Run{ID: "r1"}), j.Intent(grant()), j.Close()); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"", "\n", "{}", `{"seq":1}`, string(whole), string(whole[:len(whole)-1]), string(whole[:200]), string(whole[:len(whole)-90]),
		strings.Repeat(string(whole), 2), strings.Replace(string(whole), `"seq":2`, `"seq":9223372036854775807`, 1),
	} {
		f.Add([]byte(seed))
	}
}

// FuzzRead: no text makes the reader panic, not even one whose lines all have the
// hash of their text, and equal texts have equal reports.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, sealed(text)} {
			once, err := journal.Read(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			again, err := journal.Read(bytes.NewReader(text))
			if diff := cmp.Diff(once.Report, again.Report); err != nil || diff != "" {
				t.Fatal(err, diff)
			}
			once.Find(journal.Filter{Subject: journal.ParseSubject(string(text))})
		}
	})
}

// sealed gives every line the hash of its text.
func sealed(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		body := bytes.TrimSuffix(line, []byte("\n"))
		if at := bytes.LastIndex(body, []byte(`,"hash":"`)); at >= 0 {
			body = append(bytes.Clone(body[:at]), '}')
		}
		fmt.Fprintf(&b, "%s,\"hash\":\"%x\"}\n", bytes.TrimSuffix(body, []byte("}")), sha256.Sum256(body))
	}
	return b.Bytes()
}

// FuzzContinue: whatever a file holds that is taken for a journal, a writer keeps
// every byte of it, and adds no problem.
func FuzzContinue(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		before, err := journal.Verify(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := journal.Open(path, ticking())
		if err != nil {
			return
		}
		begin(t, j, "next")
		closed(t, j)
		kept, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(kept, text) {
			t.Fatalf("not kept: %q", kept)
		}
		after, err := journal.Verify(bytes.NewReader(kept))
		if err != nil || len(after.Problems) > len(before.Problems) {
			t.Fatalf("%v, then %v", before.Problems, after.Problems)
		}
	})
}
