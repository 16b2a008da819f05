package sandbox

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The Files API on Unity Catalog volumes. What its answers look like: Databricks'
// Files API reference (2.0); codes and texts as clients of it have recorded them
// (databrickslabs/dqx, databricks/cli libs/filer).

func (s *Server) volumeFileRoutes() []route {
	const files, folders = "/api/2.0/fs/files/{path...}", "/api/2.0/fs/directories/{path...}"
	return []route{
		{method: "GET", path: files, handle: readVolumeFile, fresh: true},
		{method: "HEAD", path: files, handle: statVolumeFile, read: true, fresh: true},
		{method: "PUT", path: files, query: []string{"overwrite"}, handle: writeVolumeFile, touches: touchesContents},
		{method: "DELETE", path: files, handle: deleteVolumeFile, touches: touchesContents},
		{method: "GET", path: folders, query: []string{"page_size", "page_token"}, handle: listVolumeFolder, fresh: true},
		{method: "HEAD", path: folders, handle: statVolumeFolder, read: true, fresh: true},
		{method: "PUT", path: folders, handle: makeVolumeFolder, touches: touchesContents},
		{method: "DELETE", path: folders, handle: deleteVolumeFolder, touches: touchesContents},
	}
}

// VolumeFile is a file in a volume.
type VolumeFile struct {
	Path       string `json:"path"` // below the volume, without a slash before it
	Content    []byte `json:"content,omitempty"`
	ModifiedAt int64  `json:"modifiedAt,omitempty"` // in milliseconds since 1970
}

const (
	privReadVolume  = "READ_VOLUME"
	privWriteVolume = "WRITE_VOLUME"
)

// errNoVolumeFile is the answer for files and folders that are not there, and for
// those in a volume that is not.
var errNoVolumeFile = errf(http.StatusNotFound, "NOT_FOUND", "The file being accessed is not found.")

// inVolume is the volume that a path of the request leads into, and what is
// below it; "" is the volume's own folder. The caller needs the privilege.
func (c *call) inVolume(privilege string) (*Securable, string, error) {
	parts := strings.Split(strings.TrimSuffix(c.params["path"], "/"), "/")
	if parts[0] != "Volumes" {
		return nil, "", errf(http.StatusBadRequest, "BAD_REQUEST", "Invalid path: unsupported first path component: %s", parts[0])
	}
	for i, what := range []string{"catalog", "schema", "volume"} {
		if len(parts) < i+2 || parts[i+1] == "" {
			return nil, "", errf(http.StatusBadRequest, "BAD_REQUEST", "Invalid path: Path is missing a %s name", what)
		}
	}
	for _, part := range parts[4:] {
		if part == "" || part == "." || part == ".." {
			return nil, "", errf(http.StatusBadRequest, "BAD_REQUEST", "Invalid path: %q is no name of a file or folder", part)
		}
	}
	volume, err := c.world.securable(securableTypeOf("volume"), joinName(parts[1:4]...))
	if err != nil {
		return nil, "", errNoVolumeFile
	}
	return volume, strings.Join(parts[4:], "/"), c.uc().needData(volume, privilege)
}

// needData is the error for callers who may not use what a securable holds. To own
// what it is in, or to be metastore admin, is the right to grant oneself that
// right, and not yet the right itself.
func (u ucCaller) needData(sec *Securable, privilege string) error {
	holds := func(s *Securable, privilege string) bool { return u.identities[s.Owner] || u.has(s, privilege) }
	chain := u.w.chain(sec)
	for i := len(chain) - 1; i > 0; i-- {
		if use := securableTypeOf(chain[i].Type).use; !holds(chain[i], use) {
			return u.lacks(chain[i], use)
		}
	}
	if !holds(sec, privilege) {
		return u.lacks(sec, privilege)
	}
	return nil
}

// file is the index of a file, -1 if it is not there.
func (sec *Securable) file(at string) int {
	return slices.IndexFunc(sec.Files, func(f VolumeFile) bool { return f.Path == at })
}

