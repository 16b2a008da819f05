package reconcile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var errPage = errors.New("the answer is HTML, not JSON: does a proxy or a login page stand in for the host?")

// isPage tells whether an answer is a page for people.
func isPage(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// accepted expects of a request that has no answer to read that it was the platform
// which accepted it: a login page comes with 200 as well, and nothing is done.
func accepted(body []byte) error {
	if isPage(body) {
		return errPage
	}
	return nil
}

// decodeAnswer reads the body of an answer. The SDK would take an empty body for
// an empty object, and so an outage for absence; and what it cannot decode it
// reports with a log of the request, many lines and never the same.
func decodeAnswer(body []byte, out any) error {
	switch text := bytes.TrimSpace(body); {
	case len(text) == 0:
		return errors.New("the answer is empty")
	case isPage(text):
		return errPage
	case text[0] != '{':
		return errors.New("the answer is no JSON object")
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("the answer is not what the API documents: %w", err)
	}
	return nil
}

// answer is the JSON object of a call whose shape is a row of a table. Numbers
// keep all their digits: job ids are larger than a float64 holds.
type answer map[string]any

func (a *answer) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return err
	}
	*a = m
	return nil
}

// items is a list of objects. A key that is absent is an empty list, which is
// how the API writes one; anything else is no answer to rely on.
func (a answer) items(key string) ([]map[string]any, error) {
	value, ok := a[key]
	if !ok || value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("the answer's %s is no list", key)
	}
	out := make([]map[string]any, len(list))
	for i, item := range list {
		if out[i], ok = item.(map[string]any); !ok {
			return nil, fmt.Errorf("the answer's %s[%d] is no object", key, i)
		}
	}
	return out, nil
}

// dig reads a field by its dotted path, as text; "" if there is none.
func dig(fields map[string]any, path string) string {
	name, rest, nested := strings.Cut(path, ".")
	switch v := fields[name].(type) {
	case map[string]any:
		if nested {
			return dig(v, rest)
		}
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
