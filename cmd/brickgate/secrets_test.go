package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/databricks/databricks-sdk-go/logger"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// watch is a platform that keeps what it is sent, apart from the credentials
// where they belong, and can be told to answer with them.
type watch struct {
	t       *testing.T
	server  *sandbox.Server
	secrets []string

	mu    sync.Mutex // guards the fields below
	fails func(*http.Request) bool
	with  int    // the status
	kind  string // of the answer's content
	sent  strings.Builder
}

func (w *watch) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body := bodyOf(r)
	w.mu.Lock()
	status, kind := w.with, w.kind
	if !w.fails(r) {
		status = 0
	}
	if !strings.HasPrefix(r.URL.Path, "/oidc/") {
		fmt.Fprintf(&w.sent, "%s %s\n%s\n%s\n", r.Method, r.URL, body, contentOf(body))
	}
	w.mu.Unlock()
	if status == 0 {
		w.server.ServeHTTP(out, r)
		return
	}
	echo := r.Header.Get("Authorization") + " " + string(body)
	if _, password, ok := r.BasicAuth(); ok {
		echo += " " + password
	}
	out.Header().Set("Content-Type", kind)
	out.WriteHeader(status)
	if kind == "application/json" {
		text := string(must(json.Marshal(echo)))
		if ofAToken(r) {
			fmt.Fprintf(out, `{"error": "denied", "error_description": %s}`, text)
		} else {
			fmt.Fprintf(out, `{"error_code": "DENIED", "message": %s, "detail": %s}`, text, text)
		}
		return
	}
	fmt.Fprintf(out, "<html><body><pre>%s %s</pre></body></html>", echo, url.QueryEscape(echo))
}

