package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// workflow is what a runner needs to know of a file in .github/workflows.
type workflow struct {
	Permissions map[string]string      `yaml:"permissions"`
	Env         map[string]string      `yaml:"env"`
	Jobs        map[string]workflowJob `yaml:"jobs"`
	order       []string               // of the jobs, as they stand in the file
}

type workflowJob struct {
	If          string            `yaml:"if"`
	Needs       string            `yaml:"needs"`
	Environment string            `yaml:"environment"`
	Timeout     int               `yaml:"timeout-minutes"`
	Permissions map[string]string `yaml:"permissions"`
	Env         map[string]string `yaml:"env"`
	Steps       []workflowStep    `yaml:"steps"`
}

type workflowStep struct {
	Name, ID, If, Uses, Run string
	With, Env               map[string]string
}

func readWorkflow(t *testing.T, name string) workflow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", name))
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+):$`).FindAllStringSubmatch(string(data), -1) {
		if _, ok := w.Jobs[m[1]]; ok {
			w.order = append(w.order, m[1])
		}
	}
	if len(w.order) != len(w.Jobs) {
		t.Fatalf("%s: jobs %v of %d", name, w.order, len(w.Jobs))
	}
	return w
}

// forge is GitHub as the workflows meet it: comments, pull requests, runs and what
// they keep, in a folder that the gh of the tests reads and writes.
type forge struct {
	t      *testing.T
	world  string
	bin    string // programs of the tests, before all others on the PATH
	origin string // the repository that is pushed to
	url    string // of the platform, which gives out tokens too
	server *sandbox.Server
	vars   map[string]string
	runs   int
}

const (
	jobRequestToken = "request-token-of-the-job"
	identityToken   = "identity-token-of-the-job"
	planner         = "00000000-0000-0000-0000-0000000000c1"
)

// newForge is a forge with a repository in which main holds the files given.
func newForge(t *testing.T) *forge {
	t.Helper()
	for _, program := range []string{"bash", "git", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("no " + program)
		}
	}
	f := &forge{t: t, world: t.TempDir(), bin: t.TempDir()}
	var dir string
	f.server, dir = behind(t, f.login)
	f.url = os.Getenv("DATABRICKS_HOST")
	for _, name := range []string{"DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_ACCOUNT_ID"} {
		t.Setenv(name, "")
	}
	f.vars = map[string]string{
		"BRICKGATE_ENV": "dev", "BRICKGATE_VERSION": "v1.2.3", "BRICKGATE_DIR": "access", "DATABRICKS_HOST": f.url,
		"DATABRICKS_ACCOUNT_ID": f.server.AccountID(), "DATABRICKS_CLIENT_ID": planner,
	}
	for name, script := range map[string]string{"gh": ghScript, "go": goScript} {
		if err := os.WriteFile(filepath.Join(f.bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	f.origin = filepath.Join(t.TempDir(), "origin")
	f.git(".", "init", "-q", "--bare", "-b", "main", f.origin)
	work := f.checkout("")
	if err := os.CopyFS(filepath.Join(work, "access"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	f.commit(work, "main", "access")
	return f
}

// login stands between the runner and the platform: it gives a job its identity, and
// for that a token of the platform. The platform has no other way in.
func (f *forge) login(server *sandbox.Server, w http.ResponseWriter, r *http.Request) {
	answer := func(document map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(document); err != nil {
			f.t.Error(err)
		}
	}
	switch {
	case r.URL.Path == "/identity" && r.Header.Get("Authorization") == "Bearer "+jobRequestToken:
		answer(map[string]any{"value": identityToken})
	case r.URL.Path == "/oidc/v1/token" && r.FormValue("subject_token") == identityToken && r.FormValue("client_id") == planner:
		answer(map[string]any{"access_token": server.Token(), "token_type": "Bearer", "expires_in": 3600})
	default:
		server.ServeHTTP(w, r)
	}
}

// git runs git in a folder.
func (f *forge) git(dir string, args ...string) string {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), "git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// checkout is a fresh clone at a commit; "" is main.
func (f *forge) checkout(commit string) string {
	f.t.Helper()
	work := filepath.Join(f.t.TempDir(), "checkout")
	f.git(".", "clone", "-q", f.origin, work)
	if commit != "" {
		f.git(work, "checkout", "-q", commit)
	}
	return work
}

// commit commits everything in a checkout to a branch and pushes it.
func (f *forge) commit(work, branch, message string) string {
	f.t.Helper()
	f.git(work, "checkout", "-q", "-B", branch)
	f.git(work, "add", "-A")
	f.git(work, "commit", "-q", "-m", message)
	f.git(work, "push", "-q", "-f", "origin", branch)
	return f.git(work, "rev-parse", "HEAD")
}

// change commits another text of a file to a branch that comes from main.
func (f *forge) change(branch, file, text string) string {
	f.t.Helper()
	work := f.checkout("")
	if err := os.WriteFile(filepath.Join(work, file), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
	return f.commit(work, branch, "change "+file)
}

// merge merges the head of pull request 7 into main.
func (f *forge) merge(head string) string { return f.mergeOf(head, ours, "main") }

// mergeOf merges a head of some repository into main, by a pull request to a branch.
func (f *forge) mergeOf(head, repository, base string) string {
	f.t.Helper()
	work := f.checkout("")
	f.git(work, "merge", "-q", "--no-ff", "-m", "merge", head)
	f.git(work, "push", "-q", "origin", "main")
	sha := f.git(work, "rev-parse", "HEAD")
	f.write("pulls-"+sha, fmt.Sprintf(`[{"number": 6, "merged_at": null, "head": {"sha": "0"}},
		{"number": 7, "merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": %q, "base": {"ref": %q},
		 "head": {"sha": %q, "repo": {"full_name": %q}}}]`, sha, base, head, repository))
	return sha
}

func (f *forge) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.world, name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f *forge) read(name string) string {
	data, _ := os.ReadFile(filepath.Join(f.world, name))
	return string(data)
}

type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

func (f *forge) comments() []comment {
	f.t.Helper()
	var all []comment
	if text := f.read("comments-7"); text != "" {
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			f.t.Fatal(err)
		}
	}
	return all
}

// pullRequest runs access-plan for pull request 7, as merged into main.
func (f *forge) pullRequest(head, fork string) ended {
	f.t.Helper()
	work := f.checkout("")
	f.git(work, "merge", "-q", "--no-ff", "-m", "merge", head)
	return f.start("access-plan.yml", work, head, map[string]string{
		"github.event_name": "pull_request", "github.event.pull_request.number": "7", "github.actor": "alice",
		"github.event.pull_request.head.repo.full_name": fork,
	})
}

// push runs access-apply for a commit of main.
func (f *forge) push(sha string) ended {
	f.t.Helper()
	return f.start("access-apply.yml", f.checkout(sha), sha, map[string]string{"github.event_name": "push", "github.ref": "refs/heads/main"})
}

// dispatch runs access-apply by hand, on a branch.
func (f *forge) dispatch(branch, checksum string) ended {
	f.t.Helper()
	work := f.checkout("origin/" + branch)
	return f.start("access-apply.yml", work, f.git(work, "rev-parse", "HEAD"), map[string]string{
		"github.event_name": "workflow_dispatch", "github.ref": "refs/heads/" + branch, "inputs.checksum": checksum,
	})
}

// ended is how a run of a workflow ended.
type ended struct {
	ok      bool
	log     string
	summary string
	jobs    []string // those that ran
	writes  int      // requests that wrote to the platform
}

func (f *forge) start(file, work, head string, context map[string]string) ended {
	f.t.Helper()
	f.runs++
	f.server.ResetRequests()
	context["github.repository"], context["github.run_id"], context["github.run_attempt"] = "acme/access", fmt.Sprint(f.runs), "1"
	for name, value := range f.vars {
		context["vars."+name] = value
	}
	r := &workflowRun{forge: f, work: work, head: head, context: context, ok: map[string]bool{}}
	w := readWorkflow(f.t, file)
	all := true
	for _, name := range w.order {
		job := w.Jobs[name]
		r.context["failed"] = fmt.Sprint(job.Needs != "" && !r.ok[job.Needs])
		if r.context["failed"] == "true" || job.If != "" && r.eval(job.If) != "true" {
			continue
		}
		r.jobs = append(r.jobs, name)
		r.ok[name] = r.job(w, job)
		all = all && r.ok[name]
	}
	if all && file == "access-plan.yml" {
		// A fork's run of the same commit is newer, and stands before it.
		f.write("run-"+head, fmt.Sprintf(`{"workflow_runs": [{"id": 999, "head_repository": {"full_name": "mallory/access"}},
			{"id": %d, "head_repository": {"full_name": %q}}]}`, f.runs, context["github.event.pull_request.head.repo.full_name"]))
	}
	return ended{all, r.log.String(), r.summary, r.jobs, written(f.server)}
}

// workflowRun is one run of a workflow.
type workflowRun struct {
	*forge
	work, head string
	context    map[string]string
	ok         map[string]bool
	jobs       []string
	summary    string
	log        strings.Builder
}

// job runs the steps of a job in order, on a machine of its own.
func (r *workflowRun) job(w workflow, job workflowJob) bool {
	r.t.Helper()
	temp := r.t.TempDir()
	r.context["runner.temp"], r.context["failed"] = temp, "false"
	delete(r.context, "steps.plan.outputs.code")
	env := map[string]string{
		"PATH": r.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME": r.t.TempDir(), "TMPDIR": r.t.TempDir(), "GH_WORLD": r.world,
		"RUNNER_TEMP": temp, "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_REPOSITORY": "acme/access", "GITHUB_SERVER_URL": "https://github.com",
		"GITHUB_RUN_ID": fmt.Sprint(r.runs), "GITHUB_EVENT_NAME": r.context["github.event_name"], "GITHUB_BASE_REF": "main", "GITHUB_REF_NAME": "main",
		"GITHUB_SHA": r.head, "GITHUB_WORKSPACE": r.work,
	}
	var granted []string
	for name, level := range job.Permissions {
		granted = append(granted, name+":"+level)
	}
	slices.Sort(granted)
	env["GRANTED"] = strings.Join(granted, " ")
	if job.Permissions["id-token"] == "write" {
		env["ACTIONS_ID_TOKEN_REQUEST_URL"], env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = r.url+"/identity?v=2", jobRequestToken
	}
	r.context["github.token"] = "token of the job"
	for _, more := range []map[string]string{w.Env, job.Env} {
		for name, value := range more {
			env[name] = r.expand(value)
		}
	}
	for _, s := range job.Steps {
		condition := s.If
		if condition == "" || !regexp.MustCompile(`always\(\)|failure\(\)|cancelled\(\)`).MatchString(condition) && r.context["failed"] == "true" {
			condition = "success()"
		}
		if r.eval(condition) == "true" && !r.step(s, env) {
			r.context["failed"] = "true"
		}
	}
	return r.context["failed"] != "true"
}

func (r *workflowRun) step(s workflowStep, env map[string]string) bool {
	r.t.Helper()
	if s.Uses != "" {
		return r.action(s)
	}
	temp := env["RUNNER_TEMP"]
	files := map[string]string{}
	for _, name := range []string{"GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"} {
		files[name] = filepath.Join(temp, strings.ToLower(name))
		if err := os.WriteFile(files[name], nil, 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(r.t.Context(), "bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", s.Run)
	cmd.Dir = r.work
	for _, all := range []map[string]string{env, files} {
		for name, value := range all {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+r.expand(value))
	}
	out, err := cmd.CombinedOutput()
	fmt.Fprintf(&r.log, "== %s\n%s", s.Name, out)
	if err != nil {
		fmt.Fprintf(&r.log, "%v\n", err)
	}
	for name, value := range assigned(r.t, files["GITHUB_ENV"]) {
		env[name] = value
	}
	for name, value := range assigned(r.t, files["GITHUB_OUTPUT"]) {
		r.context["steps."+s.ID+".outputs."+name] = value
	}
	told, err2 := os.ReadFile(files["GITHUB_STEP_SUMMARY"])
	if err2 != nil {
		r.t.Fatal(err2)
	}
	r.summary += string(told)
	return err == nil
}

// assigned reads NAME=value lines, and values between marks: NAME<<MARK.
func assigned(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		if name, mark, ok := strings.Cut(lines[i], "<<"); ok && !strings.Contains(name, "=") {
			var value []string
			for i++; i < len(lines) && lines[i] != mark; i++ {
				value = append(value, lines[i])
			}
			out[name] = strings.Join(value, "\n")
			continue
		}
		name, value, ok := strings.Cut(lines[i], "=")
		if !ok && lines[i] != "" {
			t.Errorf("%s: %q", filepath.Base(file), lines[i])
		}
		if ok {
			out[name] = value
		}
	}
	return out
}

// action does what the actions do that the workflows use.
func (r *workflowRun) action(s workflowStep) bool {
	r.t.Helper()
	name, _, _ := strings.Cut(s.Uses, "@")
	switch name {
	case "actions/checkout", "actions/setup-go": // the checkout stands there, and so does Go
		return true
	case "actions/upload-artifact":
		data, err := os.ReadFile(r.expand(s.With["path"]))
		if err != nil {
			return s.With["if-no-files-found"] != "error"
		}
		into := filepath.Join(r.world, "artifacts", fmt.Sprint(r.runs), r.expand(s.With["name"]))
		if err := os.MkdirAll(into, 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(into, filepath.Base(r.expand(s.With["path"]))), data, 0o644); err != nil {
			r.t.Fatal(err)
		}
		return true
	}
	r.t.Fatalf("unknown action %s", s.Uses)
	return false
}

var expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

// expand fills in the expressions of a text.
func (r *workflowRun) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		return r.eval(strings.TrimSuffix(strings.TrimPrefix(e, "${{"), "}}"))
	})
}

// eval knows as much of GitHub's expressions as the workflows use: && over == and !=
// over || over names, literals and the functions of a job's state.
func (r *workflowRun) eval(e string) string {
	r.t.Helper()
	if all := strings.Split(e, "&&"); len(all) > 1 {
		return fmt.Sprint(!slices.ContainsFunc(all, func(term string) bool { return r.eval(term) != "true" }))
	}
	if a, b, ok := strings.Cut(e, "!="); ok {
		return fmt.Sprint(r.eval(a) != r.eval(b))
	}
	if a, b, ok := strings.Cut(e, "=="); ok {
		return fmt.Sprint(r.eval(a) == r.eval(b))
	}
	if a, b, ok := strings.Cut(e, "||"); ok {
		if value := r.eval(a); value != "" {
			return value
		}
		return r.eval(b)
	}
	e = strings.TrimSpace(e)
	switch {
	case strings.HasPrefix(e, "'") && strings.HasSuffix(e, "'"):
		return strings.Trim(e, "'")
	case e == "always()":
		return "true"
	case e == "failure()":
		return r.context["failed"]
	case e == "success()":
		return fmt.Sprint(r.context["failed"] != "true")
	case !regexp.MustCompile(`^(vars|github|steps|inputs|runner)\.[A-Za-z0-9_.]+$`).MatchString(e):
		r.t.Fatalf("unknown expression %q", e)
	}
	return r.context[e]
}

// ghScript is the gh of the tests. It keeps in $GH_WORLD what GitHub would, asks for
// the permissions that GitHub asks for, and knows no call that the workflows do not make.
const ghScript = `#!/usr/bin/env bash
set -euo pipefail
fail() { echo "gh: $1" >&2; exit 1; }
may() { case " $GRANTED " in *" $1:write "* | *" $1:$2 "*) ;; *) fail "HTTP 403: Resource not accessible by integration ($1: $2)" ;; esac; }
[ -n "${GH_TOKEN:-}" ] || fail "set GH_TOKEN"
cd "$GH_WORLD"
case "$1 $2" in
"run download")
  may actions read
  [ "$4 $5 $6 $7 $8" = "--repo acme/access --name access-plan --dir" ] || fail "unknown: $*"
  mkdir -p "$OLDPWD/$9"
  cp "artifacts/$3/access-plan/"* "$OLDPWD/$9/" ;;
