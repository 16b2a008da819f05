package reconcile_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/reconcile"
)

const (
	journals = "/Volumes/ops/logs/journal"
	ofARun   = "test/dev/r 1%.jsonl"
)

// newVolume is a lab with a volume that is the caller's to write, and the volume
// as the applying identity sees it.
func newVolume(t *testing.T) (*lab, *reconcile.Volume) {
	t.Helper()
	l := newLab(t, with(world, "securables:\n", `securables:
  - {type: catalog, name: ops}
  - {type: schema, name: ops.logs}
  - {type: volume, name: ops.logs.journal}
`), project, nil)
	return l, l.volume()
}

func (l *lab) volume() *reconcile.Volume {
	l.t.Helper()
	clients, err := reconcile.Connect(l.t.Context(), l.environment(), l.endpoint, l.transport)
	if err != nil {
		l.t.Fatal(err)
	}
	l.ResetRequests()
	return clients.Volume(journals)
}

// inVolume is what the volume holds, by path.
func (l *lab) inVolume() string {
	var out []string
	for _, f := range securable(l.State(), "ops.logs.journal").Files {
		out = append(out, f.Path+"="+string(f.Content))
	}
	return strings.Join(out, " ")
}

// A file is uploaded once and never overwritten.
func TestAVolumeKeepsWhatItHolds(t *testing.T) {
	t.Parallel()
	l, v := newVolume(t)
	for _, want := range []bool{true, false} {
		made, err := v.Keep(t.Context(), ofARun, []byte("one\n"))
		if err != nil || made != want {
			t.Errorf("made %t, want %t: %v", made, want, err)
		}
	}
	_, err := v.Keep(t.Context(), ofARun, []byte("another\n"))
	if other := (*reconcile.OtherFileError)(nil); !errors.As(err, &other) || other.Path != journals+"/"+ofARun {
		t.Errorf("another content: %v", err)
	}
	same(t, "the volume", ofARun+"=one\n", l.inVolume())
	puts := slices.DeleteFunc(l.Requests(), func(r sandbox.Request) bool { return r.Method == http.MethodGet })
	if len(puts) != 4 || puts[1].Query != "overwrite=false" || puts[1].Path != "/api/2.0/fs/files"+journals+"/"+ofARun {
		t.Errorf("requests: %+v", puts)
	}
}

// Whatever becomes of an answer, the file is there once and whole.
func TestLostAnswersOfAnUpload(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"cut":            {After: true, Drop: true},
		"cut before":     {Drop: true},
		"500":            {After: true, Status: http.StatusInternalServerError},
		"504 before":     {Status: http.StatusGatewayTimeout},
		"504":            {After: true, Status: http.StatusGatewayTimeout, Times: -1},
		"502 of a proxy": {Status: http.StatusBadGateway, ContentType: "text/html", Body: "<html>bad gateway</html>"},
		"429":            {Status: http.StatusTooManyRequests, Times: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, v := newVolume(t)
			fault := fault
			fault.Method, fault.Path = http.MethodPut, "/api/2.0/fs/files/*"
			l.Inject(fault)
			if _, err := v.Keep(t.Context(), ofARun, []byte("one\n")); err != nil {
				t.Error(err)
			}
			same(t, "the volume", ofARun+"=one\n", l.inVolume())
		})
	}
}

// What cannot be uploaded says why, and is not tried for long where that is of no use.
func TestWhereNothingCanBeUploaded(t *testing.T) {
	t.Parallel()
	const rights = "it needs WRITE_VOLUME on it, USE_CATALOG on its catalog and USE_SCHEMA on its schema"
	for name, test := range map[string]struct {
		edit func(*sandbox.State)
		want string
	}{
		"no volume":     {func(st *sandbox.State) { drop(st, "ops.logs.journal") }, "there is no such volume"},
		"no right":      {func(st *sandbox.State) { give(st, "ops", "user:bob@example.com", "USE_CATALOG") }, "not allowed to write to the volume; " + rights},
		"no path to it": {func(st *sandbox.State) { give(st, "ops.logs.journal", "user:bob@example.com", "WRITE_VOLUME") }, rights + ": User does not have USE CATALOG on Catalog 'ops'."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, v := newVolume(t)
			l.change(test.edit)
			if name != "no volume" {
				v = l.volumeOf("bob@example.com")
			}
			_, err := v.Keep(t.Context(), ofARun, []byte("one\n"))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), journals+"/test/dev") {
				t.Errorf("%v", err)
			}
			if n := len(l.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// Who may write and not read uploads all the same, and takes it on trust that what
// has its name is its file.
func TestUploadingWithoutTheRightToRead(t *testing.T) {
	t.Parallel()
	l, _ := newVolume(t)
	l.change(func(st *sandbox.State) {
		give(st, "ops", "user:bob@example.com", "USE_CATALOG", "USE_SCHEMA", "WRITE_VOLUME")
	})
	v := l.volumeOf("bob@example.com")
	for _, want := range []bool{true, false} {
		if made, err := v.Keep(t.Context(), ofARun, []byte("one\n")); err != nil || made != want {
			t.Errorf("made %t, want %t: %v", made, want, err)
		}
	}
}

// volumeOf is the volume as somebody else sees it.
func (l *lab) volumeOf(who string) *reconcile.Volume {
	l.t.Helper()
	token, err := l.TokenOf(who)
	if err != nil {
		l.t.Fatal(err)
	}
	l.token = token
	return l.volume()
}

// drop deletes a securable.
func drop(st *sandbox.State, name string) {
	st.Securables = slices.DeleteFunc(st.Securables, func(s sandbox.Securable) bool { return s.Name == name })
}
