package spec

// Project is the document in brickgate.yaml: where the environments are, what
// the repository owns, and the rules that hold in it.
type Project struct {
	Accounts         Map[Account]     `yaml:"accounts" doc:"the Databricks accounts, by a name of your choice"`
	Environments     Map[Environment] `yaml:"environments" spec:"required,nonempty" doc:"the environments, by name"`
	SharedPrincipals SharedPrincipals `yaml:"sharedPrincipals" doc:"the environment that manages principals whose live name has no suffix; or such an environment by account"`
	OtherSuffixes    []Text           `yaml:"otherSuffixes" doc:"suffixes of live names that belong to other repositories or to environments taken out"`
	Naming           Naming           `yaml:"naming" doc:"how groups and service principals are named"`
	Owns             Owns             `yaml:"owns" doc:"what this repository is authoritative for; nothing outside is ever removed"`
	External         External         `yaml:"external" doc:"principals that exist elsewhere, by live name; only read and referred to"`
	Layers           Map[Layer]       `yaml:"layers" doc:"who may read a layer of the lakehouse, and who approves it"`
	Roles            Map[RoleHolder]  `yaml:"roles" doc:"who holds the roles of the access model"`
	Access           Access           `yaml:"access" doc:"how long access lasts"`
	Adoption         Adoption         `yaml:"adoption" spec:"required" doc:"none, or the day until which access that is not declared is left alone everywhere"`
	Guards           Guards           `yaml:"guards" doc:"limits that stop an apply"`
	Rules            Map[Rule]        `yaml:"rules" doc:"the levels of built-in rules, by code"`
	Policies         []Policy         `yaml:"policies" doc:"rules of your own, in CEL"`
	Journal          Journal          `yaml:"journal" doc:"where what was applied is kept, beyond the machine that applied it"`
	Notify           []Map[Free]      `yaml:"notify" doc:"who is told of what"`
	Ignore           []Text           `yaml:"ignore" doc:"files and folders that hold no documents, as globs from this folder" example:"deploy/**"`

	Metadata Metadata `yaml:"-"`
	Pos      Pos      `yaml:"-"`
}

// Account is a Databricks account. Without host or id, the SDK's own chain
// supplies them.
type Account struct {
	Host Text `yaml:"host" doc:"the account console" example:"https://accounts.azuredatabricks.net"`
	ID   Text `yaml:"id" doc:"the id of the account" example:"6d5d1b3c-0000-0000-0000-000000000001"`
	Pos  Pos  `yaml:"-"`
}

// Workspace is a Databricks workspace. Without host and profile, the SDK's own
// chain supplies them.
type Workspace struct {
	Host         Text `yaml:"host" doc:"the address of the workspace" example:"https://adb-1.azuredatabricks.net"`
	Profile      Text `yaml:"profile" doc:"a profile of the Databricks configuration file, in place of host"`
	Warehouse    Text `yaml:"warehouse" doc:"the id of a SQL warehouse that may be used to read grants in bulk"`
	UnityCatalog bool `yaml:"unityCatalog" doc:"Unity Catalog is reached through this workspace"`
	Pos          Pos  `yaml:"-"`
}

// SharedPrincipals says which environment manages principals whose live name
// has no suffix: one, or one by account.
type SharedPrincipals struct {
	Environment Text
	ByAccount   Map[Text]
	Pos         Pos
}

// IsZero reports whether the field is absent.
func (s SharedPrincipals) IsZero() bool { return s.Pos.IsZero() }

// Naming holds the patterns of derived names and the conventions of declared
// ones.
type Naming struct {
	OwnerGroup           Text             `yaml:"ownerGroup" doc:"the group of a product's owners" example:"dp-{domain}-{product}-owner"`
	ConsumerGroup        Text             `yaml:"consumerGroup" doc:"the group of a product's consumers" example:"dp-{domain}-{product}-consumer"`
	Conventions          Conventions      `yaml:"conventions" doc:"regular expressions that names must match"`
	RequiredEntitlements Map[EntitleList] `yaml:"requiredEntitlements" doc:"entitlements that groups must have, by a glob of their names"`
}

// EntitleList is a list of entitlements.
type EntitleList []Text

// Conventions are regular expressions (RE2) for metadata.name.
type Conventions struct {
	Group            Text `yaml:"group" doc:"for names of groups" example:"^(grp|dp)[_-][a-z0-9_-]+$"`
	ServicePrincipal Text `yaml:"servicePrincipal" doc:"for names of service principals" example:"^spn?[_-]"`
}

