// Package spec is the YAML language in which access is declared: it reads the
// files of a repository into positioned documents, knows the Project with its
// environments, and holds the pure rules of names. It knows nothing of
// Databricks' API; the kinds of documents are given to it by the caller.
//
//	repository, err := spec.Load(dir, kinds)   // all mistakes of all files at once
//	env, err := repository.Environment("prd")
//	for _, entry := range repository.Entries { … }
//
// # Documents
//
// A repository is the folder with brickgate.yaml. Every *.yaml and *.yml below
// it is read, except folders whose name begins with a dot, files that
// .gitignore files name, sandbox.yaml beside brickgate.yaml, and what the
// Project lists under ignore. Links are not followed out of the folder.
//
//	apiVersion: brickgate.dev/v1
//	kind: Group
//	metadata: {name: grp_data_engineering}
//	spec:
//	  members:
//	    - user: alice@example.com
//	    - {user: bob@example.com, expires: 2026-12-31, justification: "migration project"}
//
// Each document has exactly these four fields. Several may share a file,
// parted by ---. A file that is not for brickgate is a mistake, never skipped:
// what is skipped silently is revoked silently. brickgate.yaml holds the one
// document of kind Project, and may hold others.
//
// # Values
//
//   - An absent field is not managed; [] means nobody. A field with nothing
//     after its colon, or null, is a mistake.
//   - Strings are quoted where YAML would take them for something else: "no",
//     "0755", "12", "2026-01-01". A plain scalar that YAML 1.1 and 1.2 read
//     differently is a mistake everywhere, so that an editor, brickgate and
//     any other reader see the same document.
//   - Dates and instants may be plain where they are wanted: 2026-12-31 lasts
//     through that day in access.timezone; 2026-12-31T18:00:00Z is an instant.
//   - Durations: 24h 30d 2w 3mo 2bd (business days, Monday to Friday).
//     Percentages: 50%.
//   - A value by environment is one value for all, or a map: {dev: a, prd: b}.
//   - true and false are the only booleans.
//
// # What is refused
//
// Each mistake is reported as file:line:col with what is allowed instead, all
// of them in one error, sorted: unknown fields, kinds, environments and values
// (with the nearest known one), missing fields, wrong types, duplicate keys,
// two documents of one kind and name, keys that are no strings, anchors,
// aliases, merge keys, tags, characters that are not text, files that are not
// UTF-8 or larger than 1 MiB, nesting deeper than 64 levels.
//
// # Principals and terms
//
// An entry names one principal, user: by e-mail, group: or servicePrincipal:
// by its name in the specs. The suffix of an environment is never part of a
// reference. A group that is derived from a product is named by its role there:
// {product: sales-orders, role: owner}. Each entry that gives access may say
// from, expires, justification, ticket, approvals, environments (absent: all),
// and absent: true for access that must not be there.
//
// # Data products
//
// A Domain says who owns a part of the company's data and who approves access to
// it. A Product belongs to a domain:
//
//	kind: Product
//	metadata: {name: sales-orders, domain: sales}
//	spec:
//	  owners:   [{group: grp_sales_analytics}]
//	  writers:  [{servicePrincipal: spn_dbt_sales}]
//	  data:
//	    silver: [{schema: sales}]
//	    gold:
//	      - {table: sales.orders_daily}
//	      - {table: sales.customers, pii: true}
//	  ports: {finance: [sales.orders_daily]}
//	  consumers:
//	    - {user: alice@example.com, justification: "Q1 campaign", granted: 2026-01-10, expires: 2026-12-31, approvals: […]}
//	    - {group: AAD-Finance, port: finance, …}
//	    - {domain: marketing, …}
//	    - {user: dev@example.com, layer: silver, …}
//	    - {user: privacy.officer@example.com, pii: true, minimisation: "ids only", …}
//
// A name of data leaves out the catalog, which its layer tells, or names one of
// the layer's catalogs. A schema, table or volume belongs to one product; others
// read it under uses:.
//
// From a product come groups named by the templates of naming, each of which has
// its role, and the grants that the role needs:
//
//	owner            all privileges on the data of every layer, never MANAGE
//	consumer         read on the layers that every consumer reads (gold), without personal data
//	pii-consumer     read on all of gold; there if any of it is personal
//	{port}-consumer  read on the tables of the port
//	silver-consumer  read on silver; there if an entry names the layer
//	emergency        read on the layers of emergency access; there beforehand, and empty
//
// In all other layers a role begins with the layer, and with personal data it
// ends in -pii-consumer. Writers, and the holders of the role data_steward, get
// their grants themselves: writers change the data and create in its schemas,
// stewards read gold without personal data. Everybody gets the USE path to what
// they get.
//
// An entry of a consumer may also be written at its service principal (access:),
// or as a document of its own: an AccessRequest with its status, or an
// EmergencyAccess with its instants. All four are one thing, a Consumption. It
// gives access from its start to the earliest of
//
//	expires, or the default duration from the day of the grant
//	the day of each approval, and the maximum duration of its kind
//	the retirement of the product
//	a revocation, and its notice unless it is immediate
//	for personal data, the day of the grant or of a later certification, piiRecertifyEvery and dutyGrace
//	for emergency access, its maximum duration; without approval, approvalWithin
//
// An approval may carry the digest of what it stands on (of:): principal, product,
// layer, port, personal data, start and end, and as far as the entry says them,
// its environments and that it is temporary. Data that is added to the product
// later does not change it.
//
// # The journal
//
// journal: {volume: /Volumes/ops/brickgate/journal} in the Project is where the
// journal of a run is uploaded to when it is over: a Unity Catalog volume or a
// folder in one, in which {env} is the environment. Absent: nowhere.
//
// # Environments and names
//
// The live name of a group or service principal is environmentNames[env], else
// displayName, else its name if environmentSuffix is false, else its name and
// the suffix of the environment. Environments of one account have different
// suffixes; one without must be named by sharedPrincipals, unless it is alone.
//
// Who manages a live principal, its home, is decided in this order:
//
//	1  a document or product resolves to its name   that environment
//	2  it ends in a suffix, the longest counts      that environment if the rest
//	                                                matches owns; nobody for otherSuffixes
//	3  owns.shared matches                          sharedPrincipals
//
// In names and paths, {env} is the environment, {workspace} the workspace and
// {gold}, or any layer under catalogs, that layer's first catalog; the first
// segment of a securable may be the bare name of a layer. In the globs of
// owns, a layer stands for each of its catalogs; * matches any run of
// characters in names of principals and objects, and stays within its segment
// in those of securables. A segment with a dot is put in backticks.
//
// # For the packages that define kinds
//
// A document struct has yaml tags on every exported field. Further tags:
// doc and example describe a field, enum lists its values, and spec lists
// rules: required (present, and a string not empty), nonempty (a list or map),
// name (no empty or invisible text), environments (keys or elements are names
// of environments). A field Pos of type Pos, tagged "-", gets the position of
// its node, and one of type Metadata the metadata of the document; its tag
// domain:"optional" or "required" lets the kind have metadata.domain. A struct
// that implements Check(*Checker) reports what tags cannot say. Schema writes
// the JSON Schema of the same structs.
package spec
