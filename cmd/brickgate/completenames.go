package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/history"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// dirOf is the folder that a command line in the making is about: -C, or a first
// argument that may be one.
func dirOf(cmd *cobra.Command) string {
	dir := here
	if f := cmd.Flags().Lookup("dir"); f != nil {
		dir = f.Value.String()
	}
	if args := cmd.Flags().Args(); dir == here && len(args) > 0 && strings.Contains(cmd.Use, "DIR") {
		dir = args[0]
	}
	return dir
}

// repositoryOf is the repository in that folder; nil where there is none to be read.
func repositoryOf(cmd *cobra.Command) *loaded {
	repo, err := load(dirOf(cmd))
	if err != nil {
		return nil
	}
	return repo
}

func completeEnvironments(cmd *cobra.Command) []string {
	if repo := repositoryOf(cmd); repo != nil {
		return repo.Project.Environments.Keys()
	}
	return nil
}

// completeReferences are the branches and tags of git.
func completeReferences(cmd *cobra.Command) []string {
	past, err := history.Open(cmd.Context(), dirOf(cmd))
	if err != nil {
		return nil
	}
	names, _ := past.References(cmd.Context()) // completion says nothing
	return names
}

func completeProducts(cmd *cobra.Command) []string {
	repo := repositoryOf(cmd)
	if repo == nil {
		return nil
	}
	var names []string
	for _, e := range repo.Entries {
		if p, ok := e.Spec.(*spec.Product); ok {
			names = append(names, p.Metadata.Name.Value)
		}
	}
	return plan.Set(names)
}

// completePrincipals are the names of all that the repository knows, without their
// kind where that is clear: a user has an @, and of others each name only one has.
func completePrincipals(cmd *cobra.Command) []string {
	var tokens []string
	for _, d := range declarations(cmd) {
		for _, r := range d.Resources {
			tokens = append(tokens, plan.Principal(plan.Fact{Key: r.Key}))
			for _, c := range r.Claims {
				tokens = append(tokens, c.Field, c.Value)
			}
		}
	}
	tokens = plan.Set(slices.DeleteFunc(tokens, func(t string) bool { return !plan.IsPrincipal(t) }))
	var out []string
	for _, t := range tokens {
		kind, name, _ := strings.Cut(t, ":")
		_, twin := slices.BinarySearch(tokens, twins[kind]+name)
		if clear := strings.Contains(name, "@") == (kind == "user"); clear && !twin {
			out = append(out, name)
		} else {
			out = append(out, t)
		}
	}
	return out
}

// twins are the prefixes of who may be called the same.
var twins = map[string]string{"group": "sp:", "sp": "group:", "user": "user:@"}

// completeObjects are the securables that the repository names, by their live names,
// and the objects of workspaces, as type:name.
func completeObjects(cmd *cobra.Command) []string {
	var out []string
	for _, d := range declarations(cmd) {
		keys := make([]plan.Key, 0, len(d.Resources)+len(d.Securables)+len(d.Objects))
		for _, r := range d.Resources {
			keys = append(keys, r.Key)
		}
		for _, s := range d.Securables {
			keys = append(keys, s.Key)
		}
		for _, o := range d.Objects {
			keys = append(keys, o.Key)
		}
		for _, k := range keys {
			out = append(out, objectName(k))
		}
	}
	return slices.DeleteFunc(plan.Set(out), func(name string) bool { return name == "" })
}

// objectName is what somebody who asks about an object calls it; "" for what is none.
func objectName(k plan.Key) string {
	typ, name, _ := strings.Cut(k.Name, "/")
	switch {
	case k.Kind == "grants" && slices.Contains([]string{"catalog", "schema", "table", "volume", "function", "model"}, typ):
		return name
	case k.Kind == "grants" || k.Kind == "permissions":
		return typ + ":" + name
	}
	return ""
}

// completePrivileges are those of Unity Catalog, and the levels of objects.
func completePrivileges(*cobra.Command) []string {
	var out []string
	for _, typ := range reconcile.SecurableTypes() {
		out = append(out, reconcile.Privileges(typ)...)
	}
	for _, typ := range reconcile.ObjectTypes() {
		out = append(out, reconcile.Levels(typ)...)
	}
	return plan.Set(out)
}

// declarations are what the repository declares for the environment of the command
// line, or for each; where that has mistakes, what stands without them.
func declarations(cmd *cobra.Command) []*reconcile.Declared {
	repo := repositoryOf(cmd)
	if repo == nil {
		return nil
	}
	environments := repo.Project.Environments.Keys()
	if f := cmd.Flags().Lookup("env"); f != nil && f.Value.String() != "" {
		environments = []string{f.Value.String()}
	}
	var out []*reconcile.Declared
	for _, env := range environments {
		if d, _ := reconcile.Declare(repo.Repository, env); d != nil {
			out = append(out, d)
		}
	}
	return out
}
