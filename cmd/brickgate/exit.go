package main

import (
	"context"
	"errors"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// Exit codes, the same for every command.
const (
	exitOK          = 0
	exitError       = 1 // an error, mistakes in specs included
	exitChanges     = 2 // changes, with --detailed-exitcode, or drift
	exitRefused     = 3 // a policy or a guard refused, or a saved plan is not what would be done
	exitAuth        = 4 // the credentials were not accepted
	exitPartial     = 5 // something was not read or not applied
	exitInterrupted = 130
)

// exit is an error that has been told already, or needs no words.
type exit struct{ code int }

func (e exit) Error() string { return "exit" }

func silent(err error) bool { return errors.As(err, new(exit)) }

func codeOf(err error) int {
	var e exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	case errors.As(err, new(*plan.Refusal)):
		return exitRefused
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case reconcile.Unauthenticated(err):
		return exitAuth
	}
	return exitError
}
