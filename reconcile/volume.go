package reconcile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"

	"github.com/databricks/databricks-sdk-go/httpclient"
)

// Files in Unity Catalog volumes, which are kept and never overwritten.
//
// The Files API makes a file with one PUT of its bytes (up to 5 GiB). Who does not
// say what is to become of a file that is there replaces it, and the SDK leaves an
// overwrite=false out unless it is forced (v0.175.0, service/files); here it always
// stands in the request. A PUT may so be repeated: where an earlier attempt was done
// although its answer was lost, the next one hears 409 ALREADY_EXISTS, and what is
// there is compared. The SDK's upload also hides the length of the body from HTTP;
// this one sends it.

// Volume is a volume, or a folder in one, seen from the workspace through which
// Unity Catalog is reached. It is used by one goroutine at a time.
type Volume struct {
	workspace *Workspace
	path      string
	made      string // the last folder that is known to be there
}

// Volume is the volume or folder at a path that spec.CheckVolumePath takes.
func (c *Clients) Volume(path string) *Volume { return &Volume{workspace: c.catalog(), path: path} }

// Volume is a volume seen by the clients of the run.
func (r *Run) Volume(path string) *Volume { return r.clients.Volume(path) }

// OtherFileError is that a file is there already which holds something else.
type OtherFileError struct{ Path string }

func (e *OtherFileError) Error() string {
	return e.Path + " is there already and holds something else; it is left as it is"
}

// Path is the place of a file.
func (v *Volume) Path(name string) string { return v.path + "/" + name }

// Keep uploads a file, and makes the folders that it is in. made is false where it
// was there already, with this content as far as we may read it; with another, the
// error is an OtherFileError.
func (v *Volume) Keep(ctx context.Context, name string, content []byte) (made bool, err error) {
	at := v.Path(name)
	if err := v.makeFolder(ctx, path.Dir(at)); err != nil {
		return false, err
	}
	lost := v.upload(ctx, at, content)
	if !uncertain(lost) {
		return lost == nil, v.failed("upload", at, lost)
	}
	exists := alreadyExists(lost)
	there, err := v.download(ctx, at)
	switch {
	case err == nil && bytes.Equal(there, content):
		return !exists, nil
	case err == nil:
		return false, &OtherFileError{at}
	case exists && forbidden(err):
		return false, nil
	}
	return false, v.failed("upload", at, lost)
}

// Holds tells whether a file is there with this content; with another, the error is
// an OtherFileError.
func (v *Volume) Holds(ctx context.Context, name string, content []byte) (bool, error) {
	at := v.Path(name)
	there, err := v.download(ctx, at)
	switch {
	case missing(err):
		return false, nil
	case err != nil:
		return false, v.failed("read", at, err)
	case !bytes.Equal(there, content):
		return false, &OtherFileError{at}
	}
	return true, nil
}

func (v *Volume) makeFolder(ctx context.Context, at string) error {
	if v.made == at {
		return nil
	}
	if err := v.workspace.do(ctx, http.MethodPut, filesPath("directories", at), nil, nil, nil); err != nil {
		return v.failed("make the folder", at, err)
	}
	v.made = at
	return nil
}

func (v *Volume) upload(ctx context.Context, at string, content []byte) error {
	headers := maps.Clone(v.workspace.headers())
	headers["Content-Type"] = "application/octet-stream"
	query := map[string]any{"overwrite": false}
	var body []byte
	if err := v.workspace.api.Do(ctx, http.MethodPut, filesPath("files", at), headers, query, bytes.NewReader(content), &body); err != nil {
		return err
	}
	return accepted(body)
}

func (v *Volume) download(ctx context.Context, at string) ([]byte, error) {
	headers := maps.Clone(v.workspace.headers())
	headers["Accept"] = "application/octet-stream"
	var content []byte
	err := v.workspace.api.Do(ctx, http.MethodGet, filesPath("files", at), headers, nil, nil, &content)
	return content, err
}

// failed says what could not be done, and what that takes.
func (v *Volume) failed(doing, at string, err error) error {
	switch {
	case err == nil:
		return nil
	case missing(err):
		return fmt.Errorf("%s %s: there is no such volume: %w", doing, at, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s %s: it took too long: %w", doing, at, err)
	}
	task := "write to the volume"
	if doing == "read" {
		task = "read the volume"
	}
	return fmt.Errorf("%s %s: %w", doing, at, explain(err, task))
}

func filesPath(what, at string) string {
	return "/api/2.0/fs/" + what + httpclient.EncodeMultiSegmentPathParameter(at)
}
