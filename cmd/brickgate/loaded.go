package main

import (
	"errors"
	"slices"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// loaded is a repository, for telling all that is wrong with it at once: where
// files have mistakes, it is the documents that have none.
type loaded struct {
	*spec.Repository
	unread error         // the mistakes of files; nil: all of them are read
	broken []spec.Broken // these files
}

func load(dir string) (*loaded, error) {
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err == nil {
		return &loaded{Repository: repo}, nil
	}
	if len(spec.Errors(err)) == 0 {
		return nil, err
	}
	rest, failed := spec.Salvage(dir, reconcile.SpecKinds(), asItStands)
	if failed != nil { // nothing can be said without a Project
		return nil, err
	}
	return &loaded{rest.Repository, err, rest.Broken()}, nil
}

// asItStands has no older versions of files.
func asItStands(string, string) ([]spec.Version, error) { return nil, nil }

// mistakes joins those of the files with those in what the documents mean. What a
// document of a file with mistakes may mend is not told: it may be none.
func (l *loaded) mistakes(meaning error) error {
	told := spec.Errors(meaning)
	if l.unread == nil || len(told) == 0 {
		return l.Locate(joined(l.unread, meaning))
	}
	all := []error{l.unread}
	for _, m := range told {
		if !slices.ContainsFunc(l.broken, func(b spec.Broken) bool { return b.MayMend(m) }) {
			all = append(all, m)
		}
	}
	return l.Locate(errors.Join(all...))
}

// doubtful reports a finding that may not be one once the mistakes are mended: its
// rule must know what a document with some may say.
func (l *loaded) doubtful(f plan.Finding) bool {
	kinds, ok := policy.Needs(f.Code)
	return !ok || slices.ContainsFunc(l.broken, func(b spec.Broken) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool { return b.Mentions("kind: " + kind) })
	})
}