// hasFolder tells whether there is such a folder. Every volume is one.
func (sec *Securable) hasFolder(at string) bool { return at == "" || slices.Contains(sec.Folders, at) }

// volumeFile is the file that a request is about.
func (c *call) volumeFile(privilege string) (*Securable, int, error) {
	volume, at, err := c.inVolume(privilege)
	if err != nil {
		return nil, 0, err
	}
	i := volume.file(at)
	if i < 0 {
		return nil, 0, errNoVolumeFile
	}
	return volume, i, nil
}

func readVolumeFile(c *call) (any, error) {
	volume, i, err := c.volumeFile(privReadVolume)
	if err != nil {
		return nil, err
	}
	c.header.Set("Content-Length", strconv.Itoa(len(volume.Files[i].Content)))
	c.header.Set("Last-Modified", time.UnixMilli(volume.Files[i].ModifiedAt).UTC().Format(http.TimeFormat))
	return download(volume.Files[i].Content), nil
}

// statVolumeFile answers as a download does. HTTP keeps the body back.
func statVolumeFile(c *call) (any, error) { return readVolumeFile(c) }

// writeVolumeFile makes a file, and the folders above it where they are missing.
// Who does not say what is to become of a file that is there replaces it.
func writeVolumeFile(c *call) (any, error) {
	volume, at, err := c.inVolume(privWriteVolume)
	if err != nil {
		return nil, err
	}
	if kind := c.r.Header.Get("Content-Type"); kind != "application/octet-stream" {
		return nil, errf(http.StatusBadRequest, "MALFORMED_REQUEST", "the body of an upload is application/octet-stream, not %q", kind)
	}
	overwrite := true
	if c.query.Has("overwrite") {
		if overwrite, err = c.boolQuery("overwrite"); err != nil {
			return nil, err
		}
	}
	i := volume.file(at)
	if volume.hasFolder(at) || i >= 0 && !overwrite {
		return nil, errf(http.StatusConflict, "ALREADY_EXISTS", "The file being created already exists.")
	}
	if err := volume.makeFolders(path.Dir(at)); err != nil {
		return nil, err
	}
	made := VolumeFile{Path: at, Content: c.body, ModifiedAt: c.now.UnixMilli()}
	if i >= 0 {
		volume.Files[i] = made
	} else {
		volume.Files = append(volume.Files, made)
	}
	c.status = http.StatusNoContent
	return nil, nil
}

// makeFolders makes a folder and those above it, unless a file is in the way.
func (sec *Securable) makeFolders(at string) error {
	var missing []string
	for ; at != "." && !sec.hasFolder(at); at = path.Dir(at) {
		if sec.file(at) >= 0 {
			return errf(http.StatusConflict, "ALREADY_EXISTS", "A file stands at %s, where a folder would be.", at)
		}
		missing = append(missing, at)
	}
	sec.Folders = append(sec.Folders, missing...)
	slices.Sort(sec.Folders)
	return nil
}

func deleteVolumeFile(c *call) (any, error) {
	volume, i, err := c.volumeFile(privWriteVolume)
	if err != nil {
		return nil, err
	}
	volume.Files = slices.Delete(volume.Files, i, i+1)
	c.status = http.StatusNoContent
	return nil, nil
}

// makeVolumeFolder makes a folder and those above it. One that is there is no error.
func makeVolumeFolder(c *call) (any, error) {
	volume, at, err := c.inVolume(privWriteVolume)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusNoContent
	return nil, volume.makeFolders(firstNonEmpty(at, "."))
}

// volumeFolder is the folder that a request is about.
func (c *call) volumeFolder(privilege string) (*Securable, string, error) {
	volume, at, err := c.inVolume(privilege)
	if err == nil && !volume.hasFolder(at) {
		err = errNoVolumeFile
	}
	return volume, at, err
}

