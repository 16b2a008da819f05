package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// rights draws what the robot may do in a world, directly and through groups, and
// documents that give to and take from the robot and these groups.
type rights struct{ *rapid.T }

// groups that the robot may be in. Two are managed by documents.
var robotGroups = []string{"group:grp_one_dev", "group:grp_two_dev", "group:AAD-Auditors"}

func (r rights) yes(what string) bool { return r.IntRange(0, 2, what) == 0 }

func (r rights) IntRange(from, to int, what string) int {
	return rapid.IntRange(from, to).Draw(r.T, what)
}

// who is the robot, a group, or somebody else.
func (r rights) who(what string) string {
	return rapid.SampledFrom(append([]string{robot, robot, "user:bob@example.com"}, robotGroups...)).Draw(r.T, what)
}

// world draws the live side.
func (r rights) world(st *sandbox.State) {
	sp := &st.Account.ServicePrincipals[slices.IndexFunc(st.Account.ServicePrincipals, func(sp sandbox.ServicePrincipal) bool { return sp.ApplicationID == robotID })]
	st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_one_dev"}, sandbox.Group{DisplayName: "grp_two_dev"})
	admin := r.IntRange(0, 3, "admin by")
	if admin > 0 {
		name := robotGroups[admin-1][len("group:"):]
		group(st, name).Roles = []string{"account_admin"}
		join(st, name, robot)
		if r.yes("admin by a group alone") {
			sp.Roles = nil
		}
	}
	for _, g := range robotGroups {
		name := g[len("group:"):]
		if r.yes("in "+name) && !slices.Contains(group(st, name).Members, robot) {
			join(st, name, robot)
		}
		if r.yes("assigned " + name) {
			ws := workspace(st, "dev/main")
			ws.Assignments = slices.DeleteFunc(ws.Assignments, func(a sandbox.Assignment) bool { return a.Principal == g || a.Principal == idOrName(st, g) })
			ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: g, Permissions: []string{rapid.SampledFrom([]string{"USER", "ADMIN"}).Draw(r.T, "as")}})
		}
	}
	if r.yes("nested") && !slices.Contains(group(st, "grp_two_dev").Members, "group:grp_one_dev") {
		join(st, "grp_two_dev", "group:grp_one_dev")
	}
	for _, name := range []string{"silver_dev", "silver_dev.sales", "silver_dev.sales.orders"} {
		if r.yes("owner of " + name) {
			securable(st, name).Owner = r.who("owner")
		}
		for _, p := range []string{"MANAGE", "USE_CATALOG", "USE_SCHEMA", "ALL_PRIVILEGES"} {
			if applies := p != "USE_CATALOG" || !strings.Contains(name, "."); applies && r.yes(p+" on "+name) && (p != "USE_SCHEMA" || strings.Count(name, ".") < 2) {
				also(st, name, r.who("to"), p)
			}
		}
	}
	ws := workspace(st, "dev/main")
	ws.Objects = append(ws.Objects, sandbox.Object{Type: "notebooks", Path: "/Shared/sales/load"})
	for _, o := range [][2]string{{"jobs", "sales-etl"}, {"directories", "/Shared/sales"}, {"notebooks", "/Shared/sales/load"}} {
		if who := r.who("manager of " + o[1]); r.yes("somebody manages "+o[1]) && who != "user:bob@example.com" {
			allowOn(st, o[0], o[1], who, "CAN_MANAGE")
		}
	}
}

// also adds a privilege to what somebody may have on a securable already.
func also(st *sandbox.State, name, ref, privilege string) {
	s := securable(st, name)
	for i := range s.Grants {
		if s.Grants[i].Principal == ref {
			s.Grants[i].Privileges = append(s.Grants[i].Privileges, privilege)
			return
		}
	}
	give(st, name, ref, privilege)
}

func idOrName(st *sandbox.State, ref string) string {
	for id, token := range tokens(st) {
		if token == ref && id != "" {
			return id
		}
	}
	return ref
}

// ref is a principal as documents name it.
func ref(token string) string {
	kind, name, _ := strings.Cut(token, ":")
	name = strings.TrimSuffix(name, "_dev")
	switch kind {
	case "sp":
		return "servicePrincipal: " + name
	case "user":
		return "user: " + name
	}
	return "group: " + name
}

