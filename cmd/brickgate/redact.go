package main

import (
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// redactKey is the variable that holds the key of pseudonyms.
const redactKey = "BRICKGATE_REDACT_KEY"

// redacting is whether what is printed of a plan names people.
type redacting struct{ redact bool }

func (o *redacting) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.redact, "redact", false, "print pseudonyms in place of people and e-mails, made with $"+redactKey)
}

// redacted is the plan as it is to be printed.
func (o *redacting) redacted(s streams, p plan.Plan, repo *spec.Repository) plan.Plan {
	if !o.redact {
		return p
	}
	if key := os.Getenv(redactKey); key != "" {
		return p.Redact([]byte(key))
	}
	fmt.Fprintln(s.err, "warning: without $"+redactKey+" pseudonyms are made with the name of the project: who guesses an e-mail can tell whose is which")
	key := sha256.Sum256([]byte("brickgate plan --redact " + repo.Name))
	return p.Redact(key[:])
}
