package sandbox_test

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// What is uploaded is read back, by the calls of the SDK and of its utilities.
func TestFilesKeepWhatTheyHold(t *testing.T) {
	c := newClock()
	r := serveRig(t, nil, sandbox.Options{Now: c.read})
	w, ctx := r.workspace("dev/main"), t.Context()
	must(t, w.Workspace.MkdirsByPath(ctx, "/Shared/app"))
	must(t, w.Workspace.WriteFile(ctx, "/Shared/app/notes.txt", []byte("one")))
	made, err := w.Workspace.GetStatusByPath(ctx, "/Workspace/Shared/app/notes.txt")
	if err != nil || made.ObjectType != workspace.ObjectTypeFile || made.Size != 3 || made.ModifiedAt != c.now.UnixMilli() || made.CreatedAt != made.ModifiedAt {
		t.Errorf("status %+v: %v", made, err)
	}
	c.now = c.now.Add(time.Minute)
	must(t, w.Workspace.WriteFile(ctx, "/Shared/app/notes.txt", []byte("three")))
	again, err := w.Workspace.GetStatusByPath(ctx, "/Shared/app/notes.txt")
	if err != nil || again.ObjectId != made.ObjectId || again.Size != 5 || again.ModifiedAt != c.now.UnixMilli() || again.CreatedAt != made.CreatedAt {
		t.Errorf("status after the second write %+v: %v", again, err)
	}
	got, err := w.Workspace.ReadFile(ctx, "/Shared/app/notes.txt")
	if err != nil || string(got) != "three" {
		t.Errorf("read %q: %v", got, err)
	}
	answer, err := w.Workspace.Export(ctx, workspace.ExportRequest{Path: "/Shared/app/notes.txt", Format: workspace.ExportFormatAuto})
	if err != nil || answer.Content != base64Of("three") || answer.FileType != "txt" {
		t.Errorf("export %+v: %v", answer, err)
	}
	raw := r.do("GET /api/2.0/workspace/export?path=/Shared/app/notes.txt&direct_download=true", "")
	if raw.body != "three" || raw.header.Get("Content-Disposition") != "attachment; filename=notes.txt" {
		t.Errorf("download %+v", raw)
	}
	list, err := w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/app"})
	if err != nil || len(list) != 1 || list[0].Size != 5 {
		t.Errorf("list %v: %v", list, err)
	}
	must(t, w.Workspace.Delete(ctx, workspace.Delete{Path: "/Shared/app/notes.txt"}))
	_, err = w.Workspace.Export(ctx, workspace.ExportRequest{Path: "/Shared/app/notes.txt"})
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "Path (/Shared/app/notes.txt) doesn't exist.")
}

