package sandbox

// State is the whole world as one document. A seed is the same shape, written
// by hand: there ids may be missing and principals are named by reference
// (user:NAME, group:NAME, sp:APPLICATION_ID or sp:UNIQUE_DISPLAY_NAME). In the
// state of a Server every reference is the principal's numeric id, so that
// renames follow and a deletion leaves an orphan where the platform has one.
type State struct {
	Format int `json:"format"`
	// Snapshot tells a state that was read from a live account: of what it holds
	// something, and of what it does not.
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	// Caller is the user name or application id whose token Server.Token
	// returns. Seeding makes it account admin and admin of every workspace.
	Caller string `json:"caller,omitempty"`
	// NextID is the next free numeric id; zero marks a seed.
	NextID     int64       `json:"nextId,omitempty"`
	Account    Account     `json:"account"`
	Metastore  Metastore   `json:"metastore"`
	Securables []Securable `json:"securables,omitempty"`
	Workspaces []Workspace `json:"workspaces,omitempty"`
}

// Account holds the principals that all workspaces share. Its system group
// "account users" is among Groups; its members are computed, never stored.
type Account struct {
	ID                string             `json:"id,omitempty"`
	Users             []User             `json:"users,omitempty"`
	ServicePrincipals []ServicePrincipal `json:"servicePrincipals,omitempty"`
	Groups            []Group            `json:"groups,omitempty"`
}

// User is an account user. UserName is compared without regard to case.
type User struct {
	ID          string   `json:"id,omitempty"`
	UserName    string   `json:"userName"`
	DisplayName string   `json:"displayName,omitempty"`
	ExternalID  string   `json:"externalId,omitempty"`
	GivenName   string   `json:"givenName,omitempty"`
	FamilyName  string   `json:"familyName,omitempty"`
	Emails      []Email  `json:"emails,omitempty"`
	Active      *bool    `json:"active,omitempty"` // nil in a seed means true
	Roles       []string `json:"roles,omitempty"`
}

// Email is one address of a user.
type Email struct {
	Value   string `json:"value"`
	Type    string `json:"type,omitempty"`
	Primary bool   `json:"primary,omitempty"`
}

// ServicePrincipal is an account service principal; DisplayName is not unique.
type ServicePrincipal struct {
	ID            string   `json:"id,omitempty"`
	ApplicationID string   `json:"applicationId,omitempty"`
	DisplayName   string   `json:"displayName,omitempty"`
	ExternalID    string   `json:"externalId,omitempty"`
	Active        *bool    `json:"active,omitempty"` // nil in a seed means true
	Roles         []string `json:"roles,omitempty"`
}

// Group is an account group, or a workspace-local one where it stands in a
// Workspace. Entitlements are of workspace-local groups alone; those of account
// groups stand in Workspace.Entitlements.
type Group struct {
	ID           string   `json:"id,omitempty"`
	DisplayName  string   `json:"displayName"`
	ExternalID   string   `json:"externalId,omitempty"`
	Roles        []string `json:"roles,omitempty"`
	Entitlements []string `json:"entitlements,omitempty"`
	Members      []string `json:"members,omitempty"`
}

// Workspace is one workspace. Its system groups "admins" and "users" are among
// Groups: the stored members of "admins" come on top of the ADMIN assignments,
// those of "users" are computed from the assignments.
type Workspace struct {
	ID           int64         `json:"id,omitempty"`
	Name         string        `json:"name"` // {environment}/{workspace}
	Assignments  []Assignment  `json:"assignments,omitempty"`
	Groups       []Group       `json:"groups,omitempty"`
	Entitlements []Entitlement `json:"entitlements,omitempty"`
	// Deactivated are account principals that are inactive here alone.
	Deactivated []string `json:"deactivated,omitempty"`
	// Shown and Hidden are account principals that the workspace lists, or does not
	// list, although the rest of the state does not say why: a snapshot need not
	// hold the members of every group.
	Shown   []string `json:"shown,omitempty"`
	Hidden  []string `json:"hidden,omitempty"`
	Objects []Object `json:"objects,omitempty"`
}

