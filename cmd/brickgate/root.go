package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/databricks/databricks-sdk-go/logger"
	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/spec"
)

type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the program: it runs one command and returns its exit code.
func run(ctx context.Context, args []string, s streams) int {
	slog.SetDefault(slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	logger.DefaultLogger = sdkLog{}
	root := rootCommand(s)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	report(cmd, s, err)
	return codeOf(err)
}

func rootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "brickgate",
		Short: "Access as code for Databricks",
		Long: "brickgate reads a repository of YAML that says who may use what in Databricks, compares it with\n" +
			"the live account and workspaces, prints the difference as a plan, and applies it.",
		SilenceUsage: true, SilenceErrors: true,
		Version: toolVersion(),
	}
	root.SetVersionTemplate("brickgate {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return err })
	root.AddCommand(
		validateCommand(s), rulesCommand(s), schemaCommand(s), planCommand(s), snapshotCommand(s), applyCommand(s), expireCommand(s), unlockCommand(s),
		consumersCommand(s), upcomingCommand(s), historyCommand(s), journalCommand(s),
		sandboxCommand(s), versionCommand(s),
	)
	return root
}

func versionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(s.out, "brickgate %s\n", toolVersion())
			return err
		},
	}
}

// report prints an error: spec mistakes with their lines, all else in one
// line; as one JSON document where JSON was asked for.
func report(cmd *cobra.Command, s streams, err error) {
	if silent(err) {
		return
	}
	if o := cmd.Flags().Lookup("output"); o != nil && o.Value.String() == "json" {
		reportJSON(s.out, err)
		return
	}
	mistakes := spec.Errors(err)
	for _, m := range mistakes {
		fmt.Fprintln(s.err, line(m.Error()))
		if excerpt := m.Excerpt(); excerpt != "" {
			fmt.Fprintln(s.err, prefixed("  | ", excerpt))
		}
	}
	switch len(mistakes) {
	case 0:
		fmt.Fprintln(s.err, prefixed("error: ", err.Error()))
	case 1:
		fmt.Fprintln(s.err, "1 mistake")
	default:
		fmt.Fprintf(s.err, "%d mistakes\n", len(mistakes))
	}
}

type jsonMistake struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	Message string `json:"message"`
}

func reportJSON(w io.Writer, err error) {
	var doc struct {
		Error struct {
			Code     int           `json:"code"`
			Message  string        `json:"message"`
			Mistakes []jsonMistake `json:"mistakes,omitempty"`
		} `json:"error"`
	}
	doc.Error.Code, doc.Error.Message = codeOf(err), err.Error()
	for _, m := range spec.Errors(err) {
		doc.Error.Mistakes = append(doc.Error.Mistakes, jsonMistake{m.Pos.File, m.Pos.Line, m.Pos.Col, m.Msg})
	}
	if err := writeJSON(w, doc); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		slog.Error("write the error", "err", err)
	}
}
