package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// first is the hash before the first line.
var first = hex.EncodeToString(make([]byte, sha256.Size))

// The hash of a line stands last in it, and covers all that stands before.
const (
	hashBefore = `,"hash":"`
	hashAfter  = `"}`
	hashLength = len(hashBefore) + 2*sha256.Size + len(hashAfter)
)

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// seal writes the record as a line, and returns the hash of it.
func (r *record) seal() (line []byte, hash string, err error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, "", err
	}
	body := printable(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	hash = digest(body)
	line = append(body[:len(body)-1], hashBefore...)
	line = append(line, hash...)
	return append(line, hashAfter+"\n"...), hash, nil
}

// printable writes what could steer the terminal of somebody who looks into the
// file, or the runner that prints it (##vso[…]), as JSON's own escapes; in JSON
// such characters stand in strings only.
func printable(document []byte) []byte {
	document = bytes.ReplaceAll(document, []byte("##"), []byte(`#\u0023`))
	var b bytes.Buffer
	for _, c := range string(document) {
		switch {
		case strconv.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.Bytes()
}

// What a line can be other than a record.
var (
	errNoRecord = errors.New("is no record of a journal")
	errEdited   = errors.New("was edited: its hash is not that of its text")
)

// open reads a line without its line break. An edited record comes with errEdited
// and the hash that it claims.
func open(line []byte) (r record, hash string, err error) {
	body, hash, ok := split(line)
	if !ok {
		return record{}, "", errNoRecord
	}
	if json.Unmarshal(body, &r) != nil || r.Seq < 1 {
		return record{}, "", errNoRecord
	}
	if digest(body) != hash {
		return r, hash, errEdited
	}
	return r, hash, nil
}

// split takes the hash off a line.
func split(line []byte) (body []byte, hash string, ok bool) {
	at := len(line) - hashLength
	if at < 0 {
		return nil, "", false
	}
	tail, ok := bytes.CutPrefix(line[at:], []byte(hashBefore))
	if !ok {
		return nil, "", false
	}
	sum, ok := bytes.CutSuffix(tail, []byte(hashAfter))
	if !ok {
		return nil, "", false
	}
	return append(bytes.Clone(line[:at]), '}'), string(sum), true
}

// unfinished tells whether text is what a killed writer left of the line that was
// to come: a piece of it, or one more piece for every writer that was killed
// while it recorded the piece before.
func unfinished(text []byte, seq int64, prev string) bool {
	start := fmt.Appendf(nil, `{"seq":%d,"prev":%q,`, seq, prev)
	pieces := bytes.Split(text, []byte("\n"))
	for i, p := range pieces {
		_, _, whole := split(p)
		empty := len(p) == 0 && i < len(pieces)-1
		if whole || empty || !bytes.HasPrefix(p, start) && !bytes.HasPrefix(start, p) {
			return false
		}
	}
	return true
}
