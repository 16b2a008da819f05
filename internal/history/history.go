// Package history finds the older versions of a file, or of a whole folder, in git.
//
// It runs the git of the machine, only to read, and never through a shell:
//
//	past, err := history.Open(ctx, dir)
//	versions, err := past.Versions(ctx, "teams/sales.yaml")
//	text, err := versions[0].Text(ctx)
//	fork, err := past.Fork(ctx, "origin/main")
//	folder, err := past.Export(ctx, fork.Commit, empty, wanted)
//
// Versions are those that the branch itself had: what a merged branch held on its
// way counts only as the merge brought it.
package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Repository is a folder in the work tree of a git repository.
type Repository struct {
	dir     string
	shallow bool
}

// Why there is no history, or only the end of it.
var (
	ErrNoGit        = errors.New("git is not installed")
	ErrNoRepository = errors.New("the folder is in no git repository")
	ErrNoCommit     = errors.New("the git repository has no commit yet")
	ErrShallow      = errors.New("the clone is shallow and holds only the last commits")
)

// ErrNoText is that a commit has no text of a file: it deleted the file, made
// something else of it, or has more in it than any file that is read here may have.
var ErrNoText = errors.New("there is no text")

var errTooLong = errors.New("the output is too long")

// Open finds the repository that holds a folder.
func Open(ctx context.Context, dir string) (*Repository, error) {
	r := &Repository{dir: dir}
	if _, err := exec.LookPath("git"); err != nil {
		return nil, ErrNoGit
	}
	out, err := r.git(ctx, 100, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository")
	if err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
			return nil, ErrNoRepository
		}
		return nil, err
	}
	if !strings.HasPrefix(out, "true\n") {
		return nil, ErrNoRepository
	}
	r.shallow = strings.HasSuffix(out, "\ntrue\n")
	if _, err := r.git(ctx, 100, "rev-parse", "--quiet", "--verify", "HEAD^{commit}"); err != nil {
		return nil, ErrNoCommit
	}
	return r, nil
}

// Head is the commit that is checked out.
func (r *Repository) Head(ctx context.Context) (string, error) {
	out, err := r.git(ctx, 100, "rev-parse", "--verify", "HEAD^{commit}")
	return strings.TrimSpace(out), err
}

// maxVersions is how many versions of one file are looked at.
const maxVersions = 50

// Versions lists the commits that changed a file, named from the folder with
// slashes, newest first. ErrShallow comes with what a shallow clone holds; without
// an error and without a version, git never knew the file.
func (r *Repository) Versions(ctx context.Context, file string) ([]Version, error) {
	out, err := r.git(ctx, 100*maxVersions, "rev-list", "--timestamp", "--first-parent", fmt.Sprintf("--max-count=%d", maxVersions), "HEAD", "--", file)
	if err != nil {
		return nil, fmt.Errorf("list the versions of %s: %w", file, err)
	}
	var versions []Version
	for line := range strings.Lines(out) {
		seconds, commit, _ := strings.Cut(strings.TrimSpace(line), " ")
		at, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("list the versions of %s: the time of %s: %w", file, commit, err)
		}
		versions = append(versions, Version{commit, time.Unix(at, 0).UTC(), r, file})
	}
	if r.shallow {
		return versions, ErrShallow
	}
	return versions, nil
}

// Version is a file as a commit left it.
type Version struct {
	Commit string
	Time   time.Time // of the commit
	in     *Repository
	file   string
}

// maxText bounds what is read of a file.
const maxText = 8 << 20

// Text is the content of the file. ErrNoText says that the commit has none, in
// contrast to a text that cannot be had, as in a clone that lacks it.
func (v Version) Text(ctx context.Context) ([]byte, error) {
	out, err := v.in.git(ctx, maxText, "cat-file", "blob", v.Commit+":./"+v.file)
	switch {
	case err == nil:
		return []byte(out), nil
	case errors.Is(err, errTooLong) || v.isNoFile(ctx):
		err = ErrNoText
	}
	return nil, fmt.Errorf("read %s of commit %s: %w", v.file, v.Commit, err)
}

// isNoFile tells whether the commit is known to have no file of that name.
func (v Version) isNoFile(ctx context.Context) bool {
	out, err := v.in.git(ctx, maxText, "ls-tree", v.Commit, "--", v.file)
	_, kind, _ := strings.Cut(out, " ") // its mode, what it is, its hash and its name
	return err == nil && !strings.HasPrefix(kind, "blob ")
}

// git runs a command of git in the folder and returns what it prints, which may
// not be longer than limit. Names are taken as they are, never as patterns.
func (r *Repository) git(ctx context.Context, limit int64, args ...string) (string, error) {
	cmd := r.command(ctx, args...)
	out, complaint := capped{left: limit}, bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		switch text := firstLine(complaint.String()); {
		case out.left < 0:
			err = errTooLong
		case text != "":
			err = errors.New(text)
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return out.text.String(), nil
}

func (r *Repository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--literal-pathspecs", "-C", r.dir}, args...)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), misleads), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	return cmd
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// misleads tells whether a variable of the environment would make git look into
// another repository than the folder's, as those do which it sets for its hooks
// (git rev-parse --local-env-vars), read names as patterns, or talk about its work
// where errors are looked for. Those that only configure it stay.
func misleads(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE",
		"GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE",
		"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS":
		return true
	}
	return strings.HasPrefix(name, "GIT_TRACE")
}

// capped refuses what is longer than its limit.
type capped struct {
	text bytes.Buffer
	left int64
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		return 0, errTooLong
	}
	return c.text.Write(p)
}
