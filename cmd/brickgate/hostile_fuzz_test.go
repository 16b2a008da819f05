package main

import (
	"encoding/json"
	"flag"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// hostile are names that somebody may choose who wants more than a name.
var hostile = []string{
	"plain", "O'Brien", `say "hi"`, `a\b`, `a" or id pr or displayName eq "b`, "x'; DROP TABLE orders; --", "../../admins", "a/b", "a%2Fb", "100%", "%00",
	"a b", " a", "a?b=c&d", "a#b", "{gold}.x", "a.b", "`a`", "*", "\x1b[31mred", "a\nb", "a\r\n::error::x", "::warning::x", "##vso[task.setvariable]x", "###[error]x", "####vso[task]x", "a\tb",
	"\u202egnp.exe", "a\u200bb", "\u2066a\u2069", "grp_d\u0435coy", "grp_deco\u0443", "K", "İ", "e\u0301", "\u00e9", "\x00", "\xff\xfe", "~", "null", "true", "2026-12-31",
	"users", "admins", "account users", "user:alice@example.com", "group:x", "sp:x", "-rf", "$(id)", "a;b", "a,b", "\ufeffa", "\U000e0041a", strings.Repeat("a", 300),
	"decoy?x=y", "decoy#x", "decoy%3Fx", "decoy%00", "../gold.sales.decoy",
}

// role is what bears a hostile name.
type role uint8

const (
	theGroup role = iota
	theServicePrincipal
	theTable
	theUser
	theReason
	theFile
	theProject
	theWarehouse
	theStranger // a group that nobody declares, and is in one that is
	roles
)

// What is tried without fuzzing is a flag:
//
//	go test ./cmd/brickgate -run FuzzNames              each name in one role
//	go test ./cmd/brickgate -run FuzzNames -names=all   each name in each role
var tried = flag.String("names", "sample", "in which roles the hostile names are tried: sample or all")

// FuzzNames takes a hostile name from the document through plan, saved plan,
// apply and journal: it is refused with its place, or it is the name of exactly
// what bears it. Nothing else is asked for or changed, and no output obeys it.
func FuzzNames(f *testing.F) {
	for i, name := range hostile {
		for r := range roles {
			if *tried == "all" || int(r) == i%int(roles) {
				f.Add(uint8(r), name)
			}
		}
	}
	f.Fuzz(func(t *testing.T, r uint8, name string) {
		bears := theBearer(t, role(r)%roles, name)
		if bears == nil {
			t.Skip("there can be no such name on the platform")
		}
		bears.throughAll()
	})
}

// bearer is a repository and a platform in which something has a hostile name.
type bearer struct {
	*estate
	names  map[role]string
	before string // the world
	web    *httptest.Server
}

// text writes a name as YAML.
func text(name string) string {
	data := must(json.Marshal(name))
	return string(data)
}

func theBearer(t *testing.T, r role, name string) *bearer {
	t.Helper()
	names := map[role]string{
		theGroup: "grp_it", theServicePrincipal: "spn_it", theTable: "orders", theUser: "eve@example.com", theReason: "annual report",
		theFile: "access", theProject: "project", theWarehouse: "bi", theStranger: "grp_stranger",
	}
	names[r] = string([]rune(name)) // as JSON and YAML have what is no UTF-8
	if r == theFile {
		names[r] = name
	}
	seed, err := sandbox.Parse([]byte(seedOf(names)))
	if err != nil {
		return nil
	}
	server, err := sandbox.New(seed, sandbox.Options{Knobs: sandbox.Knobs{PageSize: 3}}) // so that users are asked for by filters
	if err != nil {
		return nil
	}
	b := &bearer{estate: &estate{t: t, server: server, dir: t.TempDir()}, names: names, before: worldOf(server.State())}
	file := names[theFile] + ".yaml"
	if strings.ContainsAny(file, "/\x00") || len(file) > 200 || os.WriteFile(filepath.Join(b.dir, file), []byte(accessOf(names)), 0o644) != nil {
		return nil
	}
	if err := os.WriteFile(filepath.Join(b.dir, "brickgate.yaml"), []byte(projectOf(names)), 0o644); err != nil {
		t.Fatal(err)
	}
	b.web = newPlatform(server)
	t.Cleanup(b.web.Close)
	for name, value := range map[string]string{"HOME": t.TempDir(), "DATABRICKS_HOST": b.web.URL, "DATABRICKS_TOKEN": server.Token(), "DATABRICKS_ACCOUNT_ID": server.AccountID()} {
		t.Setenv(name, value)
	}
	return b
}

func seedOf(names map[role]string) string {
	return `
format: 1
caller: admin@example.com
account:
  users:
    - {userName: admin@example.com}
    - {userName: alice@example.com}
    - {userName: ` + text(names[theUser]) + `}
    - {userName: u1@example.com}
    - {userName: u2@example.com}
    - {userName: u3@example.com}
    - {userName: u4@example.com}
    - {userName: u5@example.com}
    - {userName: u6@example.com}
    - {userName: u7@example.com}
    - {userName: u8@example.com}
    - {userName: u9@example.com}
  groups:
    - {displayName: grp_decoy, members: ["user:u1@example.com"]}
    - {displayName: ` + text(names[theStranger]) + `}
    - {displayName: grp_full, members: [` + text("group:"+names[theStranger]) + `]}
metastore: {name: main, owner: "user:admin@example.com"}
securables:
  - {type: catalog, name: gold}
  - {type: schema, name: gold.sales}
  - {type: table, name: gold.sales.decoy}
  - {type: table, name: ` + text("gold.sales."+names[theTable]) + `}
workspaces:
  - id: 1001
    name: dev/main
    objects:
      - {type: warehouses, id: 1a2b3c4d5e6f7a80, name: decoy, creator: "user:admin@example.com", acl: [{principal: "user:admin@example.com", level: IS_OWNER}]}
      - {type: warehouses, id: 1a2b3c4d5e6f7a81, name: ` + text(names[theWarehouse]) + `, creator: "user:admin@example.com", acl: [{principal: "user:admin@example.com", level: IS_OWNER}]}
`
}

func projectOf(names map[role]string) string {
	return `
apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: ` + text(names[theProject]) + `}
spec:
  accounts: {main: {}}
  environments:
    dev: {account: main, workspaces: {main: {unityCatalog: true}}}
  owns: {groups: ["*"], users: ["*"], servicePrincipals: ["*"], catalogs: [gold], objects: [{workspace: main, type: warehouses, name: "*"}], assignments: true}
  adoption: none
`
}

func accessOf(names map[role]string) string {
	return `
apiVersion: brickgate.dev/v1
kind: Group
metadata: {name: grp_it}
spec:
  displayName: ` + text(names[theGroup]) + `
  members:
    - user: alice@example.com
    - {user: ` + text(names[theUser]) + `, justification: ` + text(names[theReason]) + `}
  workspaces: {main: {permission: USER}}
---
apiVersion: brickgate.dev/v1
kind: Group
metadata: {name: grp_full}
spec: {members: [{user: alice@example.com}]}
---
apiVersion: brickgate.dev/v1
kind: ServicePrincipal
metadata: {name: spn_it}
spec: {displayName: ` + text(names[theServicePrincipal]) + `}
---
apiVersion: brickgate.dev/v1
kind: Permissions
metadata: {name: bi}
spec: {objects: [{type: warehouses, name: ` + text(names[theWarehouse]) + `}], permissions: [{group: grp_it, level: CAN_USE}]}
---
apiVersion: brickgate.dev/v1
kind: Grants
metadata: {name: it}
spec: {securables: [{type: table, name: ` + text("gold.sales."+names[theTable]) + `}], grants: [{group: grp_it, privileges: [SELECT]}]}
`
}

// call runs a command, and looks at all that it says.
func (b *bearer) call(args ...string) (code int, out, errs string) {
	b.t.Helper()
	code, out, errs = called(b.t, args...)
	b.tame(args[0]+" stdout", out)
	b.tame(args[0]+" stderr", errs)
	return code, out, errs
}

// command is what a runner of GitHub or Azure obeys.
var command = regexp.MustCompile(`(?m)^\s*::|##\[|##vso\[`)

// tame expects nothing in a text that a terminal or a runner obeys.
func (b *bearer) tame(what, text string) {
	b.t.Helper()
	if i := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && steers(c) }); i >= 0 {
		b.t.Errorf("%s steers a terminal at %d: %q", what, i, text)
	}
	if command.MatchString(text) {
		b.t.Errorf("%s gives a command to a runner: %q", what, text)
	}
}

