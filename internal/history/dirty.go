package history

import (
	"context"
	"path"
	"strings"
)

// maxStatus is more than git says of any folder that is nearly clean.
const maxStatus = 1 << 20

// Dirty tells whether the folder differs from the commit that is checked out, by
// a file that git does not know too. What ignored names, such as the folder of a
// program's own files, does not count.
func (r *Repository) Dirty(ctx context.Context, ignored string) (bool, error) {
	out, err := r.git(ctx, maxStatus, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--", ".")
	if err != nil {
		return false, err
	}
	for entry := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		const status = len("XY ")
		if len(entry) > status && !within(entry[status:], ignored) {
			return true, nil
		}
	}
	return false, nil
}

// within tells whether a path is a folder of that name, or leads through one.
func within(name, folder string) bool {
	for name = path.Clean(name); name != "."; name = path.Dir(name) {
		if path.Base(name) == folder {
			return true
		}
	}
	return false
}
