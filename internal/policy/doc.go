// Package policy holds what a repository declares against the rules of the
// access model: built-in rules with stable codes, and rules of the repository's
// own in CEL. It reads nothing but what it is given.
//
//	rules, err := policy.Compile(repo.Project)       // unknown codes, CEL that does not compile
//	findings := rules.Check(policy.Input{…})         // sorted by place
//
// Only claims in force at Input.Now are judged: an entry that has ended is a
// record. A finding never takes access away; an error blocks what its document
// would add.
package policy
