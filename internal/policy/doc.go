// Package policy holds what a repository declares against the rules of the
// access model: built-in rules with stable codes, and rules of the repository's
// own in CEL. It reads nothing but what it is given.
//
//	rules, err := policy.Compile(repo.Project)       // unknown codes, CEL that does not compile
//	findings := rules.Check(policy.Input{…})         // sorted by place
//	policy.NewApprovals(policy.Input{…}).Of(entry)   // which roles approved it
//
// Only claims in force at Input.Now are judged: an entry that has ended is a
// record. A finding never takes access away; an error blocks what its document
// would add.
//
// Who holds a role is judged as of the day of the approval, by the claims on the
// members of groups, nested ones included. The members of a synced group are
// known to a plan only; offline an approval that stands on them passes, with a
// note.
//
// # Rules of the repository's own
//
// A policy of the Project is an expression in CEL (https://cel.dev) that is
// true of what is wrong:
//
//	policies:
//	  - name: no-direct-user-grants
//	    when: kind == "grants" && principal.startsWith("user:")
//	    message: grant to a group, not to {principal}
//	    level: warn
//
// It is asked about each fact with each entry in force that wants it, or, with
// over: changes, about each value that a plan adds or removes; a resource that
// is declared, created or deleted has neither field nor value.
//
//	kind target name       the resource: grants, metastore, schema/gold.sales
//	field value principal  group:grp_x, SELECT, and whose access it is
//	product domain layer   what it is about, "" where nothing tells
//	pii                    true or false
//	until reason request   of the entry; until as plans print it, "" for no end
//	change                 add or remove, over changes
//
// An expression is checked when the repository is loaded: its types, its
// regular expressions, which are RE2 and written out, and what it may cost for
// one fact, by the lengths that texts can have. What it cannot judge (a number
// that is none, a text that is far too long) is an error of the rule.
package policy