var placed = regexp.MustCompile(`(?m)^.+\.yaml:\d+:\d+: |^brickgate.yaml:\d+:\d+: `)

func (b *bearer) throughAll() {
	if code, _, errs := b.call("validate", b.dir); code == exitError {
		if !placed.MatchString(errs) {
			b.t.Errorf("refused without a place: %q", errs)
		}
		return
	}
	file := filepath.Join(b.t.TempDir(), "it.plan")
	code, out, errs := b.call("plan", "--out", file, b.dir)
	if code != exitOK {
		b.unplanned(out, errs)
		return
	}
	for _, args := range [][]string{
		{"plan", "-o", "json", b.dir}, {"apply", "--yes", "--allow", "lastOwner=no", "-C", b.dir, file}, {"apply", "--yes", "-C", b.dir, file},
		{"history", "-C", b.dir}, {"history", "-o", "json", "-C", b.dir}, {"journal", "verify", "-C", b.dir},
	} {
		code, out, errs = b.call(args...)
		if code != exitOK && !slices.Contains(args, "--allow") {
			b.t.Errorf("%q: exit code %d\n%s%s", args, code, out, errs)
		}
	}
	for _, name := range []string{file, filepath.Join(b.dir, filepath.FromSlash(journalFile))} {
		data, err := os.ReadFile(name)
		if err != nil {
			b.t.Fatal(err)
		}
		b.tame(filepath.Base(name), string(data))
	}
	if code, out, errs := b.call("plan", "--detailed-exitcode", b.dir); code != exitOK {
		b.t.Errorf("the plan afterwards: exit code %d\n%s%s", code, out, errs)
	}
	b.asked()
	b.changed()
	b.written()
}

