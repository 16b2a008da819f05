package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

func consumersCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "consumers",
		Short: "The consumers of data products",
		Long: "Who may use the data products: the entries of Product documents, of service principals, of\n" +
			"AccessRequests and EmergencyAccesses, and whether they are so live.",
		Example: "  brickgate consumers list sales-orders --env prd",
	}
	cmd.AddCommand(consumersListCommand(s))
	return cmd
}

type listOptions struct {
	selection
	status, output, at string
	sandbox, offline   bool
}

func consumersListCommand(s streams) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "list PRODUCT",
		Short: "List who may use a product, why, until when, and whether that is so live",
		Long: "Lists every entry for a product in an environment, and every live member of its groups for whom there\n" +
			"is none. It reads the account's groups and writes nothing; --offline asks nobody and needs no credentials.",
		Example: "  brickgate consumers list sales-orders --env prd\n" +
			"  brickgate consumers list sales-orders --env prd --status pending -o markdown\n" +
			"  brickgate consumers list sales-orders --env prd --offline -o csv",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("of which product? name one: brickgate consumers list PRODUCT")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return listConsumers(cmd.Context(), s, o, args[0])
		},
	}
	o.selection.flags(cmd)
	cmd.Flags().StringVar(&o.status, "status", allStatuses, "only entries that are "+strings.Join(statusNames(), ", "))
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, json, csv or markdown")
	cmd.Flags().StringVar(&o.at, "at", "", "as of this day, or instant in RFC 3339; who is live is always as of now")
	cmd.Flags().BoolVar(&o.sandbox, "sandbox", false, "ask the embedded sandbox, seeded from sandbox.yaml")
	cmd.Flags().BoolVar(&o.offline, "offline", false, "do not ask who is live")
	return cmd
}

// allStatuses stands for every status.
const allStatuses = "all"

func statusNames() []string {
	names := []string{allStatuses}
	for _, s := range consumer.Statuses() {
		names = append(names, string(s))
	}
	return names
}

func (o *listOptions) check() error {
	if !slices.Contains(statusNames(), o.status) {
		return fmt.Errorf("--status %s: unknown status%s; there are %s", o.status, meant(o.status, statusNames()), strings.Join(statusNames(), ", "))
	}
	return checkOutput(o.output, "text", "json", "csv", "markdown")
}

// meant suggests the nearest of the known names.
func meant(name string, known []string) string {
	if near, ok := spec.Nearest(name, known); ok {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

func listConsumers(ctx context.Context, s streams, o listOptions, name string) error {
	if err := o.check(); err != nil {
		return err
	}
	repo, declared, err := o.declare(nil)
	if err != nil {
		return err
	}
	now, err := parseAt(o.at, declared.Zone)
	if err != nil {
		return err
	}
	product, err := findProduct(declared, name)
	if err != nil {
		return err
	}
	in := consumer.Input{
		Project: declared.Project, Catalogue: declared.Catalogue, Product: product, Env: declared.Env.Name, Now: now,
		Principals: declared.Consumers, Missing: missingApprovals(declared, now),
	}
	if !o.offline {
		if in.Groups, err = liveGroups(ctx, repo, declared, name, o.sandbox); err != nil {
			return repo.Locate(err)
		}
	}
	return writeConsumers(s, in, consumer.List(in), o)
}

// findProduct is the product of that name, if the environment has it.
func findProduct(declared *reconcile.Declared, name string) (*spec.Product, error) {
	product := declared.Catalogue.Product(name)
	if product == nil {
		names := declared.Catalogue.ProductNames()
		if len(names) == 0 {
			return nil, fmt.Errorf("unknown product %q; the repository has none", name)
		}
		return nil, fmt.Errorf("unknown product %q%s; the products are %s", name, meant(name, names), strings.Join(names, ", "))
	}
	if !product.Environments.Includes(declared.Env.Name) {
		return nil, fmt.Errorf("product %s is not in environment %s", name, declared.Env.Name)
	}
	return product, nil
}

// liveGroups reads the groups of a product's consumers.
func liveGroups(ctx context.Context, repo *spec.Repository, declared *reconcile.Declared, product string, useSandbox bool) (groups []consumer.Group, err error) {
	c, err := connectBy(ctx, repo, declared.Env, useSandbox, reconcile.ConnectAccount)
	if err != nil {
		return nil, err
	}
	defer func() { err = joined(err, c.close()) }()
	groups = []consumer.Group{}
	var keys []plan.Key
	for _, r := range declared.Resources {
		if role := consumersRole(r.Labels, product); role != "" && r.Key.Kind == "group" {
			groups = append(groups, consumer.Group{Role: role, Name: r.Key.Name, Claims: r.Claims})
			keys = append(keys, r.Key)
		}
	}
	defer waiting(ctx)()
	members, err := reconcile.ReadMembers(ctx, c.clients, declared, keys)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		groups[i].Members = members[keys[i]]
	}
	return groups, nil
}

// consumersRole is the role of a group of that product's consumers; "" for all
// other resources.
func consumersRole(labels []string, product string) string {
	if !slices.Contains(labels, "product:"+product) {
		return ""
	}
	for _, l := range labels {
		if role, ok := strings.CutPrefix(l, "role:"); ok && role != spec.RoleOwner {
			return role
		}
	}
	return ""
}