// contentOf is the file in an import.
func contentOf(body []byte) []byte {
	var file struct{ Content string }
	if json.Unmarshal(body, &file) != nil {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(file.Content)
	if err != nil {
		return nil
	}
	return data
}

// answer lets the platform answer some requests with what it was sent.
func (w *watch) answer(fails func(*http.Request) bool, status int, kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails, w.with, w.kind = fails, status, kind
}

// Which requests fail.
func never(*http.Request) bool       { return false }
func anyCall(r *http.Request) bool   { return strings.HasPrefix(r.URL.Path, "/api/") }
func ofAToken(r *http.Request) bool  { return strings.HasPrefix(r.URL.Path, "/oidc/v1/") }
func anyChange(r *http.Request) bool { return anyCall(r) && isChange(r.Method, r.URL.Path) }
func ofTheMembers(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/2.0/preview/scim/v2/Groups/")
}

// clean expects none of the secrets in a text.
func (w *watch) clean(what, text string) {
	w.t.Helper()
	for _, s := range w.secrets {
		for _, form := range []string{s, base64.StdEncoding.EncodeToString([]byte(s)), url.QueryEscape(s)} {
			if i := strings.Index(text, form); i >= 0 {
				w.t.Errorf("%s has a secret: …%s…", what, text[max(0, i-200):min(len(text), i+len(form)+50)])
			}
		}
	}
}

// commands are all that reach the platform or print what came from it.
func commands(dir, saved string) [][]string {
	return [][]string{
		{"validate", dir}, {"plan", dir}, {"plan", "-o", "json", dir}, {"plan", "--out", saved, dir}, {"apply", "--yes", "-C", dir, saved},
		{"apply", "--yes", dir}, {"expire", "--yes", dir}, {"history", "-C", dir}, {"history", "-o", "json", "-C", dir}, {"journal", "verify", "-C", dir},
		{"upcoming", dir}, {"unlock", "--yes", dir}, {"consumers", "list", "nothing", "--env", "dev", "-C", dir},
	}
}

// all runs every command, and looks at what it says and leaves.
func (w *watch) all(dir, what string) {
	w.t.Helper()
	w.these(commands(dir, filepath.Join(dir, "it.plan")), dir, what)
}

func (w *watch) these(commands [][]string, dir, what string) {
	w.t.Helper()
	said := 0
	for _, args := range commands {
		_, out, errs := called(w.t, args...)
		w.clean(what+": "+args[0]+" stdout", out)
		w.clean(what+": "+args[0]+" stderr", errs)
		said += len(out) + len(errs)
	}
	if said == 0 {
		w.t.Errorf("%s: nothing was said", what)
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		w.clean(what+": "+name, string(data))
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clean(what+": requests", w.sent.String())
	w.sent.Reset()
}

// watched points the environment to a platform that watches, by a token or a
// client secret.
func watched(t *testing.T, oauth bool) (*watch, string) {
	t.Helper()
	dir := quickstart(t)
	seed, err := readSeed(filepath.Join(dir, "sandbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	const robot = "aaaaaaaa-0000-4000-8000-000000000001"
	seed.Account.ServicePrincipals = append(seed.Account.ServicePrincipals, sandbox.ServicePrincipal{DisplayName: "robot", ApplicationID: robot})
	seed.Caller = robot
	w := &watch{t: t, fails: never}
	if w.server, err = sandbox.New(seed, sandbox.Options{}); err != nil {
		t.Fatal(err)
	}
	web := newPlatform(w)
	t.Cleanup(web.Close)
	env := map[string]string{
		"HOME": t.TempDir(), "DATABRICKS_HOST": web.URL, "DATABRICKS_ACCOUNT_ID": w.server.AccountID(), "DATABRICKS_DEBUG_HEADERS": "true",
		"BUILD_URL": "https://ci:s3cr3t-of-the-runner@jenkins.example.com/job/7/?token=s3cr3t-of-the-job",
	}
	w.secrets = []string{w.server.Token(), "s3cr3t-of-the-runner", "s3cr3t-of-the-job"}
	if oauth {
		env["DATABRICKS_CLIENT_ID"], env["DATABRICKS_CLIENT_SECRET"] = robot, "dose/s3cr3t+of&the=client"
		w.secrets = append(w.secrets, env["DATABRICKS_CLIENT_SECRET"], base64.StdEncoding.EncodeToString([]byte(robot+":"+env["DATABRICKS_CLIENT_SECRET"])))
	} else {
		env["DATABRICKS_TOKEN"] = w.server.Token()
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	return w, dir
}

// Whatever a platform or a gateway answers, and however the configuration is
// written: no credential is printed, saved, recorded or sent in the wrong place.
func TestNoSecretIsToldToAnybody(t *testing.T) {
	for _, oauth := range []bool{false, true} {
		t.Run(fmt.Sprintf("oauth=%v", oauth), func(t *testing.T) {
			w, dir := watched(t, oauth)
			w.answer(anyChange, 400, "application/json")
			w.all(dir, "no change succeeds")
			if data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(journalFile))); err != nil || !strings.Contains(string(data), hiddenCredential) {
				t.Errorf("the journal tells nothing of the answer: %v\n%s", err, data)
			}
			for _, status := range []int{400, 401, 403, 200} {
				for _, kind := range []string{"application/json", "text/html"} {
					for what, fails := range map[string]func(*http.Request) bool{"everywhere": anyCall, "for a token": ofAToken, "for members": ofTheMembers} {
						w.answer(fails, status, kind)
						w.all(dir, fmt.Sprintf("%d %s %s", status, kind, what))
					}
				}
			}
			w.answer(never, 0, "")
			w.all(dir, "all is well")
		})
	}
}

const hiddenCredential = "[hidden]"

// A host may be configured with what does not belong there.
func TestNoSecretOfAHostIsTold(t *testing.T) {
	for i, form := range []string{"http://ci:s3cr3t-in-the-host@%s", "http://s3cr3t-in-the-host@%s", "http://%s/?token=s3cr3t-in-the-host", "http://%s/s3cr3t-in-the-host"} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			w, dir := watched(t, false)
			w.secrets = append(w.secrets, "s3cr3t-in-the-host")
			t.Setenv("DATABRICKS_HOST", fmt.Sprintf(form, strings.TrimPrefix(os.Getenv("DATABRICKS_HOST"), "http://")))
			w.all(dir, "a host that is there")
			if i > 0 {
				return // they are tried twice, which takes its time
			}
			t.Setenv("DATABRICKS_HOST", fmt.Sprintf(form, "127.0.0.1:1"))
			w.these([][]string{{"plan", dir}}, dir, "a host that is not there")
		})
	}
}