// Assignment gives an account principal a workspace; Permissions are USER, ADMIN.
type Assignment struct {
	Principal   string   `json:"principal"`
	Permissions []string `json:"permissions"`
	Error       string   `json:"error,omitempty"` // what the platform reported of it, in a snapshot
}

// Entitlement is what an account principal has in one workspace: entitlements,
// and the roles (instance profiles) set through that workspace.
type Entitlement struct {
	Principal string   `json:"principal"`
	Values    []string `json:"values,omitempty"`
	Roles     []string `json:"roles,omitempty"`
}

// Object is a workspace object with an ACL. Type is the request_object_type of
// the permissions API ("jobs", "clusters", "directories", ...).
type Object struct {
	Type string `json:"type"`
	// ID is what the permissions API takes: a job id, a cluster id, the numeric
	// object id of a directory, the dashboard id, an app's name.
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Path is the place in the workspace tree, for what stands in it.
	Path string `json:"path,omitempty"`
	// ObjectID is the numeric tree id of what has an ID of its own beside it
	// (dashboards).
	ObjectID string     `json:"objectId,omitempty"`
	Creator  string     `json:"creator,omitempty"`
	ACL      []ACLEntry `json:"acl,omitempty"` // direct entries, IS_OWNER among them
	// Inherited are the entries from above as a snapshot found them. Those from an
	// object whose own entries it holds follow these instead.
	Inherited []InheritedEntry `json:"inherited,omitempty"`
	// Unlisted objects are in no list that a snapshot read.
	Unlisted bool `json:"unlisted,omitempty"`
	// Content is what a notebook or a file holds. The times, in milliseconds since
	// 1970, are of files that came through the API.
	Content    []byte `json:"content,omitempty"`
	CreatedAt  int64  `json:"createdAt,omitempty"`
	ModifiedAt int64  `json:"modifiedAt,omitempty"`
	// Deleted objects are kept where the platform goes on answering for them.
	Deleted bool `json:"deleted,omitempty"`
	// Fields are further fields of the object's own API, echoed as they came.
	Fields map[string]any `json:"fields,omitempty"`
}

// ACLEntry gives one principal one permission level.
type ACLEntry struct {
	Principal string `json:"principal"`
	Level     string `json:"level"`
}

// InheritedEntry is a level that a principal has on an object from another one.
type InheritedEntry struct {
	ACLEntry
	From string `json:"from,omitempty"` // the inherited_from_object; empty where nobody said
}

// Metastore is the one Unity Catalog metastore, attached to every workspace.
type Metastore struct {
	ID     string  `json:"id,omitempty"`
	Name   string  `json:"name,omitempty"`
	Owner  string  `json:"owner,omitempty"`
	Region string  `json:"region,omitempty"`
	Grants []Grant `json:"grants,omitempty"`
	// Fields are further fields of the metastore's API, echoed as they came.
	Fields map[string]any `json:"fields,omitempty"`
}

// Securable is a Unity Catalog securable below the metastore. Type is the
// lower-case securable type ("catalog", "external_location", ...), Name the full
// name ("main.sales.orders").
type Securable struct {
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	ID        string         `json:"id,omitempty"`
	Owner     string         `json:"owner,omitempty"`
	Comment   string         `json:"comment,omitempty"`
	TableType string         `json:"tableType,omitempty"` // MANAGED, EXTERNAL, VIEW, ...
	Grants    []Grant        `json:"grants,omitempty"`
	Fields    map[string]any `json:"fields,omitempty"` // further fields, echoed as they came
	// Unlisted securables are in no list that a snapshot read.
	Unlisted bool `json:"unlisted,omitempty"`
	// Files and Folders are what a volume holds; folders by their paths in it.
	Files   []VolumeFile `json:"files,omitempty"`
	Folders []string     `json:"folders,omitempty"`
}

// Grant gives one principal privileges on the securable it stands in.
type Grant struct {
	Principal  string   `json:"principal"`
	Privileges []string `json:"privileges"`
}

// systemGroups are made by the platform, one set per level; they can be neither
// created nor deleted.
const (
	groupAccountUsers = "account users"
	groupAdmins       = "admins"
	groupUsers        = "users"
)

func isTrue(b *bool) bool { return b == nil || *b }
