package history

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// maxReferences bounds how many references are listed.
const maxReferences = 1000

// References are the names of branches, of remotes' branches and of tags, those that
// were changed last first.
func (r *Repository) References(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, maxRef*maxReferences, "for-each-ref", fmt.Sprintf("--count=%d", maxReferences),
		"--sort=-creatordate", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
	if err != nil {
		return nil, fmt.Errorf("list the references: %w", err)
	}
	return strings.Fields(out), nil
}

// Fork is where the work tree's branch and another one parted.
type Fork struct {
	Commit  string // the last one that both have
	Missing int    // commits that the other one has had since
}

// Fork finds the last commit that HEAD has in common with a reference: a branch, a
// tag, or what else git takes for a commit, such as HEAD~1. Of a reference that HEAD
// contains it is that commit itself. The errors are one line and name no reference.
func (r *Repository) Fork(ctx context.Context, ref string) (Fork, error) {
	other, err := r.commit(ctx, ref)
	if err != nil {
		return Fork{}, err
	}
	head, err := r.Head(ctx)
	if err != nil {
		return Fork{}, err
	}
	out, err := r.git(ctx, maxStatus, "merge-base", head, other)
	base, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	switch {
	case ctx.Err() != nil:
		return Fork{}, ctx.Err()
	case (err != nil || !isCommit(base)) && r.shallow:
		return Fork{}, errors.New("the clone is shallow and does not hold where it and HEAD parted: fetch more of it (fetch-depth: 0)")
	case err != nil || !isCommit(base):
		return Fork{}, errors.New("it and HEAD have no commit in common")
	}
	out, err = r.git(ctx, 100, "rev-list", "--count", base+".."+other)
	if err != nil {
		return Fork{}, fmt.Errorf("count its commits: %w", err)
	}
	missing, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		return Fork{}, fmt.Errorf("count its commits: %w", err)
	}
	return Fork{base, missing}, nil
}

// maxRef is longer than the name of any reference that a file system holds.
const maxRef = 1000

// commit is the commit that a reference names.
func (r *Repository) commit(ctx context.Context, ref string) (string, error) {
	if why := noReference(ref); why != "" {
		return "", errors.New(why)
	}
	out, err := r.git(ctx, maxRef, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if id := strings.TrimSpace(out); err == nil && isCommit(id) {
		return id, nil
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return "", r.whyNoCommit(ctx, ref)
}

// noReference tells why a text cannot be a reference, before git reads it: what git
// would take for an option, for several commits, or for a search in their messages.
func noReference(ref string) string {
	switch {
	case strings.TrimSpace(ref) == "":
		return "it is empty: name a branch, a tag or a commit"
	case len(ref) > maxRef:
		return fmt.Sprintf("it is longer than %d bytes: name a branch, a tag or a commit", maxRef)
	case strings.HasPrefix(ref, "-"):
		return "a reference does not begin with -: name a branch, a tag or a commit"
	case strings.ContainsFunc(ref, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) }):
		return "a reference has no spaces and no control characters: name a branch, a tag or a commit"
	case strings.HasPrefix(ref, "^") || strings.Contains(ref, ".."):
		return "one commit is meant, and this is a range: name a branch, a tag or a commit"
	case strings.HasPrefix(ref, ":"):
		return "it is no reference: name a branch, a tag or a commit"
	}
	return ""
}

// whyNoCommit says what a reference is that is no commit.
func (r *Repository) whyNoCommit(ctx context.Context, ref string) error {
	if kind, err := r.git(ctx, maxRef, "cat-file", "-t", "--end-of-options", ref); err == nil && strings.TrimSpace(kind) != "commit" {
		return fmt.Errorf("it names a %s, and not a commit", strings.TrimSpace(kind))
	}
	remote := "origin/" + ref
	if out, err := r.git(ctx, maxRef, "rev-parse", "--verify", "--quiet", "--end-of-options", remote+"^{commit}"); err == nil && isCommit(strings.TrimSpace(out)) {
		return fmt.Errorf("git knows no branch, tag or commit of that name; did you mean %s?", remote)
	}
	if r.shallow {
		return errors.New("git knows no branch, tag or commit of that name here, and the clone is shallow: fetch it (fetch-depth: 0)")
	}
	return errors.New("git knows no branch, tag or commit of that name: fetch it, or look for it with git branch --all")
}

var commitPattern = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

func isCommit(id string) bool { return commitPattern.MatchString(id) }