func statVolumeFolder(c *call) (any, error) {
	_, _, err := c.volumeFolder(privReadVolume)
	return download(nil), err
}

func deleteVolumeFolder(c *call) (any, error) {
	volume, at, err := c.volumeFolder(privWriteVolume)
	if err != nil {
		return nil, err
	}
	if at == "" {
		return nil, errf(http.StatusBadRequest, "BAD_REQUEST", "The root folder of a volume cannot be deleted.")
	}
	if len(volume.entries("", at)) > 0 {
		return nil, errf(http.StatusBadRequest, "BAD_REQUEST", "The directory being deleted is not empty.")
	}
	volume.Folders = slices.DeleteFunc(volume.Folders, func(f string) bool { return f == at })
	c.status = http.StatusNoContent
	return nil, nil
}

// volumeEntry is what a list shows of a file or a folder.
type volumeEntry struct {
	FileSize     int64  `json:"file_size,omitempty"`
	IsDirectory  bool   `json:"is_directory"`
	LastModified int64  `json:"last_modified,omitempty"`
	Name         string `json:"name"`
	Path         string `json:"path"`
}

// entries are what is in a folder, by name; root is the path of the volume.
func (sec *Securable) entries(root, at string) []volumeEntry {
	inside := func(p string) bool { return path.Dir(p) == firstNonEmpty(at, ".") }
	var out []volumeEntry
	for _, f := range sec.Files {
		if inside(f.Path) {
			out = append(out, volumeEntry{FileSize: int64(len(f.Content)), LastModified: f.ModifiedAt, Name: path.Base(f.Path), Path: root + f.Path})
		}
	}
	for _, f := range sec.Folders {
		if inside(f) {
			out = append(out, volumeEntry{IsDirectory: true, Name: path.Base(f), Path: root + f})
		}
	}
	slices.SortFunc(out, func(a, b volumeEntry) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func listVolumeFolder(c *call) (any, error) {
	volume, at, err := c.volumeFolder(privReadVolume)
	if err != nil {
		return nil, err
	}
	root := "/Volumes/" + strings.Join(splitName(volume.Name), "/") + "/"
	all := volume.entries(root, at)
	lo, hi, next, err := c.page(len(all), pages{size: "page_size", def: 1000, max: 1000})
	if err != nil {
		return nil, err
	}
	return struct {
		Contents      []volumeEntry `json:"contents,omitempty"`
		NextPageToken string        `json:"next_page_token,omitempty"`
	}{all[lo:hi], next}, nil
}

// checkVolumeFiles reports files and folders that no request could have made, and
// makes the folders that files are in.
func checkVolumeFiles(sec *Securable, place string, p *problems) {
	if sec.Type != "volume" && len(sec.Files)+len(sec.Folders) > 0 {
		p.addf(place, "only volumes hold files and folders")
		return
	}
	folders := sec.Folders
	sec.Folders = nil
	for _, f := range folders {
		if !isVolumePath(f) {
			p.addf(place, "folder %q: write the path below the volume, without a slash before or behind it", f)
		} else if err := sec.makeFolders(f); err != nil {
			p.addf(place, "folder %s: %v", f, err)
		}
	}
	for i := range sec.Files {
		f := &sec.Files[i]
		switch {
		case !isVolumePath(f.Path):
			p.addf(place, "file %q: write the path below the volume, without a slash before it", f.Path)
		case sec.file(f.Path) != i || sec.hasFolder(f.Path):
			p.addf(place, "%s is there twice", f.Path)
		default:
			if err := sec.makeFolders(path.Dir(f.Path)); err != nil {
				p.addf(place, "file %s: %v", f.Path, err)
			}
		}
	}
}

func (sec *Securable) sortFiles() {
	slices.SortFunc(sec.Files, func(a, b VolumeFile) int { return strings.Compare(a.Path, b.Path) })
}

func isVolumePath(p string) bool {
	return p != "" && p != "." && p != ".." && path.Clean(p) == p && !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "../")
}
