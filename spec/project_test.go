package spec

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fullProject is a Project that has every key.
func fullProject(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/project.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestProjectDecodesEveryKey(t *testing.T) {
	p := mustLoad(t, write(t, projectFile, fullProject(t))).Project
	texts := func(list []Text) string {
		var values []string
		for _, v := range list {
			values = append(values, v.Value)
		}
		return strings.Join(values, " ")
	}
	dev, _ := p.Environments.Get("dev")
	main, _ := dev.Workspaces.Get("main")
	gold, _ := dev.Catalogs.Get("gold")
	vp, _ := p.Roles.Get("vp_engineering")
	tableau, _ := p.External.ServicePrincipals.Get("sp-tableau")
	training, _ := p.Rules.Get("BG214")
	short, _ := p.Rules.Get("BG101")
	retries, _ := p.Notify[0].Get("retries")
	required, _ := p.Naming.RequiredEntitlements.Get("grp_*")
	account, _ := dev.AccountConfig()
	for name, tt := range map[string]struct{ got, want string }{
		"account":        {account.ID.Value, "6d5d1b3c-0000-0000-0000-000000000001"},
		"environments":   {strings.Join(p.Environments.Keys(), " "), "dev prd"},
		"environment":    {dev.Name, "dev"},
		"host":           {main.Host.Value, "https://adb-1.azuredatabricks.net"},
		"catalogs":       {texts(gold), "gold_dev gold_restricted_dev"},
		"naming":         {p.Naming.OwnerGroup.Value, "dp-{domain}-{product}-owner"},
		"entitlements":   {texts(required), "workspace-access"},
		"owned catalogs": {p.Owns.Catalogs[0].Name.Value + p.Owns.Catalogs[1].Depth.Value, "{bronze}schema"},
		"owned at":       {p.Owns.Catalogs[1].Pos.String(), "brickgate.yaml:34:28"},
		"external":       {tableau.Value, "cccccccc-0000-0000-0000-000000000001"},
		"role":           {vp.Holders()[1].Name(), "deputy@example.com"},
		"adoption":       {p.Adoption.Until.String(), "2026-06-30"},
		"guards":         {p.Guards.MaxRemovals.PerProduct.String(), "25%"},
		"rule":           {training.Level.Value + ": " + training.Reason.Value, "warn: until the training records are imported"},
		"short rule":     {short.Level.Value, "error"},
		"policy":         {p.Policies[0].Name.Value + " over " + p.Policies[0].Over.Value, "no-direct-user-grants over facts"},
		"ignore":         {texts(p.Ignore), "deploy/** .*.yml"},
		"span":           {p.Access.ReviewEvery.String(), "3mo"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %q, want %q", name, tt.got, tt.want)
		}
	}
	if retries.Value != 3 || !main.UnityCatalog || !p.Owns.Assignments {
		t.Errorf("retries %v, unityCatalog %v, assignments %v", retries.Value, main.UnityCatalog, p.Owns.Assignments)
	}
}

func TestProjectDefaultsAreThoseOfTheContract(t *testing.T) {
	p := mustLoad(t, write(t, projectFile, strings.Replace(smallProject, "adoption: none",
		"adoption: none\n  access: {emergency: {}, standard: {maxDuration: 90d}}\n  guards: {maxDeletes: 0}", 1))).Project
	a, g := p.Access, p.Guards
	got := []string{
		a.Timezone.Value, a.Standard.DefaultDuration.String(), a.Standard.MaxDuration.String(),
		a.Temporary.MaxDuration.String(), a.Emergency.MaxDuration.String(), a.Emergency.ApprovalWithin.String(),
		a.Emergency.PostMortemWithin.String(), a.Emergency.MayStart[0].Value, a.InactiveAfter.String(),
		a.NoticeBefore.String(), a.ReviewEvery.String(), a.PIIRecertifyEvery.String(), a.ApprovalWithin.String(),
		a.RequireExpiry[0].Value, g.MaxRemovals.PerObject.String(), g.MaxRemovals.PerProduct.String(), g.MaxRemovals.PerRun.String(),
	}
	want := []string{"UTC", "90d", "90d", "30d", "24h", "4h", "14d", "platform_team", "90d",
		"7d", "3mo", "12mo", "2bd", "consumers", "50%", "25%", "5%"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	numbers := []int{g.MaxRemovals.Absolute.Value, g.SmallSets.Value, g.MaxDeletes.Value, g.MinAdmins.Account.Value, g.MinAdmins.Workspace.Value}
	if diff := cmp.Diff([]int{200, 10, 0, 2, 2}, numbers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a.Location() != time.UTC {
		t.Errorf("the zone is %s", a.Location())
	}
	for layer, want := range map[string]string{"bronze": "none", "silver": "explicit", "gold": "read"} {
		if l, ok := p.Layer(layer); !ok || l.Consumers.Value != want {
			t.Errorf("consumers of %s: %q, want %q", layer, l.Consumers.Value, want)
		}
	}
	if _, ok := p.Layer("platinum"); ok {
		t.Error("platinum is a layer")
	}
}

func TestEmergencyAccessIsAbsentUnlessDeclared(t *testing.T) {
	if p := mustLoad(t, small(t)).Project; !p.Access.Emergency.IsZero() {
		t.Error("a Project without emergency has it")
	}
}

func TestProjectMistakes(t *testing.T) {
	full := fullProject(t)
	for name, tt := range map[string]struct {
		old, new string // a replacement in the full Project
		want     string // how the mistake ends, after brickgate.yaml:
	}{
		"no adoption":             {"  adoption: {until: 2026-06-30}\n", "", `5:3: the field "adoption" is missing`},
		"another adoption":        {"{until: 2026-06-30}", "later", `66:13: write none, or {until: 2026-06-30}`},
		"unknown account":         {"account: main\n      suffix: _prd", "account: mian\n      suffix: _prd", `16:16: unknown account "mian" (did you mean "main"?); known: main`},
		"equal suffixes":          {"suffix: _prd", "suffix: _dev", `17:15: environments "dev" and "prd" of account "main" have the same suffix "_dev"; give each its own`},
		"no suffixes":             {"      suffix: _dev\n", "", `8:5: environment "dev" has no suffix, so it must be sharedPrincipals of account "main"`},
		"empty suffix not shared": {"suffix: _dev", `suffix: ""`, `10:15: environment "dev" has no suffix, so it must be sharedPrincipals of account "main"`},
		"one workspace twice":     {"adb-2.azuredatabricks.net", "ADB-1.azuredatabricks.net/", `13:22: workspace "ml" of environment "dev" is workspace "main" of environment "dev" (host https://adb-1.azuredatabricks.net at brickgate.yaml:12:22)`},
		"a workspace twice":       {"{profile: prd}", `{host: "https://adb-2.azuredatabricks.net"}`, `19:22: workspace "main" of environment "prd" is workspace "ml" of environment "dev" (host https://adb-2.azuredatabricks.net at brickgate.yaml:13:22)`},
		"two without a host":      {"{profile: prd}", "{}\n        ml: {}", `20:9: workspaces "main" and "ml" of environment "prd" name neither host nor profile; only one can`},
		"http":                    {"https://adb-2", "http://adb-2", `13:22: "http://adb-2.azuredatabricks.net" is not https; a token is never sent without`},
		"a host without scheme":   {`"https://adb-2.azuredatabricks.net"`, "adb-2.azuredatabricks.net", `13:22: "adb-2.azuredatabricks.net" is not the address of a host; write https://…`},
		"a host with a path":      {"https://accounts.azuredatabricks.net", "https://accounts.azuredatabricks.net/x?o=1", `6:18: "https://accounts.azuredatabricks.net/x?o=1" has more than a host; write https://accounts.azuredatabricks.net`},
		"a reserved workspace":    {"        ml:   {host", "        metastore: {host", `13:9: "metastore" cannot name a workspace: it has a meaning of its own`},
		"a name with a slash":     {"        ml:   {host", "        a/b: {host", `13:9: "a/b" cannot name a workspace; use letters, digits, - and _`},
		"one catalog twice":       {"gold: Gold_Prd", "gold: SILVER_dev", `20:64: catalog "SILVER_dev" is that of layer "silver" in environment "dev" already (brickgate.yaml:14:46)`},
		"a catalog called layer":  {"gold: Gold_Prd", "gold: bronze", `20:64: "bronze" is a catalog of layer "gold" and also the name of a layer`},
		"a layer without catalog": {"gold: Gold_Prd", "gold: []", `20:58: layer "gold" has no catalog`},
		"an unknown shared":       {"sharedPrincipals: prd", "sharedPrincipals: prod", `21:21: unknown environment "prod" (did you mean "prd"?); known: dev, prd`},
		"shared by account":       {"sharedPrincipals: prd", "sharedPrincipals: {mian: prd}", `21:22: unknown account "mian" (did you mean "main"?); known: main|21:28: environment "prd" is not of account "mian"`},
		"another's own suffix":    {"[_tst]", "[_tst, _dev]", `22:25: "_dev" is the suffix of environment "dev"`},
		"an unknown layer":        {`"{bronze}"`, `"{platinum}"`, `34:16: unknown placeholder "{platinum}"; known: {bronze}, {env}, {gold}, {silver}`},
		"an unknown placeholder":  {"{silver}.staging_*", "{sliver}.staging_*", `39:24: unknown placeholder "{sliver}" (did you mean "{silver}"?); known: {bronze}, {env}, {gold}, {silver}`},
		"a bad regexp":            {"^spn?[_-]", "^spn?[_-", "26:73: not a regular expression: missing closing ]: `[_-`"},
		"a bad glob":              {"deploy/**", "deploy/[", `79:12: "deploy/[" is not a glob; write names of files and folders with *, ** and ?`},
		"a bad zone":              {"timezone: UTC", "timezone: Mars/Base", `54:15: unknown time zone "Mars/Base"; write one like UTC or Europe/Berlin`},
		"a zone of the machine":   {"timezone: UTC", "timezone: Local", `54:15: unknown time zone "Local"; write one like UTC or Europe/Berlin`},
		"an unknown pinned":       {"requirePinned: [prd]", "requirePinned: [prod]", `73:21: unknown environment "prod" (did you mean "prd"?); known: dev, prd`},
		"an unknown consumer env": {"consumerEnvironments: [prd]", "consumerEnvironments: [qa]", `59:28: unknown environment "qa"; known: dev, prd`},
		"too many percent":        {"perRun: 5%", "perRun: 500%", `68:60: 500% is more than 100%`},
		"off without reason":      {"BG101: error", `BG101: "off"`, `74:91: a rule that is off needs a reason; write {level: "off", reason: …}`},
		"an unknown level":        {"BG101: error", `BG101: fatal`, `74:91: unknown level "fatal"; known: error, off, warn`},
		"no rule":                 {"BG101: error", "XY1: error", `74:84: "XY1" is no code of a built-in rule; they look like BG214`},
		"an unknown role":         {"[vp_engineering]", "[vp_enginering]", `57:46: unknown role "vp_enginering" (did you mean "vp_engineering"?); known: data_steward, domain_owner, manager, platform_team, privacy_team, security_team, vp_engineering`},
		"a role of nobody":        {"{group: grp_privacy}", "{}", `50:21: a role is held by group:, user: or anyOf:, exactly one of them`},
		"an unknown workspace":    {"{workspace: main, type", "{workspace: mian, type", `36:27: unknown workspace "mian" (did you mean "main"?); known: main, ml`},
		"an object by nothing":    {`, name: "bi*"}`, "}", `36:15: an owned object needs name: or path:`},
		"no product in a name":    {"dp-{domain}-{product}-owner", "dp-{domain}-owner", `24:20: "dp-{domain}-owner" must hold {product}, may hold {domain}, and no other placeholder`},
		"an entitlement":          {"[workspace-access]", "[workspace-acces]", `27:38: unknown entitlement "workspace-acces" (did you mean "workspace-access"?); known: allow-cluster-create, allow-instance-pool-create, databricks-sql-access, workspace-access, workspace-consume`},
		"an object by both":       {`name: "bi*"}`, `name: "bi*", path: /x}`, `36:70: an owned object has name: or path:, not both`},
		"a relative path":         {"path: /Shared/sales", "path: Shared/sales", `36:107: the path "Shared/sales" does not begin with /`},
		"an unclosed segment":     {`"{silver}.staging_*"`, "\"{silver}.`staging\"", "39:24: \"{silver}.`staging\" has a backtick that is not closed"},
		"an empty profile":        {"profile: prd", `profile: ""`, `19:25: the profile is empty`},
		"a policy like a rule":    {"name: no-direct-user-grants", "name: BG101", `76:14: "BG101" is the code of a built-in rule; call the policy something else`},
		"a policy twice":          {"  notify:", "    - {name: no-direct-user-grants, when: 'true', message: m}\n  notify:", `77:14: policy "no-direct-user-grants" is declared twice; first at brickgate.yaml:76:14`},
		"an approver of no name":  {"{group: grp_privacy}", "{user: privacy}", `50:28: "privacy" is not an e-mail; a user is named by e-mail`},
		"an unknown layer there":  {"layers: [bronze, silver, gold]", "layers: [platinum]", `57:142: unknown layer "platinum"; known: bronze, gold, silver`},
		"one group for both":      {"dp-{domain}-{product}-consumer", "dp-{domain}-{product}-owner", `25:20: owners and consumers cannot share one group`},
		"a layer of private data": {"    bronze: {consumers", "    silver-pii: {consumers: none}\n    bronze: {consumers", `44:5: "silver-pii" cannot name a layer: its consumers would share the group of those who read personal data of silver`},
		"private data":            {"    bronze: {consumers", "    pii: {consumers: none}\n    bronze: {consumers", `44:5: "pii" cannot name a layer: its consumers would share the group of those who read personal data of gold`},
		"a default too long":      {"maxDuration: 365d}", "maxDuration: 6mo}", `55:34: the default of 365d is longer than the maximum of 6mo`},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(full, tt.old) {
				t.Fatalf("%q is not in the Project", tt.old)
			}
			got := mistakes(t, write(t, projectFile, strings.Replace(full, tt.old, tt.new, 1)))
			text := strings.ReplaceAll(strings.Join(got, "|"), "|brickgate.yaml:", "|")
			if text != "brickgate.yaml:"+tt.want {
				t.Errorf("got\n%s\nwant\n%s", text, "brickgate.yaml:"+tt.want)
			}
		})
	}
}
