package history

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	maxTree  = 256 << 20 // what is read of a commit's list of files
	maxWhole = 1 << 20   // of a file that is written whole; what is longer is cut behind it
	maxDepth = 5         // of submodules in submodules
)

// Wanted tells whether the text of a file is to be exported, by its base name.
type Wanted func(name string) bool

// Export writes the files that a commit has in the repository's folder into an
// empty one, and returns where the folder is in there. The .gitignore files of the
// folders above are written too, and an empty .git, so that what is read there is
// read as it would have been in the work tree. Of a file of more than 1 MiB there is
// 1 MiB and one byte. Links are written as links; where there is a link among what is
// wanted, so is every file, since it may lead there. Submodules are read from where
// they are checked out; one that is there and empty is left out, as it is in the work
// tree.
func (r *Repository) Export(ctx context.Context, commit, into string, wanted Wanted) (string, error) {
	prefix, err := r.git(ctx, maxStatus, "rev-parse", "--show-prefix")
	if err != nil {
		return "", err
	}
	prefix = strings.TrimSuffix(prefix, "\n")
	if err := os.Mkdir(filepath.Join(into, ".git"), 0o700); err != nil {
		return "", fmt.Errorf("export the commit: %w", err)
	}
	root, err := os.OpenRoot(into)
	if err != nil {
		return "", fmt.Errorf("export the commit: %w", err)
	}
	defer root.Close()
	e := &export{root: root, wanted: wanted}
	folder := filepath.Join(into, filepath.FromSlash(prefix))
	return folder, e.tree(ctx, r, treeAt{commit: commit, folder: prefix})
}

// export writes below a folder, and never out of it.
type export struct {
	root   *os.Root
	wanted Wanted
}

// treeAt is a folder of a commit, and where it is written.
type treeAt struct {
	commit string
	folder string // in the repository: "" or with a slash behind it
	at     string // what stands before its path in the export: of a submodule, the path of that
	depth  int
}

// object is a file, a link or a submodule of a commit.
type object struct{ mode, id, path string }

const (
	modeLink      = "120000"
	modeSubmodule = "160000"
)

func (e *export) tree(ctx context.Context, r *Repository, t treeAt) error {
	all, err := r.objects(ctx, t)
	if err != nil {
		return err
	}
	links := slices.ContainsFunc(all, func(o object) bool { return o.mode == modeLink && e.wanted(path.Base(o.path)) })
	var blobs []object
	for _, o := range all {
		switch name := path.Base(o.path); {
		case inHidden(strings.TrimPrefix(o.path, t.folder)):
		case o.mode == modeSubmodule:
			if err := e.submodule(ctx, r, t, o); err != nil {
				return err
			}
		case e.wanted(name), links, o.mode == modeLink, name == ".gitignore":
			blobs = append(blobs, o)
		}
	}
	return r.texts(ctx, blobs, func(o object, text io.Reader) error {
		return e.write(t.at+o.path, o.mode, io.LimitReader(text, maxWhole+1))
	})
}

// inHidden tells whether a path leads through a folder that begins with a dot, in
// which there is nothing to be read.
func inHidden(name string) bool {
	folder, _ := path.Split(name)
	return slices.ContainsFunc(strings.Split(folder, "/"), func(step string) bool { return strings.HasPrefix(step, ".") })
}

// objects lists what a commit has in a folder, and the .gitignore files above it.
func (r *Repository) objects(ctx context.Context, t treeAt) ([]object, error) {
	args := []string{"ls-tree", "-r", "-z", "--full-tree", t.commit}
	if t.folder != "" {
		args = append(args, "--", t.folder)
		for up := path.Dir(strings.TrimSuffix(t.folder, "/")); ; up = path.Dir(up) {
			args = append(args, path.Join(up, ".gitignore"))
			if up == "." {
				break
			}
		}
	}
	out, err := r.git(ctx, maxTree, args...)
	if err != nil {
		return nil, fmt.Errorf("list the files of commit %s: %w", t.commit, err)
	}
	var all []object
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		about, name, ok := strings.Cut(line, "\t")
		words := strings.Fields(about)
		if ok && len(words) == 3 {
			all = append(all, object{words[0], words[2], name})
		}
	}
	return all, nil
}

// submodule writes what a submodule had, from where it is checked out.
func (e *export) submodule(ctx context.Context, r *Repository, t treeAt, o object) error {
	dir := filepath.Join(r.dir, filepath.FromSlash(strings.TrimPrefix(o.path, t.folder)))
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("%s is a submodule in commit %s, and is not checked out", o.path, t.commit)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	sub := &Repository{dir: dir}
	if _, err := sub.git(ctx, 100, "cat-file", "-e", o.id+"^{commit}"); err != nil {
		return fmt.Errorf("%s is a submodule, whose commit %s is not here: fetch it", o.path, o.id)
	}
	if t.depth == maxDepth {
		return fmt.Errorf("%s is a submodule in %d others", o.path, maxDepth)
	}
	return e.tree(ctx, sub, treeAt{commit: o.id, at: t.at + o.path + "/", depth: t.depth + 1})
}

// write makes a file, or a link that leads where it says.
func (e *export) write(name, mode string, text io.Reader) error {
	if err := e.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	if mode == modeLink {
		to, err := io.ReadAll(text)
		if err == nil {
			err = e.root.Symlink(string(to), name)
		}
		if err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		return nil
	}
	f, err := e.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	_, err = io.Copy(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	return nil
}

// texts reads the texts of objects with one process, in their order.
func (r *Repository) texts(ctx context.Context, objects []object, each func(o object, text io.Reader) error) error {
	if len(objects) == 0 {
		return nil
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel() // ends git where it is not read to its end
	cmd := r.command(reading, "cat-file", "--batch")
	var ids strings.Builder
	for _, o := range objects {
		ids.WriteString(o.id + "\n")
	}
	cmd.Stdin = strings.NewReader(ids.String())
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	err = batch(bufio.NewReader(out), objects, each)
	if err != nil {
		cancel()
	}
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && ended != nil:
		return fmt.Errorf("git cat-file: %w", ended)
	}
	return err
}

// batch reads what git cat-file --batch writes: for each object a line with its id,
// kind and size, its text, and a line break.
func batch(from *bufio.Reader, objects []object, each func(o object, text io.Reader) error) error {
	for _, o := range objects {
		line, err := from.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read %s: the clone does not hold it", o.path)
		}
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != o.id {
			return fmt.Errorf("read %s: the clone does not hold it", o.path)
		}
		size, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			return fmt.Errorf("read %s: git says %q of it", o.path, strings.TrimSpace(line))
		}
		text := io.LimitReader(from, size)
		if err := each(o, text); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, text); err != nil {
			return fmt.Errorf("read %s: %w", o.path, err)
		}
		if _, err := from.Discard(1); err != nil {
			return fmt.Errorf("read %s: %w", o.path, err)
		}
	}
	return nil
}
