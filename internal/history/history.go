// Package history finds the older versions of a file in git.
//
// It runs the git of the machine, only to read, and never through a shell:
//
//	past, err := history.Open(ctx, dir)
//	versions, err := past.Versions(ctx, "teams/sales.yaml")
//	text, err := versions[0].Text(ctx)
//
// Versions are those that the branch itself had: what a merged branch held on its
// way counts only as the merge brought it.
package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
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

// maxVersions is how many versions of one file are looked at.
const maxVersions = 50

// Versions lists the commits that changed a file, named from the folder with
// slashes, newest first. ErrShallow comes with what a shallow clone holds; without
// an error and without a version, git never knew the file.
func (r *Repository) Versions(ctx context.Context, file string) ([]Version, error) {
	out, err := r.git(ctx, 100*maxVersions, "rev-list", "--first-parent", fmt.Sprintf("--max-count=%d", maxVersions), "HEAD", "--", file)
	if err != nil {
		return nil, fmt.Errorf("list the versions of %s: %w", file, err)
	}
	var versions []Version
	for commit := range strings.FieldsSeq(out) {
		versions = append(versions, Version{commit, r, file})
	}
	if r.shallow {
		return versions, ErrShallow
	}
	return versions, nil
}

// Version is a file as a commit left it.
type Version struct {
	Commit string
	in     *Repository
	file   string
}

// maxText is more than any file that is read here may have.
const maxText = 8 << 20

// Text is the content of the file; an error if the commit deleted it.
func (v Version) Text(ctx context.Context) ([]byte, error) {
	out, err := v.in.git(ctx, maxText, "cat-file", "blob", v.Commit+":./"+v.file)
	if err != nil {
		return nil, fmt.Errorf("read %s of commit %s: %w", v.file, v.Commit, err)
	}
	return []byte(out), nil
}

// git runs a command of git in the folder and returns what it prints, which may
// not be longer than limit. Names are taken as they are, never as patterns.
func (r *Repository) git(ctx context.Context, limit int64, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--literal-pathspecs", "-C", r.dir}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	var out, complaint bytes.Buffer
	cmd.Stdout = &capped{&out, limit}
	cmd.Stderr = &capped{&complaint, 4 << 10}
	if err := cmd.Run(); err != nil {
		if text, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n"); text != "" {
			return "", fmt.Errorf("git %s: %s", args[0], text)
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return out.String(), nil
}

// capped refuses what is longer than its limit.
type capped struct {
	to   io.Writer
	left int64
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		return 0, errors.New("the output is too long")
	}
	return c.to.Write(p)
}