// unplanned expects that nothing was done, and that it was said why.
func (b *bearer) unplanned(out, errs string) {
	b.t.Helper()
	if errs == "" && out == "" {
		b.t.Error("refused without a word")
	}
	b.asked()
	if after := worldOf(b.server.State()); after != b.before {
		b.t.Errorf("refused, and changed:\n%s", lineDiff(b.before, after))
	}
}

// asked expects that every request named something that there is: by an id, or by
// a name as a whole.
func (b *bearer) asked() {
	b.t.Helper()
	st := b.server.State()
	users := map[string]bool{}
	for _, u := range st.Account.Users {
		users[strings.ToLower(u.UserName)] = true
	}
	for _, r := range b.server.Requests() {
		if r.Status >= 400 && !ofTheLock(r.Path) {
			b.t.Errorf("%s %q?%s: %d", r.Method, r.Path, r.Query, r.Status)
		}
		query, err := url.ParseQuery(r.Query)
		if err != nil {
			b.t.Errorf("%s %q?%s: %v", r.Method, r.Path, r.Query, err)
		}
		rest := quoted.ReplaceAllStringFunc(query.Get("filter"), func(q string) string {
			name := strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(q[1 : len(q)-1])
			if !users[strings.ToLower(name)] {
				b.t.Errorf("asked for %q", name)
			}
			return "it"
		})
		if left := strings.Trim(strings.ReplaceAll(rest, "userName eq it", ""), " or"); left != "" {
			b.t.Errorf("the filter %q has %q", query.Get("filter"), left)
		}
		if full, ok := strings.CutPrefix(r.Path, "/api/2.1/unity-catalog/permissions/table/"); ok &&
			!slices.ContainsFunc(st.Securables, func(s sandbox.Securable) bool { return s.Name == full }) {
			b.t.Errorf("asked for the table %q", full)
		}
	}
}

// changed expects what the documents say to have come about, and nothing else.
func (b *bearer) changed() {
	b.t.Helper()
	seed, err := sandbox.Parse([]byte(seedOf(b.names)))
	if err != nil {
		b.t.Fatal(err)
	}
	server, err := sandbox.New(seed, sandbox.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := server.Change(b.declared); err != nil {
		b.t.Fatal(err)
	}
	if diff := lineDiff(worldOf(server.State()), worldOf(b.server.State())); diff != "" {
		b.t.Errorf("the world is not as declared (-want +got):\n%s", diff)
	}
}

// declared makes a state as the documents want it.
func (b *bearer) declared(st *sandbox.State) {
	it := "group:" + b.names[theGroup]
	for i := range st.Account.Groups {
		if g := &st.Account.Groups[i]; g.DisplayName == "grp_full" {
			g.Members = []string{"user:alice@example.com"}
		}
	}
	st.Account.Groups = append(st.Account.Groups, sandbox.Group{
		DisplayName: b.names[theGroup], Members: []string{"user:alice@example.com", "user:" + b.names[theUser]},
	})
	st.Account.ServicePrincipals = append(st.Account.ServicePrincipals, sandbox.ServicePrincipal{DisplayName: b.names[theServicePrincipal], Active: new(true)})
	for i := range st.Securables {
		if s := &st.Securables[i]; s.Type == "table" && s.Name != "gold.sales.decoy" {
			s.Grants = []sandbox.Grant{{Principal: it, Privileges: []string{"SELECT"}}}
		}
	}
	w := &st.Workspaces[0]
	w.Assignments = append(w.Assignments, sandbox.Assignment{Principal: it, Permissions: []string{"USER"}})
	for i := range w.Objects {
		if o := &w.Objects[i]; o.ID == "1a2b3c4d5e6f7a81" {
			o.ACL = append(o.ACL, sandbox.ACLEntry{Principal: it, Level: "CAN_USE"})
		}
	}
}

// written expects no file but those that there are to be.
func (b *bearer) written() {
	b.t.Helper()
	err := filepath.WalkDir(b.dir, func(name string, d fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(b.dir, name); err == nil && !d.IsDir() && !strings.HasSuffix(rel, ".yaml") && filepath.ToSlash(rel) != journalFile {
			b.t.Errorf("there is a file %q", rel)
		}
		return err
	})
	if err != nil {
		b.t.Error(err)
	}
}
