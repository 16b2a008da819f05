package sandbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
)

// maxContent is what an import or an export may hold: SDK v0.175.0,
// service/workspace.
const maxContent = 10 << 20

// Formats of imports and exports. Those that ask for a conversion (DBC, HTML,
// R_MARKDOWN) are refused by name.
const (
	formatAuto    = "AUTO"
	formatSource  = "SOURCE"
	formatRaw     = "RAW"
	formatJupyter = "JUPYTER"
)

// importRequest is the body of an import, from JSON or from a form.
type importRequest struct {
	Path      string `json:"path"`
	Format    string `json:"format"`
	Language  string `json:"language"`
	Content   string `json:"content"` // in base64
	Overwrite bool   `json:"overwrite"`
}

// importFile makes a notebook, a file or a dashboard, or replaces what one holds.
// The answers to a path that is taken are those that databricks/cli#5165 saw.
func importFile(c *call) (any, error) {
	made, overwrite, err := c.readImport()
	if err != nil {
		return nil, err
	}
	have := c.world.paths[pathKey(c.ws.ID, made.Path)]
	if have != nil && !c.canSee(have) {
		return nil, denied("%s does not have Edit permissions on %s. Please contact the owner or an administrator for access.", c.caller.name, made.Path)
	}
	if have != nil {
		return nil, c.replaceFile(have, made, overwrite)
	}
	folder, err := c.atPath(path.Dir(made.Path))
	if err != nil || folder.Type != "directories" && folder.Type != "repos" {
		// Clients make the folder when they read this text.
		return nil, notFound("The parent folder (%s) does not exist.", path.Dir(made.Path))
	}
	if err := c.needEdit(folder); err != nil {
		return nil, err
	}
	made.Creator, made.CreatedAt = c.caller.id, made.ModifiedAt
	made.ACL = []ACLEntry{{Principal: c.caller.id, Level: levelManage}}
	c.addObject(made)
	return nil, nil
}

// replaceFile gives new content to what stands there; id, creator and ACL stay.
func (c *call) replaceFile(have *Object, made Object, overwrite bool) error {
	asked, actual := objectTypeOf(made.Type, "").tree, objectTypeOf(have.Type, "").tree
	switch {
	case !overwrite && actual == "FILE":
		return errf(http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "%s already exists. Please pass overwrite=true to overwrite it.", have.Path)
	case !overwrite:
		return errf(http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "Path (%s) already exists.", have.Path)
	case asked != actual:
		return badValue("Cannot overwrite the asset at %s due to type mismatch (asked: %s, actual: %s).", have.Path, asked, actual)
	}
	if err := c.needEdit(have); err != nil {
		return err
	}
	have.Content, have.ModifiedAt, have.Fields = made.Content, made.ModifiedAt, made.Fields
	return nil
}

// readImport is what a request would make, and whether it may replace something.
func (c *call) readImport() (Object, bool, error) {
	body, content, err := c.importBody()
	switch {
	case err != nil:
		return Object{}, false, err
	case !strings.HasPrefix(body.Path, "/"):
		return Object{}, false, badValue("Path (%s) doesn't start with '/'", body.Path)
	case len(content) > maxContent:
		return Object{}, false, errf(http.StatusBadRequest, "MAX_NOTEBOOK_SIZE_EXCEEDED", "The content has %d bytes; the limit is %d.", len(content), maxContent)
	}
	made := Object{Type: "files", Path: cleanPath(body.Path), Content: content, ModifiedAt: c.now.UnixMilli()}
	switch body.Format {
	case formatRaw:
	case formatAuto:
		detect(&made)
	case formatJupyter:
		made.Type, made.Fields = "notebooks", notebookFields("PYTHON", formatJupyter)
	case formatSource, "":
		if _, known := sourceFiles[body.Language]; !known {
			return Object{}, false, badValue("language %q: format SOURCE needs PYTHON, SCALA, SQL or R", body.Language)
		}
		made.Type, made.Fields = "notebooks", notebookFields(body.Language, formatSource)
	default:
		return Object{}, false, badValue("format %q: the sandbox imports %s, %s, %s and %s", body.Format, formatAuto, formatSource, formatRaw, formatJupyter)
	}
	made.Name = strings.TrimSuffix(path.Base(made.Path), dashboardSuffix)
	return made, body.Overwrite, nil
}