// Owns lists what the repository is authoritative for. Names of principals are
// matched as the specs write them, before the suffix.
type Owns struct {
	Groups            []Text           `yaml:"groups" doc:"groups, by globs of their names without suffix"`
	ServicePrincipals []Text           `yaml:"servicePrincipals" doc:"service principals, by globs of their names without suffix"`
	ExternalGroups    []Text           `yaml:"externalGroups" doc:"synced groups, by globs of live names: their grants, ACL entries and entitlements, never their members"`
	Users             []Text           `yaml:"users" doc:"users, by globs of e-mails: their direct entries on what is owned"`
	Except            []Text           `yaml:"except" doc:"principals that are not owned although a glob above matches"`
	Catalogs          []OwnedCatalog   `yaml:"catalogs" doc:"catalogs with all that is in them; {layer} stands for that layer's catalogs"`
	Securables        []OwnedSecurable `yaml:"securables" doc:"further securables"`
	Objects           []OwnedObject    `yaml:"objects" doc:"objects of workspaces"`
	Assignments       bool             `yaml:"assignments" doc:"whether the assignments of owned groups and service principals to workspaces are owned"`
	Shared            []Text           `yaml:"shared" doc:"owned principals whose live name has no suffix, by globs"`
	ExceptSecurables  []Text           `yaml:"exceptSecurables" doc:"securables that are not owned although their catalog is, by globs of full names"`
}

// OwnedCatalog is a catalog that is owned with all that is in it, or down to
// its schemas only.
type OwnedCatalog struct {
	Name  Text `yaml:"name" spec:"required" doc:"the name of the catalog, a glob, or {layer}" example:"{gold}"`
	Depth Text `yaml:"depth" enum:"schema" doc:"schema: leave tables, volumes and functions alone that no document declares"`
	Pos   Pos  `yaml:"-"`
}

func (o *OwnedCatalog) short(text Text) error {
	o.Name = text
	return nil
}

// OwnedSecurable is a glob of securables of one type.
type OwnedSecurable struct {
	Type Text `yaml:"type" spec:"required" doc:"the type of the securable" example:"external_location"`
	Name Text `yaml:"name" spec:"required" doc:"a glob of full names" example:"abfss_sales_*"`
	Pos  Pos  `yaml:"-"`
}

// OwnedObject is a set of workspace objects of one type.
type OwnedObject struct {
	Workspace Text `yaml:"workspace" spec:"required" doc:"the workspace, or * for all" example:"main"`
	Type      Text `yaml:"type" spec:"required" doc:"the type of the objects" example:"warehouses"`
	Name      Text `yaml:"name" doc:"a glob of names"`
	Path      Text `yaml:"path" doc:"a path, or a glob of paths" example:"/Shared/sales"`
	Pos       Pos  `yaml:"-"`
}

// External lists principals that exist elsewhere.
type External struct {
	Groups            []Text    `yaml:"groups" doc:"globs of live names of groups"`
	ServicePrincipals Map[Text] `yaml:"servicePrincipals" doc:"application ids, by the name used in the specs"`
}

// Layer is a layer of the lakehouse.
type Layer struct {
	Consumers Text   `yaml:"consumers" enum:"none,explicit,read" doc:"who may read it: none, those whose entry names the layer, or every consumer"`
	Approval  []Text `yaml:"approval" doc:"the roles that approve access to it"`
	Pos       Pos    `yaml:"-"`
}

// RoleHolder is who holds a role: a principal, or any of several.
type RoleHolder struct {
	Group Text  `yaml:"group" doc:"a group whose members hold the role"`
	User  Text  `yaml:"user" doc:"a user, by e-mail"`
	AnyOf []Ref `yaml:"anyOf" spec:"nonempty" doc:"any of these"`
	Pos   Pos   `yaml:"-"`
}

// Holders lists the principals that hold the role.
func (r RoleHolder) Holders() []Ref {
	if r.AnyOf != nil {
		return r.AnyOf
	}
	return []Ref{{User: r.User, Group: r.Group, Pos: r.Pos}}
}

// Adoption is the time in which nothing undeclared is removed: none, or until
// a day.
type Adoption struct {
	Until When `yaml:"until" spec:"required" doc:"the last day on which undeclared access is left alone"`
	Pos   Pos  `yaml:"-"`
}

// Rule sets the level of a built-in rule.
type Rule struct {
	Level  Text `yaml:"level" spec:"required" enum:"error,warn,off" doc:"error, warn, or off (which needs a reason; quote it)"`
	Reason Text `yaml:"reason" doc:"why the rule does not hold here"`
	Pos    Pos  `yaml:"-"`
}

// Policy is a rule of the repository's own.
type Policy struct {
	Name    Text    `yaml:"name" spec:"required,name" doc:"the name of the rule"`
	Over    Text    `yaml:"over" enum:"facts,changes" doc:"facts (default): what is declared and in force; changes: each value that a plan adds or removes"`
	When    Passage `yaml:"when" spec:"required" doc:"a CEL expression over a fact or a change; true is a finding" example:"principal.startsWith(\"user:\")"`
	Message Passage `yaml:"message" spec:"required" doc:"what to tell; {principal} and the other variables are filled in"`
	Level   Text    `yaml:"level" enum:"error,warn" doc:"error (default) or warn"`
	Pos     Pos     `yaml:"-"`
}
