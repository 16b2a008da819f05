package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/progress"
	"github.com/brickgate/brickgate/reconcile"
)

// manner is how much a command says beside its result, as --quiet and --verbose have
// it. It comes by the context, which alone reaches from the command line to where
// requests are sent.
type manner struct {
	streams
	quiet, verbose bool
	output         string // the form of the result
	traffic        traffic
}

type mannerKey struct{}

// mannerOf is the manner of a command; one that says nothing where there is none.
func mannerOf(ctx context.Context) *manner {
	if m, ok := ctx.Value(mannerKey{}).(*manner); ok {
		return m
	}
	return &manner{}
}

// mannerFlags are the flags of all commands.
func mannerFlags(root *cobra.Command, s streams) {
	m := &manner{streams: s}
	root.PersistentFlags().BoolP("help", "h", false, "show this help")
	root.Flags().BoolP("version", "v", false, "print the version")
	root.PersistentFlags().BoolVarP(&m.quiet, "quiet", "q", false, "leave out the plan and how far a run is; errors and the last line remain")
	root.PersistentFlags().BoolVar(&m.verbose, "verbose", false, "tell what is asked for, and at the end how often and how long it took")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if m.quiet && m.verbose {
			m.verbose = false
			return errors.New("--quiet and --verbose say the opposite: leave one out")
		}
		if o := cmd.Flags().Lookup("output"); o != nil {
			m.output = o.Value.String()
		}
		if m.verbose {
			m.traffic.first = func(about string) { fmt.Fprintln(s.err, "asking for "+about) }
		}
		cmd.SetContext(context.WithValue(cmd.Context(), mannerKey{}, m))
		return nil
	}
}

// read reads what is live, and shows that where it takes long.
func read(ctx context.Context, c *reconcile.Clients, declared *reconcile.Declared) (*reconcile.Run, error) {
	defer waiting(ctx)()
	return reconcile.Read(ctx, c, declared, reconcile.Options{})
}

// waiting shows what is being read until it is told to stop: on a terminal, once it
// takes longer than somebody would wait without a word.
func waiting(ctx context.Context) (stop func()) {
	m := mannerOf(ctx)
	if !m.showsWaiting() {
		return func() {}
	}
	ticker := time.NewTicker(500 * time.Millisecond)
	w := progress.NewWait(m.err, progress.WaitOptions{
		Columns: func() int { return width(m.err) }, Words: m.traffic.latest, Now: time.Now, Ticks: ticker.C,
	})
	return func() {
		ticker.Stop()
		w.Close()
	}
}

// showsWaiting tells whether somebody looks, who wants it and whom it does not
// disturb: a document for programs would be in the way of it, and it of the document.
func (m *manner) showsWaiting() bool {
	return !m.quiet && !m.verbose && os.Getenv("CI") == "" && rewritable(m.streams) && !(m.output == "json" && isTerminal(m.out))
}
