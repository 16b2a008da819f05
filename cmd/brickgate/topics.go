package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// topicCommands are pages of the help that are about no command.
func topicCommands() []*cobra.Command {
	return []*cobra.Command{
		{Use: "environment", Short: "The environment variables that are looked at", Long: environmentTopic()},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exitCodesTopic()},
	}
}

// variable is one or several environment variables with the same meaning.
type variable struct{ names, means string }

// variables are what the program looks at itself.
var variables = []struct {
	title, about string
	variables    []variable
}{
	{"Credentials and hosts", "read by the Databricks SDK; what brickgate.yaml names goes before them", []variable{
		{"DATABRICKS_HOST", "address of the workspace, or of the account"},
		{"DATABRICKS_ACCOUNT_ID", "id of the account"},
		{"DATABRICKS_AUTH_TYPE", "the one way to log in, such as github-oidc, oauth-m2m, azure-cli or databricks-cli; to be pinned in CI"},
		{"DATABRICKS_CLIENT_ID, DATABRICKS_CLIENT_SECRET", "a service principal; with OIDC only the id"},
		{"DATABRICKS_TOKEN", "a personal access token"},
		{"DATABRICKS_CONFIG_PROFILE, DATABRICKS_CONFIG_FILE", "a profile, and the file it stands in instead of ~/.databrickscfg"},
		{"ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_TENANT_ID", "a service principal of Azure"},
		{"GOOGLE_CREDENTIALS, DATABRICKS_GOOGLE_SERVICE_ACCOUNT", "a service account of Google Cloud"},
	}},
	{"Network", "read by Go", []variable{
		{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "the proxy, and the hosts that are reached without it"},
		{"SSL_CERT_FILE, SSL_CERT_DIR", "further certificate authorities (on Linux)"},
	}},
	{"What is printed", "", []variable{
		{"NO_COLOR", "set: no colour, and no line that is written again"},
		{"CLICOLOR_FORCE", "set and not 0: colour in pipes too"},
		{"TERM", "dumb: a terminal that can neither"},
		{"CI", "set: nothing is shown of a read that takes long"},
		{"BRICKGATE_REDACT_KEY", "the key of the pseudonyms that --redact prints in place of people: whoever has it can tell who is who"},
		{"TZ", "nothing that is printed depends on it: days are those of access.timezone in brickgate.yaml"},
	}},
	{"In GitHub Actions", "set by the runner", []variable{
		{"GITHUB_ACTIONS", "true: annotations are written for mistakes and for what the rules find"},
		{"GITHUB_OUTPUT", "the file that takes has_changes, additions, removals, blocked and plan_path"},
		{"GITHUB_STEP_SUMMARY", "the file that takes the plan, and how it was applied, for the summary of the run"},
		{"GITHUB_WORKSPACE, GITHUB_SHA", "where the repository is checked out, and at which commit, for places in it"},
	}},
	{"In CI", "the address of the run stands in the journal and in the lock", []variable{
		{"GITHUB_RUN_ID, GITHUB_SERVER_URL, GITHUB_REPOSITORY", "GitHub Actions"},
		{"CI_JOB_URL", "GitLab"},
		{"BUILD_BUILDID, SYSTEM_COLLECTIONURI, SYSTEM_TEAMPROJECT", "Azure Pipelines"},
		{"BUILD_URL", "Jenkins"},
	}},
	{"git", "read by git; those that lead it to another repository (GIT_DIR and the like) are not passed on", []variable{
		{"PATH", "where git is found"},
		{"HOME", "where git and the SDK find their settings"},
	}},
}

func environmentTopic() string {
	var b strings.Builder
	b.WriteString("The environment variables that matter. None has to be set where brickgate.yaml names the hosts and somebody\n" +
		"is logged in, for instance by databricks auth login.\n")
	for _, s := range variables {
		fmt.Fprintf(&b, "\n%s", s.title)
		if s.about != "" {
			fmt.Fprintf(&b, " (%s)", s.about)
		}
		b.WriteString(":\n")
		for _, v := range s.variables {
			fmt.Fprintf(&b, "  %s\n      %s\n", v.names, v.means)
		}
	}
	return b.String()
}

// exitCodes are what a command ends with.
var exitCodes = []struct {
	code  int
	means string
}{
	{exitOK, "all is well: what was asked is done or answered, whatever the answer"},
	{exitError, "an error, mistakes in specs included; nothing was changed, unless it is said"},
	{exitChanges, "there are changes, of plan with --detailed-exitcode alone; or drift, of the command drift"},
	{exitRefused, "refused: by a guard, by a rule, for want of rights, or since a saved plan is not what would be done"},
	{exitAuth, "the credentials were not accepted"},
	{exitPartial, "in part: something was not applied, or could not be read and a plan, a snapshot or an answer lacks it; it is named"},
	{exitInterrupted, "interrupted; what was begun is finished, unless it was interrupted twice"},
}

func exitCodesTopic() string {
	var b strings.Builder
	b.WriteString("What a command ends with, for scripts and CI. They are the same for every command.\n\n")
	for _, c := range exitCodes {
		fmt.Fprintf(&b, "  %3d  %s\n", c.code, c.means)
	}
	b.WriteString("\nWhere several hold, the first of these counts: a guard refused, something was not read, a rule refused, there are\n" +
		"changes. `set -e` in a script ends it with each of them but 0; what a pipe ends with is what\n" +
		"its last command ended with, unless `set -o pipefail` is on.\n")
	return b.String()
}