// entries are a list of entries with a value, some of them absent.
func (r rights) entries(what, field string, values []string) string {
	var out []string
	for _, token := range append([]string{robot, "user:alice@example.com"}, robotGroups...) {
		switch v := rapid.SampledFrom(values).Draw(r.T, what+" "+token); r.IntRange(0, 3, what+" fate of "+token) {
		case 0:
			out = append(out, "{"+ref(token)+", "+fmt.Sprintf(field, v)+"}")
		case 1:
			out = append(out, "{"+ref(token)+", absent: true}")
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (r rights) members(group string) string {
	var out []string
	for _, token := range []string{robot, "user:alice@example.com", "group:grp_one_dev"} {
		switch fate := r.IntRange(0, 2, "member "+token); {
		case token == group || fate == 0:
		case fate == 1:
			out = append(out, "{"+ref(token)+"}")
		default:
			out = append(out, "{"+ref(token)+", absent: true}")
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (r rights) place(what string) string {
	return rapid.SampledFrom([]string{"", ", workspaces: {main: {permission: USER}}", ", workspaces: {main: {permission: ADMIN}}", ", workspaces: {main: {permission: ADMIN, entitlements: [workspace-access]}}", ", workspaces: {}"}).Draw(r.T, what)
}

func (r rights) roles(what string) string {
	return rapid.SampledFrom([]string{"", "", ", roles: []", ", roles: [account_admin]"}).Draw(r.T, what)
}

func (r rights) owner(what string) string {
	if r.yes(what) {
		return "owner: {" + ref(r.who(what+" is")) + "}, "
	}
	return ""
}

// documents draws the repository.
func (r rights) documents() string {
	out := []string{
		doc("ServicePrincipal", "spn_robot", `{applicationId: `+robotID+r.roles("own roles")+r.place("own place")+`}`),
		doc("Group", "grp_one", `{members: `+r.members("group:grp_one_dev")+r.roles("one")+r.place("one's place")+`}`),
		doc("Group", "grp_two", `{members: `+r.members("group:grp_two_dev")+r.roles("two")+r.place("two's place")+`}`),
		doc("Group", "AAD-Auditors", external+rapid.SampledFrom([]string{"}", ", workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}"}).Draw(r.T, "entitled")),
	}
	if r.yes("local group") {
		out = append(out, doc("Group", "grp_local", `{level: workspace, workspace: main, members: [{user: alice@example.com}]}`))
	}
	privileges := []string{"MANAGE", "USE_SCHEMA", "SELECT", "EXTERNAL_USE_SCHEMA", "ALL_PRIVILEGES"}
	for _, s := range []string{"catalog, name: \"{silver}\"", "schema, name: \"{silver}.sales\"", "table, name: \"{silver}.sales.orders\""} {
		allowed := privileges
		if strings.HasPrefix(s, "table") {
			allowed = []string{"MANAGE", "SELECT", "ALL_PRIVILEGES"}
		}
		if !r.yes("nothing on " + s) {
			out = append(out, doc("Grants", "g"+s[:3], `{securables: [{type: `+s+`}], authority: exact, `+r.owner("owner of "+s)+`grants: `+r.entries(s, "privileges: [%s]", allowed)+`}`))
		}
	}
	for i, o := range []string{"{type: jobs, name: sales-etl}", "{type: directories, path: /Shared/sales}", "{type: notebooks, path: /Shared/sales/load}"} {
		levels := []string{"CAN_READ", "CAN_MANAGE"}
		if i == 0 {
			levels[0] = "CAN_VIEW"
		}
		if r.yes("acl of " + o) {
			out = append(out, doc("Permissions", fmt.Sprint("o", i), `{objects: [`+o+`], authority: exact, permissions: `+r.entries(o, "level: %s", levels)+`}`))
		}
	}
	return docs(out...)
}

// Whatever the robot may do and whatever the plan gives and takes: if nothing is
// lacking the platform refuses nothing, and if something is, it refuses that.
func TestPreflightSaysWhatThePlatformDoes(t *testing.T) {
	t.Parallel()
	planned, lacked, taken := 0, 0, 0
	own := with(project, `catalogs: ["{silver}", "{gold}"]`, silverOnly, `{workspace: main, type: directories, path: /Shared/sales}`,
		`{workspace: main, type: directories, path: /Shared/sales}`+"\n"+`      - {workspace: main, type: notebooks, path: "/Shared/sales/*"}`)
	l := rightsLab(t, "USER", world, own, nil)
	first := l.State()
	rapid.Check(t, func(rt *rapid.T) {
		r := rights{rt}
		l.change(func(st *sandbox.State) { *st = *first })
		permission := rapid.SampledFrom([]string{"USER", "ADMIN"}).Draw(rt, "permission")
		l.change(func(st *sandbox.State) { assign(st, robot, permission); r.world(st) })
		st := l.State()
		seed := fmt.Sprintf("one: %s; two: %s; auditors: %s; catalog: %s %s; schema: %s %s", members(st, "grp_one_dev"), members(st, "grp_two_dev"), members(st, "AAD-Auditors"),
			tokens(st)[securable(st, "silver_dev").Owner], granted(st, "silver_dev"), tokens(st)[securable(st, "silver_dev.sales").Owner], granted(st, "silver_dev.sales"))
		l.put("access.yaml", r.documents())
		l.opts.Concurrency = rapid.SampledFrom([]int{1, 8}).Draw(rt, "at once")
		l.said = nil
		run, p, err := l.tryPlan()
		if err != nil {
			return // what cannot be read cannot be planned
		}
		denied, failed := l.denied(run, p)
		if len(failed) > 0 {
			return // a group that the workspace does not know, for one, ends in other ways
		}
		planned++
		lacks := map[plan.Key]bool{}
		for _, lack := range p.Lacks {
			lacks[lack.Key] = true
			if lack.TakenBy != (plan.Key{}) {
				taken++
			}
		}
		joins := slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return len(c.Added("member")) > 0 && c.Key.Target == "account" })
		switch {
		case joins && strings.Contains(strings.Join(l.said, ""), "Only the owner of Catalog"):
			return // whether a group that is joined on the way owns a catalog that is out of sight, nobody can tell
		case len(lacks) == 0 && len(denied) > 0:
			rt.Fatalf("nothing is lacking, and the platform refuses %v of\n%s\n%s\n%s", denied, show(p), l.said, seed)
		case len(lacks) > 0 && len(denied) == 0 && l.opts.Concurrency > 1:
			// Two changes that each take what the other needs can both slip through at once.
		case len(lacks) > 0 && len(denied) == 0:
			rt.Fatalf("the platform refuses nothing, and this is lacking:\n%sof\n%s", lacking(p), show(p))
		case len(lacks) > 0 && !lacks[denied[0]]:
			rt.Fatalf("the platform refuses %s first, and this is lacking:\n%sof\n%s", denied[0], lacking(p), show(p))
		case len(lacks) > 0:
			lacked++
		}
	})
	t.Logf("%d planned, %d of them lacked something, %d rights were taken on the way", planned, lacked, taken)
}
