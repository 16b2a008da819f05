// Package access says who can do what effectively, as a pure computation over
// one state: live, desired, or what a plan would leave.
//
//	a := access.New(state, platform, now)
//	holders, gaps := a.WhoCan("SELECT", table)
//	why := a.WhyNot("user:ann@example.com", "SELECT", table)
//	effects, idle := access.Diff(a, later, touched)
//
// # Principals
//
// A member of a group has what the group has, through any depth of nesting. The
// platform refuses nesting below ten levels, so live states have none; a desired
// state that goes deeper is reported by a rule, and here it counts, which is the
// safe side. Cycles end. Everybody is in `account users`; everybody assigned to a
// workspace is in its `users`, those assigned as ADMIN are in its `admins`. In the
// ACLs of a workspace, a name means the workspace's own group where the state has
// one, else the account's. Who is inactive can do nothing.
//
// # Unity Catalog
//
// As documented in Databricks' "Unity Catalog permissions model concepts" and
// "Unity Catalog privileges reference" (2026-06), and enforced for data by the
// open source server (unitycatalog/unitycatalog, TemporaryTableCredentialsService):
//
//   - a privilege on a catalog or schema is one on all that is in it, where it
//     applies; nothing is inherited from the metastore;
//   - whoever wants to work with something in a catalog needs USE_CATALOG on it,
//     and USE_SCHEMA on its schema, or has to own them; BROWSE needs neither;
//   - MODIFY counts with SELECT only, and WRITE_FILES with READ_FILES;
//   - ALL_PRIVILEGES gives whatever applies, apart from MANAGE, EXTERNAL_USE_SCHEMA,
//     EXTERNAL_USE_LOCATION and READ_METADATA;
//   - an owner has every privilege on what is owned, apart from these two
//     EXTERNAL_USE ones, and needs the way to it as others do; ownership is not
//     inherited: the owner of a schema does not read its tables, but has MANAGE on
//     all that is in it, and so has the owner of the metastore, without further
//     usage privileges;
//   - a holder of MANAGE can give itself the rest, and has none of it until then.
//
// A privilege on a container that is about what is in it, as SELECT on a schema,
// counts as held on the container where it is held on everything in it, be it
// there or to come. So what can be done with a container can be done with
// everything in it, MANAGE and its like on a catalog excepted, for which a schema
// asks for USE_SCHEMA too.
//
// An isolated catalog can be reached through the workspaces that it is bound to,
// by those who are assigned to one of them; where the binding is read-only, it is
// not written to. Other than that, Unity Catalog does not ask for a workspace: a
// metastore has workspaces that the state does not know.
//
// # Objects of workspaces
//
// A level includes the weaker ones, IS_OWNER all of them. Files and folders
// inherit from every folder above, admins have the strongest level everywhere, and
// nobody who is not assigned to the workspace has any.
//
// # Differences
//
// A privilege takes several things together: somebody gives it, the way is open, the
// workspace may be entered. The causes of an effect are the changed facts that make up
// what was lacking before, or is afterwards; undo them, and nobody gains or loses it.
// A gain ends when each way to something that it takes has ended.
//
// # What is not known
//
// Access is what the facts of the state prove. What they leave open is unknown,
// not absent: a group whose members nobody read stands among the holders as
// itself, marked [Holder.Unread], and everything else comes as [Gap]s beside the
// answer: grants that were not read, an owner that nobody asked for, folders above
// that are out of scope.
package access
