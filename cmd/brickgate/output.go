package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// checkOutput refuses a form that a command does not write.
func checkOutput(output string, forms ...string) error {
	if slices.Contains(forms, output) {
		return nil
	}
	last := len(forms) - 1
	return fmt.Errorf("--output %s%s: the forms are %s and %s", output, meant(output, forms), strings.Join(forms[:last], ", "), forms[last])
}

// writeJSON writes a document for programs, in which nothing can steer a terminal.
func writeJSON(w io.Writer, document any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err := w.Write(escaped(b.Bytes()))
	return err
}
