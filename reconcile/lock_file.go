package reconcile

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/databricks/databricks-sdk-go/httpclient"
)

// errTaken is that a file is there already.
var errTaken = errors.New("it is there already")

// sighting is a lock file as it was read at some time.
type sighting struct {
	raw    []byte
	holder Holder    // zero if it cannot be read
	first  time.Time // when this content was seen first, by the clock that only runs forward
}

// create makes a file that is not there yet, and its folder with it.
func (l *Lock) create(ctx context.Context, at string, h Holder) error {
	err := l.write(ctx, at, h, false)
	if status(err) == http.StatusNotFound {
		made := l.workspace.do(ctx, http.MethodPost, "/api/2.0/workspace/mkdirs", nil, map[string]any{"path": path.Dir(at)}, nil)
		if made != nil {
			return l.failed("make the folder of", at, made)
		}
		err = l.write(ctx, at, h, false)
	}
	return l.failed("make", at, err)
}

// replace overwrites a file.
func (l *Lock) replace(ctx context.Context, at string, h Holder) error {
	return l.failed("write", at, l.write(ctx, at, h, true))
}

func (l *Lock) write(ctx context.Context, at string, h Holder, overwrite bool) error {
	content, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	return l.workspace.do(ctx, http.MethodPost, "/api/2.0/workspace/import", nil, map[string]any{
		"path": at, "format": "AUTO", "overwrite": overwrite, "content": base64.StdEncoding.EncodeToString(append(content, '\n')),
	}, nil)
}

// failed says what could not be done, and tells apart what means something here.
func (l *Lock) failed(doing, at string, err error) error {
	switch {
	case err == nil:
		return nil
	case code(err) == "RESOURCE_ALREADY_EXISTS" || code(err) == "ALREADY_EXISTS":
		return errTaken
	case forbidden(err) || code(err) == "FEATURE_DISABLED" || code(err) == "ENDPOINT_NOT_FOUND":
		return &NoLockError{l.Path(), err}
	}
	return fmt.Errorf("%s the lock file %s:%s: %w", doing, l.workspace.Name, at, err)
}

// read is what a file holds; false if there is none.
func (l *Lock) read(ctx context.Context, at string) (sighting, bool, error) {
	var answer struct {
		Content []byte `json:"content"`
	}
	err := l.workspace.get(ctx, "/api/2.0/workspace/export", map[string]any{"path": at, "format": "AUTO"}, &answer)
	if missing(err) {
		return sighting{}, false, nil
	}
	if err != nil {
		return sighting{}, false, l.failed("read", at, err)
	}
	s := sighting{raw: answer.Content, first: time.Now()}
	if json.Unmarshal(answer.Content, &s.holder) != nil {
		s.holder = Holder{}
	}
	return s, true, nil
}

// age is for how long a file has not been written, by the platform's own clock;
// false where the platform does not say.
func (l *Lock) age(ctx context.Context, at string) (time.Duration, bool) {
	var date string
	var body []byte
	var answer struct {
		ModifiedAt int64 `json:"modified_at"`
	}
	err := l.workspace.api.ApiClient().Do(ctx, http.MethodGet, "/api/2.0/workspace/get-status?path="+url.QueryEscape(at),
		httpclient.WithRequestHeaders(l.workspace.headers()),
		httpclient.WithResponseHeader("Date", &date),
		httpclient.WithResponseUnmarshal(&body))
	if err != nil || decodeAnswer(body, &answer) != nil || answer.ModifiedAt == 0 {
		return 0, false
	}
	now, err := http.ParseTime(date)
	return now.Sub(time.UnixMilli(answer.ModifiedAt)), err == nil
}

// remove deletes a file; one that is gone already is no error. A delete whose
// answer was lost is tried again.
func (l *Lock) remove(ctx context.Context, at string) error {
	var err error
	for range 2 {
		err = l.workspace.do(ctx, http.MethodPost, "/api/2.0/workspace/delete", nil, map[string]any{"path": at}, nil)
		if err == nil || missing(err) {
			return nil
		}
		if forbidden(err) {
			break
		}
	}
	return l.failed("delete", at, err)
}

// unchanged tells whether nothing was written between two sightings.
func (s sighting) unchanged(later sighting) bool { return bytes.Equal(s.raw, later.raw) }