// AUTO makes a notebook of what says that it is one, and takes its extension away.
func TestFormatsOfImports(t *testing.T) {
	r := serveRig(t, nil, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	for _, test := range []struct {
		path, content string
		format        workspace.ImportFormat
		at, is        string
	}{
		{"/Shared/load.py", "# Databricks notebook source\nx = 1", workspace.ImportFormatAuto, "/Shared/load", "NOTEBOOK PYTHON"},
		{"/Shared/lib.py", "x = 1", workspace.ImportFormatAuto, "/Shared/lib.py", "FILE"},
		{"/Shared/report.sql", "-- Databricks notebook source\nSELECT 1", workspace.ImportFormatAuto, "/Shared/report", "NOTEBOOK SQL"},
		{"/Shared/train.ipynb", "{}", workspace.ImportFormatAuto, "/Shared/train", "NOTEBOOK PYTHON"},
		{"/Shared/raw.py", "# Databricks notebook source\nx = 1", workspace.ImportFormatRaw, "/Shared/raw.py", "FILE"},
		{"/Shared/Sales.lvdash.json", `{"pages":[]}`, workspace.ImportFormatAuto, "/Shared/Sales.lvdash.json", "DASHBOARD"},
	} {
		must(t, w.Workspace.Import(ctx, workspace.Import{Path: test.path, Content: base64Of(test.content), Format: test.format}))
		got, err := w.Workspace.GetStatusByPath(ctx, test.at)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		equal(t, strings.TrimSpace(string(got.ObjectType)+" "+string(got.Language)), test.is)
		back, err := w.Workspace.Export(ctx, workspace.ExportRequest{Path: test.at, Format: workspace.ExportFormatAuto})
		if err != nil || back.Content != base64Of(test.content) {
			t.Errorf("%s came back as %q: %v", test.path, back.Content, err)
		}
	}
	must(t, w.Workspace.Upload(ctx, "/Shared/n.py", strings.NewReader("x = 1")))
	back, err := w.Workspace.Export(ctx, workspace.ExportRequest{Path: "/Shared/n.py"})
	if err != nil || back.FileType != "py" {
		t.Errorf("export of a notebook %+v: %v", back, err)
	}
}

func TestWhatIsNoImport(t *testing.T) {
	r := serveRig(t, nil, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	file := func(path string) workspace.Import {
		return workspace.Import{Path: path, Format: workspace.ImportFormatAuto, Content: base64Of("x")}
	}
	must(t, w.Workspace.Import(ctx, file("/Shared/a.txt")))
	must(t, w.Workspace.Upload(ctx, "/Shared/n", strings.NewReader("x"), workspace.UploadLanguage(workspace.LanguageSql)))
	again, notebook, big := file("/Shared/a.txt"), file("/Shared/n"), file("/Shared/b.txt")
	notebook.Overwrite = true
	big.Content = base64Of(strings.Repeat("x", 10<<20+1))
	odd, plain, dbc := file("/Shared/b.txt"), file("/Shared/b.txt"), file("/Shared/b")
	odd.Content, plain.Format, dbc.Format = "%", "", workspace.ImportFormatDbc
	for _, test := range []struct {
		body          workspace.Import
		status        int
		code, message string
	}{
		{again, 400, "RESOURCE_ALREADY_EXISTS", "/Shared/a.txt already exists. Please pass overwrite=true"},
		{notebook, 400, "INVALID_PARAMETER_VALUE", "due to type mismatch (asked: FILE, actual: NOTEBOOK)"},
		{big, 400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "10485760"},
		{odd, 400, "INVALID_PARAMETER_VALUE", "base64"},
		{plain, 400, "INVALID_PARAMETER_VALUE", "format SOURCE needs"},
		{dbc, 400, "INVALID_PARAMETER_VALUE", `format "DBC"`},
		{file("/Shared/no/b.txt"), 404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (/Shared/no) does not exist."},
		{file("/Shared/a.txt/b.txt"), 404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (/Shared/a.txt)"},
		{file("b.txt"), 400, "INVALID_PARAMETER_VALUE", "doesn't start with '/'"},
	} {
		wantError(t, w.Workspace.Import(ctx, test.body), test.status, test.code, test.message)
	}
	if a := r.do("POST /api/2.0/workspace/import", `{"path":"/Shared/b.txt","mode":"new"}`); a.status != 400 || !strings.Contains(a.body, "mode") {
		t.Errorf("an unknown field: %d %s", a.status, a.body)
	}
	_, err := w.Workspace.Export(ctx, workspace.ExportRequest{Path: "/Shared"})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "/Shared cannot be exported as SOURCE")
}

// All users manage what is in /Shared, until somebody says otherwise.
func TestWhoMayWriteFiles(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	admin, ctx := r.workspace("dev/main"), t.Context()
	alice, bob := r.workspaceAs("dev/main", r.tokenOf("alice@example.com")), r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	must(t, alice.Workspace.MkdirsByPath(ctx, "/Shared/team"))
	must(t, alice.Workspace.WriteFile(ctx, "/Shared/team/f", []byte("alice's")))
	must(t, bob.Workspace.WriteFile(ctx, "/Shared/team/f", []byte("bob's")))
	must(t, bob.Workspace.MkdirsByPath(ctx, "/Users/bob@example.com"))
	must(t, bob.Workspace.WriteFile(ctx, "/Users/bob@example.com/f", []byte("bob's")))
	_, err := alice.Workspace.ReadFile(ctx, "/Users/bob@example.com/f")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "doesn't exist")

	// An administrator takes /Shared from them.
	set := iam.SetObjectPermissions{RequestObjectType: "directories", RequestObjectId: r.objectID("directories", "/Shared")}
	if _, err := admin.Permissions.Set(ctx, set); err != nil {
		t.Fatal(err)
	}
	wantError(t, bob.Workspace.WriteFile(ctx, "/Shared/team/f", []byte("x")), 403, "PERMISSION_DENIED", "Edit permissions")
	wantError(t, bob.Workspace.WriteFile(ctx, "/Shared/g", []byte("x")), 403, "PERMISSION_DENIED", "Edit permissions")
	wantError(t, bob.Workspace.MkdirsByPath(ctx, "/Shared/x"), 403, "PERMISSION_DENIED", "Edit permissions")
	got, err := alice.Workspace.ReadFile(ctx, "/Shared/team/f") // hers still: she made it
	if err != nil || string(got) != "bob's" {
		t.Errorf("read %q: %v", got, err)
	}
}

// Files outlast the sandbox that made them.
func TestFilesAreInTheStateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	first, err := sandbox.New(nil, sandbox.Options{StateFile: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Change(func(st *sandbox.State) {
		st.Workspaces[0].Objects = append(st.Workspaces[0].Objects, sandbox.Object{Type: "files", Path: "/Shared/f", Content: []byte("kept\x00")})
	}); err != nil {
		t.Fatal(err)
	}
	must(t, first.Close())
	got, err := serveRig(t, nil, sandbox.Options{StateFile: path}).workspace("dev/main").Workspace.ReadFile(t.Context(), "/Shared/f")
	if err != nil || string(got) != "kept\x00" {
		t.Errorf("read %q: %v", got, err)
	}
}
