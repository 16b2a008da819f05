package policy

import (
	"github.com/brickgate/brickgate/plan"
)

// Rule is a built-in rule. Its code is stable: it stands in brickgate.yaml, in
// comments of pull requests and in people's memory.
type Rule struct {
	Code  string
	Level plan.Level // unless brickgate.yaml says otherwise; off: only where it is turned on
	Title string     // one line: what is wrong
	Doc   string     // one line: why, and what to do
	check func(*judge)
}

// off is the level of a rule that is not asked.
const off plan.Level = "off"

// Builtin lists the built-in rules, sorted by code.
func Builtin() []Rule { return builtin() }

// builtin is the table of rules, one row each, sorted by code.
func builtin() []Rule {
	return []Rule{
		{"BG101", plan.LevelError, "a name that does not follow the conventions",
			"Names tell people what a principal is for: rename it with previously:, or change naming.conventions.",
			nameConventions},
		{"BG102", plan.LevelError, "a group without an entitlement that its name requires",
			"Its members would be in a workspace that they cannot use: add the entitlement under workspaces:, or change naming.requiredEntitlements.",
			requiredEntitlements},
		{"BG103", plan.LevelWarn, "an entry whose removal revokes nothing",
			"What is live of a principal that is not owned is left alone: add it to owns, use absent: true, or authority: exact.",
			notOwned},
		{"BG104", plan.LevelWarn, "groups nested deeper than the platform allows",
			"Membership beyond ten levels has no effect that anybody can rely on: put the members into a group nearer to the top.",
			deepGroups},
		{"BG105", plan.LevelWarn, "a personal account that owns a job or pipeline, or writes a product",
			"It stops working when the person leaves or moves on: use a service principal.",
			personalAccounts},
		{"BG106", plan.LevelWarn, "access given to a user directly",
			"It is overlooked when people change teams: grant to a group, and make the user a member.",
			directUsers},
		{"BG201", plan.LevelError, "access without a justification",
			"Nobody can review access of which nobody knows what it is for: write justification:, or ticket: where the ticket says it.",
			unjustified},
		{"BG202", plan.LevelError, "a justification that says nothing",
			"tbd, test or \"access needed\" is no reason, and one word is one only beside a ticket: write what the data is used for.",
			hollow},
		{"BG203", plan.LevelError, "standard access for longer than allowed",
			"access.standard.maxDuration counts from the day of the grant: bring expires: forward, and have the access renewed when it ends.",
			standardTooLong},
		{"BG204", plan.LevelError, "temporary access for longer than allowed",
			"access.temporary.maxDuration counts from the day of the grant: bring expires: forward, or ask for standard access.",
			temporaryTooLong},
		{"BG205", plan.LevelError, "emergency access for too long, or started by somebody who may not",
			"It lasts access.emergency.maxDuration at most, and is started by the roles in access.emergency.mayStart.",
			emergencyTerms},
		{"BG206", plan.LevelWarn, "emergency access that is not approved yet",
			"It ends after access.emergency.approvalWithin unless the roles in access.emergency.approval agree: record their approvals.",
			emergencyUnapproved},
		{"BG207", plan.LevelError, "emergency access without an incident",
			"Emergency access is for incidents: write incident:, or call the document by the number of the incident.",
			withoutIncident},
		{"BG208", plan.LevelWarn, "the post-mortem of an emergency is overdue",
			"Within access.emergency.postMortemWithin after the access has ended, postMortem: says where its post-mortem can be read.",
			postMortemDue},
		{"BG209", plan.LevelError, "access granted after the product was deprecated",
			"Nobody new depends on what goes away: find out what replaces the product, and ask for that.",
			grantedLate},
		{"BG210", plan.LevelError, "access without the approvals that it needs",
			"The layer, or the kind of access, says which roles approve: each must, for this very access and not in the future.",
			unapproved},
		{"BG211", plan.LevelError, "an approval by somebody who does not hold the role",
			"The approver must have held the role on that day: a domain's approvers and owners, or who is named under roles:.",
			byOthers},
		{"BG212", plan.LevelError, "duties that are not separated",
			"Who gets access, who asks for it and who applies it do not approve it; two roles are two persons; the manager owns nothing in the domain.",
			unseparated},
		{"BG213", plan.LevelError, "an approval that is void",
			"Principal, product, layer, port, personal data, environments, start or end have changed since it was given: have the access approved anew.",
			voided},
		{"BG214", plan.LevelError, "access without the attestations that it needs",
			"Users, and all for whom access is requested, confirm training, policy, non-disclosure and sensitivity under attestations:.",
			unattested},
		{codeUnverified, plan.LevelWarn, "an approval that does not say what was approved",
			"Without of: nobody sees that the access was changed after its approval; an error with access.requireApprovalDigest.",
			unverified},
		{"BG216", plan.LevelNote, "approvals that only a plan can check",
			"The members of a synced group are known live only: plan tells whether the approvers are among them.",
			liveHolders},
		{"BG217", plan.LevelError, "use of another product's data without approval",
			"What a product builds on belongs to somebody: have the owner of that product's domain approve the entry under uses:.",
			unapprovedUse},
		{"BG220", plan.LevelError, "personal data without the approvals that it needs",
			"privacy.approval of the product says which roles approve access to its personal data, and uses of it, beside those of the layer.",
			all(personalUnapproved, personalUse, personalGrants)},
		{"BG221", plan.LevelError, "personal data without a minimisation note",
			"Who reads personal data says how little of it is enough: write minimisation:.",
			all(unminimised, unminimisedUse)},
		{"BG222", plan.LevelWarn, "access to personal data that was not certified anew",
			"It is certified every access.piiRecertifyEvery: write recertified: with the day, before access.dutyGrace is over and the access ends.",
			recertificationDue},
		{"BG223", plan.LevelWarn, "an entry that ended long ago",
			"After 90 days an entry that has ended only hides those that have not: remove it; git keeps it.",
			stale},
		{"BG224", plan.LevelError, "an entry without an end where one is required",
			"Access that nobody ends outlives its reason: write expires:, or change access.requireExpiry.",
			missingEnds},
		{"BG225", off, "an entry without an end",
			"Access that nobody ends outlives its reason: write expires:.",
			otherEnds},
		{"BG301", plan.LevelError, "consumers of a layer that has none",
			"Raw data is for those who build products of it: give consumers the product's gold data, or change the layer's consumers:.",
			all(rawData, closedLayer)},
		{"BG302", plan.LevelError, "a layer given past the entries that must name it",
			"Such a layer is read by those whose entry asked for it and was approved: write an entry with layer:.",
			explicitData},
		{"BG303", plan.LevelError, "readers who get a privilege that writes",
			"Stewards and consumers only read: make who must write a writer of the product.",
			readersWrite},
		{"BG304", plan.LevelError, "ALL_PRIVILEGES for consumers or for everybody",
			"It holds every privilege that there is and will be: name those that are needed.",
			everything},
		{"BG305", plan.LevelWarn, "a grant without its USE path",
			"Privileges on a schema or table give nothing without USE_CATALOG and USE_SCHEMA: grant these as well.",
			noWay},
		{"BG306", plan.LevelWarn, "a privilege that is inherited already",
			"It looks as if it could be revoked here, and cannot: leave it out, or revoke it above.",
			inherits},
		{"BG307", plan.LevelWarn, "consumers of a whole schema",
			"They read whatever is put into it later: name its tables and volumes.",
			wholeSchemas},
		{"BG308", plan.LevelWarn, "access in a workspace for somebody who is not in it",
			"The platform refuses or ignores it: assign the principal to the workspace.",
			notAssigned},
		{"BG401", plan.LevelWarn, "more access ends on one day than one run should remove",
			"So many people losing access at once is an outage to them: spread the ends over several days.",
			cliffs},
		{"BG402", plan.LevelWarn, "three quarters of a limit of the platform are used up",
			"Beyond the limit the platform refuses: remove what is not needed, or group it.",
			nearLimits},
		{"BG501", plan.LevelWarn, "a synced group that differs from its entries",
			"The identity provider fills the group: have it add or remove members there, or change the entries. Only a plan can tell.",
			externalDrift},
	}
}

// all is a rule that looks at several kinds of access.
func all(checks ...func(*judge)) func(*judge) {
	return func(j *judge) {
		for _, check := range checks {
			check(j)
		}
	}
}