// A host or a file of profiles that cannot be read is told without its text: what
// breaks it is often what is secret in it.
func TestNoSecretOfABrokenConfigurationIsTold(t *testing.T) {
	const secret = "s3cr3t-that-breaks-it"
	for _, host := range []string{"http://ci:%zz" + secret + "@127.0.0.1:1", "http://ci:" + secret + "@127.0.0.1:port", "https://ci:" + secret + "/x@127.0.0.1:1"} {
		t.Run(host, func(t *testing.T) {
			w, dir := watched(t, false)
			w.secrets = append(w.secrets, secret)
			t.Setenv("DATABRICKS_HOST", host)
			w.these([][]string{{"plan", dir}}, dir, host)
		})
	}
	for _, profile := range []string{"token " + secret, "token = \"\"\"" + secret, "[" + secret, "= " + secret} {
		t.Run(profile, func(t *testing.T) {
			w, dir := watched(t, false)
			w.secrets = append(w.secrets, secret)
			file := filepath.Join(t.TempDir(), "profiles")
			if err := os.WriteFile(file, []byte("[DEFAULT]\nhost = http://127.0.0.1:1\n"+profile+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("DATABRICKS_HOST", "")
			t.Setenv("DATABRICKS_TOKEN", "")
			t.Setenv("DATABRICKS_CONFIG_FILE", file)
			w.these([][]string{{"plan", dir}}, dir, profile)
			if _, _, errs := called(t, "plan", dir); !strings.Contains(errs, "cannot parse the file of profiles") {
				t.Error(errs)
			}
		})
	}
}

// A redirection to another host is not followed: it would take the credential along.
func TestNoCredentialFollowsARedirection(t *testing.T) {
	for _, oauth := range []bool{false, true} {
		for _, status := range []int{302, 307} {
			for _, path := range []string{"/api/", "/oidc/v1/"} {
				if oauth || path == "/api/" {
					t.Run(fmt.Sprintf("oauth=%v %d %s", oauth, status, path), func(t *testing.T) { redirected(t, oauth, status, path) })
				}
			}
		}
	}
}

func redirected(t *testing.T, oauth bool, status int, path string) {
	w, dir := watched(t, oauth)
	var got atomic.Int64
	thief := newPlatform(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer thief.Close()
	host := newPlatform(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, path) {
			http.Redirect(out, r, thief.URL+r.URL.Path, status)
			return
		}
		w.ServeHTTP(out, r)
	}))
	defer host.Close()
	t.Setenv("DATABRICKS_HOST", host.URL)
	code, _, errs := called(t, "plan", dir)
	told := strings.Contains(errs, "redirects to "+thief.URL+", and credentials go to no host that is not named")
	if code == exitOK || path == "/api/" && !told { // without a token the SDK says in its own words that there is none
		t.Errorf("exit code %d\n%s", code, errs)
	}
	w.clean("stderr", errs)
	if got.Load() > 0 {
		t.Error("the other host was asked")
	}
}

// The SDK's own debug lines hold headers and bodies.
func TestTheSDKLogsNoRequest(t *testing.T) {
	var b strings.Builder
	before, theirs := slog.Default(), logger.DefaultLogger
	t.Cleanup(func() { slog.SetDefault(before); logger.DefaultLogger = theirs })
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug - 4})))
	logger.DefaultLogger = sdkLog{}
	for _, say := range []func(context.Context, string, ...any){logger.Tracef, logger.Debugf, logger.Infof} {
		say(t.Context(), "> * Authorization: %s", "s3cr3t")
	}
	logger.Warnf(t.Context(), "careful")
	if strings.Contains(b.String(), "s3cr3t") || !strings.Contains(b.String(), "careful") {
		t.Error(b.String())
	}
}