// importBody reads JSON, or the form that the SDKs' uploads send.
func (c *call) importBody() (importRequest, []byte, error) {
	var body importRequest
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		content, err := readImportForm(multipart.NewReader(bytes.NewReader(c.body), params["boundary"]), &body)
		return body, content, err
	}
	if err := c.decode(&body); err != nil {
		return body, nil, err
	}
	content, err := base64.StdEncoding.DecodeString(body.Content)
	if err != nil {
		return body, nil, badValue("content is not base64: %v", err)
	}
	return body, content, nil
}

func readImportForm(form *multipart.Reader, body *importRequest) (content []byte, err error) {
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return content, nil
		}
		if err != nil {
			return nil, errf(http.StatusBadRequest, "MALFORMED_REQUEST", "form: %v", err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, errf(http.StatusBadRequest, "MALFORMED_REQUEST", "form: %v", err)
		}
		switch text := string(data); part.FormName() {
		case "content":
			content = data
		case "path":
			body.Path = text
		case "format":
			body.Format = text
		case "language":
			body.Language = text
		case "overwrite":
			body.Overwrite = text == "true"
		default:
			return nil, errf(http.StatusBadRequest, "MALFORMED_REQUEST", "form: unknown field %q", part.FormName())
		}
	}
}

// sourceFile is how a notebook's source looks as a file.
type sourceFile struct{ extension, comment string }

var sourceFiles = map[string]sourceFile{
	"PYTHON": {"py", "#"}, "R": {"r", "#"}, "SCALA": {"scala", "//"}, "SQL": {"sql", "--"},
}

func notebookFields(language, format string) map[string]any {
	return map[string]any{"language": language, "format": format}
}

// detect tells by extension and first line what AUTO makes of a file. Notebooks
// lose their extension.
func detect(o *Object) {
	if strings.HasSuffix(o.Path, dashboardSuffix) {
		o.Type, o.Fields = "dashboards", map[string]any{"serialized_dashboard": string(o.Content)}
		o.Content, o.ModifiedAt = nil, 0
		return
	}
	extension := path.Ext(o.Path)
	fields := map[string]any(nil)
	if extension == ".ipynb" {
		fields = notebookFields("PYTHON", formatJupyter)
	}
	first, _, _ := strings.Cut(string(o.Content), "\n")
	for _, language := range sortedKeys(sourceFiles) {
		f := sourceFiles[language]
		if strings.EqualFold(extension, "."+f.extension) && strings.TrimSpace(first) == f.comment+" Databricks notebook source" {
			fields = notebookFields(language, formatSource)
		}
	}
	if fields != nil {
		o.Type, o.Fields, o.Path = "notebooks", fields, strings.TrimSuffix(o.Path, extension)
	}
}

// exportFile gives out what a notebook, a file or a dashboard holds. What would
// have to be converted or packed is refused.
func exportFile(c *call) (any, error) {
	o, err := c.atPath(c.query.Get("path"))
	if err != nil {
		return nil, err
	}
	direct, err := c.boolQuery("direct_download")
	if err != nil {
		return nil, err
	}
	content, extension, err := exported(o, firstNonEmpty(c.query.Get("format"), formatSource))
	if err != nil {
		return nil, err
	}
	if direct {
		name := strings.TrimSuffix(o.Name, "."+extension) + "." + extension
		c.header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.TrimSuffix(name, ".")}))
		return download(content), nil
	}
	return struct {
		Content  string `json:"content,omitempty"`
		FileType string `json:"file_type,omitempty"`
	}{base64.StdEncoding.EncodeToString(content), extension}, nil
}

// exported is the content of an object in a format, and its extension as a file.
func exported(o *Object, format string) (content []byte, extension string, err error) {
	plain := format == formatSource || format == formatAuto
	switch o.Type {
	case "files":
		if plain || format == formatRaw {
			return o.Content, strings.TrimPrefix(path.Ext(o.Path), "."), nil
		}
	case "dashboards":
		if plain {
			return []byte(textField(o.Fields, "serialized_dashboard")), strings.TrimPrefix(dashboardSuffix, "."), nil
		}
	case "notebooks":
		if held := textField(o.Fields, "format"); held == formatJupyter {
			if format == formatAuto || format == formatJupyter {
				return o.Content, "ipynb", nil
			}
		} else if plain {
			return o.Content, sourceFiles[showTreeEntry(o).Language].extension, nil
		}
	}
	return nil, "", badValue("%s %s cannot be exported as %s: the sandbox neither converts nor packs", objectTypeOf(o.Type, o.ID).label, o.Path, format)
}
