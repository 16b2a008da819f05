package render

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// HTMLOptions say what stands in a page besides its plan.
type HTMLOptions struct {
	Now      time.Time // at which the plan was made: what ends before it has expired
	Checksum string    // of the plan, to be printed; "" for none
}

//go:embed page/page.html page/page.css page/page.js
var pageFiles embed.FS

// HTML writes the plan as one page that needs nothing else: no request leaves it,
// and nothing in it runs but its own script, whatever the names and reasons of the
// plan are. Without the script all of it can be read; with it, it can be searched.
func HTML(w io.Writer, p plan.Plan, opts HTMLOptions) error {
	t, err := template.ParseFS(pageFiles, "page/page.html")
	if err != nil {
		return fmt.Errorf("read the template of the page: %w", err)
	}
	style, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return fmt.Errorf("read the style of the page: %w", err)
	}
	script, err := pageFiles.ReadFile("page/page.js")
	if err != nil {
		return fmt.Errorf("read the script of the page: %w", err)
	}
	view, err := newPage(p, opts)
	if err != nil {
		return err
	}
	view.Policy = contentPolicy(style, script)
	view.Style, view.Script = template.CSS(style), template.JS(script)
	var b bytes.Buffer
	if err := t.Execute(&b, view); err != nil {
		return fmt.Errorf("write the plan of %s as HTML: %w", p.Environment, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// contentPolicy allows a page its style, that of its picture and its one script, by what they say,
// and nothing else.
func contentPolicy(style, script []byte) string {
	return fmt.Sprintf("default-src 'none'; style-src '%s' '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
		sourceHash(style), sourceHash([]byte(SVGStyle)), sourceHash(script))
}

func sourceHash(source []byte) string {
	sum := sha256.Sum256(source)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
