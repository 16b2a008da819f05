package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Host is where a target of an environment is reached.
type Host struct {
	Target string `json:"target"` // account, or a workspace's name
	Host   string `json:"host"`
	ID     string `json:"id"` // of the account or the workspace
}

// Checksum identifies what the plan does, and where: SHA-256 over its edits, the
// environment and the hosts, in hexadecimal digits. Why something is done, and
// where that is written, does not count, so that moving a line changes nothing.
// A plan that does nothing has a checksum too.
func (p Plan) Checksum() string {
	if p.Redacted != "" {
		return p.Redacted
	}
	return checksum(p.Environment, p.Hosts, p.Edits())
}

func checksum(environment string, hosts []Host, edits []Edit) string {
	h := sha256.New()
	record(h, "brickgate plan 1", environment)
	for _, at := range hosts {
		record(h, "host", at.Target, at.Host, at.ID)
	}
	for _, e := range edits {
		sign := "+"
		if e.Removed {
			sign = "-"
		}
		record(h, sign, e.Key.Kind, e.Key.Target, e.Key.Name, e.Field, e.Value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// record writes every part behind its length, so that no two lists of parts
// are written alike.
func record(w io.Writer, parts ...string) {
	for _, s := range parts {
		fmt.Fprintf(w, "%d:%s,", len(s), s)
	}
	fmt.Fprintln(w)
}

// shortDigits are as many as nobody can find another plan for.
const shortDigits = 32

// ShortChecksum is the part of a checksum that is enough to tell plans apart, even
// for somebody who makes one up on purpose.
func ShortChecksum(sum string) string { return sum[:min(len(sum), shortDigits)] }

// Expected tells whether a checksum is the one that somebody names, in full or in
// short. The error is about a name that no checksum can have.
func Expected(sum, name string) (bool, error) {
	if len(name) != shortDigits && len(name) != hex.EncodedLen(sha256.Size) || strings.Trim(name, "0123456789abcdef") != "" {
		return false, fmt.Errorf("a checksum is written as plan prints it, with %d or %d of the digits 0-9 and a-f", shortDigits, hex.EncodedLen(sha256.Size))
	}
	return strings.HasPrefix(sum, name), nil
}
