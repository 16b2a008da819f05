package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/files"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// withVolume is the company with a volume whose owner is bob, in a catalog and a
// schema of which alice may write.
const withVolume = company + `
securables:
  - {type: catalog, name: ops, owner: "user:bob@example.com", grants: [{principal: "user:alice@example.com", privileges: [USE_CATALOG]}]}
  - {type: schema, name: ops.logs, owner: "user:bob@example.com", grants: [{principal: "user:alice@example.com", privileges: [USE_SCHEMA, WRITE_VOLUME]}]}
  - {type: volume, name: ops.logs.journal, owner: "user:bob@example.com"}
`

func upload(path, text string) files.UploadRequest {
	return files.UploadRequest{FilePath: path, Contents: io.NopCloser(strings.NewReader(text)), ForceSendFields: []string{"Overwrite"}}
}

// What is uploaded is listed and downloaded, by the calls of the SDK, and survives
// in the state.
func TestVolumesKeepFiles(t *testing.T) {
	c := newClock()
	r := startRig(t, withVolume, sandbox.Options{Now: c.read})
	w, ctx := r.workspaceAs("dev/main", r.tokenOf("bob@example.com")), t.Context()
	const at = "/Volumes/ops/logs/journal/acme/prd run.jsonl"
	must(t, w.Files.Upload(ctx, upload(at, "one\n")))
	err := w.Files.Upload(ctx, upload(at, "two\n"))
	wantError(t, err, 409, "ALREADY_EXISTS", "The file being created already exists.")
	got, err := w.Files.DownloadByFilePath(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(got.Contents)
	if err != nil || string(text) != "one\n" || got.ContentLength != 4 || got.LastModified == "" {
		t.Errorf("downloaded %q, %+v: %v", text, got, err)
	}
	meta, err := w.Files.GetMetadataByFilePath(ctx, at)
	if err != nil || meta.ContentLength != 4 {
		t.Errorf("metadata %+v: %v", meta, err)
	}
	// Without a word on overwriting, it overwrites.
	must(t, w.Files.Upload(ctx, files.UploadRequest{FilePath: at, Contents: io.NopCloser(strings.NewReader("three\n"))}))
	must(t, w.Files.CreateDirectory(ctx, files.CreateDirectoryRequest{DirectoryPath: "/Volumes/ops/logs/journal/acme/dev/old"}))
	must(t, w.Files.CreateDirectory(ctx, files.CreateDirectoryRequest{DirectoryPath: "/Volumes/ops/logs/journal/acme/dev"}))
	must(t, w.Files.GetDirectoryMetadataByDirectoryPath(ctx, "/Volumes/ops/logs/journal"))
	list, err := w.Files.ListDirectoryContentsAll(ctx, files.ListDirectoryContentsRequest{DirectoryPath: "/Volumes/ops/logs/journal/acme", PageSize: 1})
	if err != nil || len(list) != 2 || !list[0].IsDirectory || list[1].Path != at || list[1].FileSize != 6 || list[1].LastModified != c.now.UnixMilli() {
		t.Errorf("list %+v: %v", list, err)
	}
	must(t, w.Files.DeleteDirectoryByDirectoryPath(ctx, "/Volumes/ops/logs/journal/acme/dev/old"))
	must(t, w.Files.DeleteByFilePath(ctx, at))
	again := serveRig(t, r.State(), sandbox.Options{})
	if state := again.State().Securables[2]; len(state.Files) != 0 || len(state.Folders) != 2 {
		t.Errorf("state %+v", state)
	}
}

func TestFilesThatAVolumeRefuses(t *testing.T) {
	r := startRig(t, withVolume, sandbox.Options{})
	must(t, r.workspaceAs("dev/main", r.tokenOf("bob@example.com")).Files.Upload(t.Context(), upload("/Volumes/ops/logs/journal/a/b", "text")))
	const fs = "/api/2.0/fs/files/Volumes/ops/logs/journal/"
	octets := map[string]string{"Content-Type": "application/octet-stream"}
	for _, test := range []struct {
		as, request string
		header      map[string]string
		status      int
		want        string
	}{
		{"bob", "PUT /api/2.0/fs/files/Volume/ops/logs/journal/x", octets, 400, "Invalid path: unsupported first path component: Volume"},
		{"bob", "PUT /api/2.0/fs/files/Volumes/ops", octets, 400, "Invalid path: Path is missing a schema name"},
		{"bob", "PUT /api/2.0/fs/files/Volumes/ops/logs", octets, 400, "Invalid path: Path is missing a volume name"},
		{"bob", "PUT " + fs + "..%2Fx", octets, 400, "is no name of a file or folder"},
		{"bob", "PUT " + fs + "x?overwrite=perhaps", octets, 400, "neither true nor false"},
		{"bob", "PUT " + fs + "x?force=true", octets, 400, `unknown query parameter \"force\"`},
		{"bob", "PUT " + fs + "x", map[string]string{"Content-Type": "application/json"}, 400, "is application/octet-stream"},
		{"bob", "PUT " + fs + "a", octets, 409, "ALREADY_EXISTS"},
		{"bob", "PUT " + fs + "a/b/c", octets, 409, "A file stands at a/b"},
		{"bob", "PUT /api/2.0/fs/directories/Volumes/ops/logs/journal/a/b", nil, 409, "ALREADY_EXISTS"},
		{"bob", "DELETE /api/2.0/fs/directories/Volumes/ops/logs/journal/a", nil, 400, "not empty"},
		{"bob", "PUT /api/2.0/fs/files/Volumes/ops/logs/nothing/x", octets, 404, "NOT_FOUND"},
		{"bob", "GET " + fs + "x", nil, 404, "The file being accessed is not found."},
		{"bob", "GET /api/2.0/fs/directories/Volumes/ops/logs/journal/x", nil, 404, "NOT_FOUND"},
		{"alice", "PUT " + fs + "of-alice?overwrite=false", octets, 204, ""},
		{"alice", "GET " + fs + "a/b", nil, 403, "User does not have READ VOLUME on Volume 'ops.logs.journal'."},
		{"11111111-1111-1111-1111-111111111111", "PUT " + fs + "x", octets, 403, "User does not have USE CATALOG on Catalog 'ops'."},
		{"admin", "PUT " + fs + "x", octets, 403, "User does not have USE CATALOG on Catalog 'ops'."}, // metastore admins have to grant it to themselves first
	} {
		name := test.as
		if !strings.Contains(name, "-") {
			name += "@example.com"
		}
		p := plain{rig: r, token: r.tokenOf(name), header: test.header}
		if got := p.send(test.request, "text"); got.status != test.status || !strings.Contains(got.body, test.want) {
			t.Errorf("%s as %s: %d %s, want %d %s", test.request, test.as, got.status, got.body, test.status, test.want)
		}
	}
}

// A file that came with a lost answer is there, which the next attempt hears.
func TestAnUploadWhoseAnswerIsLost(t *testing.T) {
	r := startRig(t, withVolume, sandbox.Options{})
	r.Inject(sandbox.Fault{Method: http.MethodPut, Path: "/api/2.0/fs/files/*", After: true, Status: http.StatusGatewayTimeout})
	w := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	err := w.Files.Upload(t.Context(), upload("/Volumes/ops/logs/journal/x", "text"))
	var api *apierr.APIError
	if !errors.As(err, &api) || api.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("the first attempt: %v", err)
	}
	err = w.Files.Upload(t.Context(), upload("/Volumes/ops/logs/journal/x", "text"))
	wantError(t, err, 409, "ALREADY_EXISTS", "The file being created already exists.")
}

func TestSeedsWithFiles(t *testing.T) {
	const volume = withVolume + "    files: [{path: a/b/c.txt, content: aGVsbG8=}]\n    folders: [d]\n"
	seed := strings.Replace(volume, `journal, owner: "user:bob@example.com"}`, "journal, owner: \"user:bob@example.com\"", 1)
	seed = strings.Replace(seed, "- {type: volume, name: ops.logs.journal, owner", "- type: volume\n    name: ops.logs.journal\n    owner", 1)
	r := startRig(t, seed, sandbox.Options{Now: func() time.Time { return time.Unix(0, 0) }})
	if v := r.State().Securables[2]; len(v.Folders) != 3 || string(v.Files[0].Content) != "hello" {
		t.Errorf("%+v", v)
	}
	for old, wrong := range map[string]string{
		"a/b/c.txt": "/a", "folders: [d]": "folders: [a/b/c.txt]", "files: [{": "files: [{path: a}, {path: a/b}, {",
	} {
		st, err := sandbox.Parse([]byte(strings.Replace(seed, old, wrong, 1)))
		if err == nil {
			_, err = sandbox.New(st, sandbox.Options{})
		}
		if err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}
