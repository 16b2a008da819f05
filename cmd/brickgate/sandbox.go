package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func sandboxCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "A Databricks account and workspaces on this machine, to rehearse in",
		Long: "The sandbox answers as Databricks does, for one account and its workspaces, and enforces the rules that\n" +
			"Databricks documents. --sandbox on plan, apply and other commands runs it inside them; sandbox serve runs\n" +
			"it for any client.",
		Example: "  brickgate sandbox serve --seed examples/lakehouse/sandbox.yaml",
	}
	cmd.AddCommand(serveCommand(s))
	return cmd
}

type serveOptions struct {
	listen, state, seed string
	latency             time.Duration
}

func serveCommand(s streams) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the sandbox for any client of the Databricks API",
		Long: "Answers the Databricks REST API for one account and its workspaces. Once it listens it prints what\n" +
			"clients need, one NAME=value a line.",
		Example: "  brickgate sandbox serve --listen 127.0.0.1:8080 --seed examples/lakehouse/sandbox.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), s, o) },
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&o.state, "state", "", "file that keeps the state; none: in memory")
	cmd.Flags().StringVar(&o.seed, "seed", "", "the world to start with, in YAML or JSON")
	cmd.Flags().DurationVar(&o.latency, "latency", 0, "how long every answer takes at least")
	return cmd
}

func serve(ctx context.Context, s streams, o serveOptions) error {
	seed, err := readSeed(o.seed)
	if err != nil {
		return err
	}
	server, err := sandbox.New(seed, sandbox.Options{StateFile: o.state, Latency: o.latency})
	if err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return joined(fmt.Errorf("start the sandbox: %w", err), server.Close())
	}
	fmt.Fprintf(s.out, "DATABRICKS_HOST=http://%s\nDATABRICKS_TOKEN=%s\nDATABRICKS_ACCOUNT_ID=%s\n",
		listener.Addr(), server.Token(), server.AccountID())
	return joined(server.Serve(ctx, listener), server.Close())
}

func readSeed(path string) (*sandbox.State, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	seed, err := sandbox.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return seed, nil
}