api*)
  shift
  method=GET path= body=
  while [ $# -gt 0 ]; do
    case "$1" in
    --paginate) ;;
    --method) method=$2; shift ;;
    -F) case "$2" in body=@*) body=${2#body=@} ;; *) fail "unknown field $2" ;; esac; shift ;;
    repos/acme/access/*) path=${1#repos/acme/access/} ;;
    *) fail "unknown argument $1" ;;
    esac
    shift
  done
  case "$method $path" in
  GET\ issues/*/comments) may pull-requests read
    number=${path#issues/}; number=${number%/comments}
    cat "comments-$number" 2>/dev/null || echo '[]' ;;
  POST\ issues/*/comments) may pull-requests write
    number=${path#issues/}; number=${number%/comments}
    [ -f "comments-$number" ] || echo '[]' > "comments-$number"
    jq --rawfile body "$body" '. + [{id: (100 + length), user: {login: "github-actions[bot]"}, body: $body}]' "comments-$number" > new
    mv new "comments-$number"; echo '{}' ;;
  PATCH\ issues/comments/*) may pull-requests write
    for file in comments-*; do
      jq --rawfile body "$body" --argjson id "${path##*/}" 'map(if .id == $id then .body = $body else . end)' "$file" > new
      mv new "$file"
    done; echo '{}' ;;
  GET\ actions/workflows/access-plan.yml/runs\?event=pull_request\&status=success\&head_sha=*) may actions read
    cat "run-${path##*=}" 2>/dev/null || echo '{"workflow_runs": []}' ;;
  GET\ commits/*/pulls) may pull-requests read
    sha=${path#commits/}; cat "pulls-${sha%/pulls}" 2>/dev/null || echo '[]' ;;
  *) fail "unknown: $method $path" ;;
  esac ;;
*) fail "unknown: $*" ;;
esac
`

// goScript is the go of the tests: brickgate is installed already.
const goScript = `#!/usr/bin/env bash
[ "$*" = "install github.com/brickgate/brickgate/cmd/brickgate@v1.2.3" ] || { echo "go: unknown: $*" >&2; exit 1; }
`
