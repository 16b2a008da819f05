package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// A run's part of the journal is uploaded when the run is over: one file for each
// run, {project}/{environment}/{run}.jsonl, which is never overwritten. So machines
// that have nothing but their own journals do not destroy each other's, and what was
// uploaded stays as it was.

// How long a run waits for its upload: nothing depends on it any more. Whoever
// interrupts a run waits less.
const (
	uploadTime      = time.Minute
	interruptedTime = 10 * time.Second
)

// volumeFlag names a volume in place of the Project's.
type volumeFlag struct{ path string }

// noVolume is the word for no upload.
const noVolume = "none"

func (v *volumeFlag) String() string { return v.path }
func (v *volumeFlag) Type() string   { return "path" }

func (v *volumeFlag) Set(path string) error {
	if path != noVolume {
		if err := spec.CheckVolumePath(path); err != nil {
			return err
		}
	}
	v.path = path
	return nil
}

func (v *volumeFlag) flag(cmd *cobra.Command) {
	cmd.Flags().Var(v, "journal-volume", "volume, or folder in one, to upload the journal to (default journal.volume of brickgate.yaml; none: nowhere)")
}

// in is where the journal of an environment goes, "" for nowhere.
func (v *volumeFlag) in(env *spec.Environment) string {
	switch v.path {
	case "":
		return env.JournalVolume()
	case noVolume:
		return ""
	}
	return v.path
}

// upload keeps what the run of a session recorded where it outlives this machine,
// and what earlier runs recorded, as far back as it is missing there. It never fails
// what was applied: it warns.
func (o *recording) upload(ctx context.Context, s streams, session *session) {
	path := o.volume.in(session.run.Env)
	if session.recorded == "" || path == "" {
		return
	}
	limit := uploadTime
	if ctx.Err() != nil {
		ctx, limit = context.WithoutCancel(ctx), interruptedTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	file := o.file(session.repo.Dir)
	parts, err := o.parts(file, session.run.Env)
	if err == nil {
		err = uploadMissing(ctx, s, session.run.Volume(path), ofRun(parts, session.recorded))
	}
	if err != nil {
		again := "brickgate journal upload --env " + session.run.Env.Name + o.again(session.repo.Dir)
		warn(s, fmt.Sprintf("not all of the journal is uploaded: %v; it is kept in %s, and `%s` uploads it", err, file, again))
	}
}

// again is what says to upload the same journal to the same volume.
func (o *recording) again(dir string) string {
	words := " -C " + shellWord(dir)
	if o.sandboxed {
		words += " --sandbox"
	}
	if o.volume.path != "" {
		words += " --journal-volume " + shellWord(o.volume.path)
	}
	if o.journal != "" {
		words += " " + shellWord(o.journal)
	}
	return words
}

// shellWord writes a text so that a shell takes it for one word.
func shellWord(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N) && !strings.ContainsRune("/._-:@%+=,", r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// ofRun are the parts up to that of a run.
func ofRun(parts []journal.Part, id string) []journal.Part {
	return parts[:slices.IndexFunc(parts, func(p journal.Part) bool { return p.Run.ID == id })+1]
}

// uploadMissing uploads the last part, and before it those that follow the newest
// one that is there: a run that was killed, or could not upload, leaves that to the
// next one. What is there has so no hole, wherever an upload ends. Who may not see
// what is there uploads the last part alone.
func uploadMissing(ctx context.Context, s streams, to *reconcile.Volume, parts []journal.Part) error {
	from, doubt := len(parts)-1, error(nil)
	for there := false; from > 0 && !there; {
		if there, doubt = to.Holds(ctx, partName(parts[from-1].Run), parts[from-1].Text); doubt != nil {
			break
		}
		if !there {
			from--
		}
	}
	if doubt != nil && !errors.As(doubt, new(*reconcile.OtherFileError)) {
		from = len(parts) - 1
	}
	for _, p := range parts[max(from, 0):] {
		made, err := to.Keep(ctx, partName(p.Run), p.Text)
		if err != nil {
			return err
		}
		if made {
			fmt.Fprintln(s.err, prefixed("journal: ", "uploaded to "+to.Path(partName(p.Run))))
		}
	}
	return doubt
}

// partName is the place of a run's part in the volume.
func partName(r journal.Run) string {
	return url.PathEscape(r.Project) + "/" + url.PathEscape(r.Environment) + "/" + url.PathEscape(r.ID) + ".jsonl"
}

// parts are those of a journal that belong to an environment. A rehearsal in the
// sandbox is none of the platform's business, nor the other way round.
func (o *recording) parts(file string, env *spec.Environment) ([]journal.Part, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer f.Close()
	parts, err := journal.Parts(f)
	return slices.DeleteFunc(parts, func(p journal.Part) bool {
		rehearsal := slices.Equal(p.Run.Hosts, []string{sandboxHost})
		return p.Run.Project != env.Project().Metadata.Name.Value || p.Run.Environment != env.Name || rehearsal != o.sandboxed
	}), err
}

type journalUploadOptions struct {
	selection
	recording
}

func journalUploadCommand(s streams) *cobra.Command {
	var o journalUploadOptions
	cmd := &cobra.Command{
		Use:   "upload [FILE]",
		Short: "Upload what a run could not upload",
		Long: "Uploads the journal of an environment to the volume of the Project, one file for each run, as every run\n" +
			"does when it is over. What is there already stays as it is. It is for runs that were killed, or that\n" +
			"could not reach the volume.",
		Example: "  brickgate journal upload --env prd\n" +
			"  brickgate journal upload --env prd journals/prd.jsonl --journal-volume /Volumes/ops/brickgate/journal",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.journal = args[0]
			}
			return runJournalUpload(cmd.Context(), s, o)
		},
	}
	o.selection.flags(cmd)
	o.volume.flag(cmd)
	cmd.Flags().BoolVar(&o.sandboxed, "sandbox", false, "upload to the embedded sandbox what was applied to it")
	return cmd
}

// runJournalUpload does without a healthy repository: only the Project counts.
func runJournalUpload(ctx context.Context, s streams, o journalUploadOptions) error {
	repo, err := spec.Salvage(o.dir, reconcile.SpecKinds(), versions(ctx))
	if err != nil {
		return err
	}
	if err := o.choose(repo.Project); err != nil {
		return err
	}
	env, err := repo.Environment(o.env)
	if err != nil {
		return err
	}
	path := o.volume.in(env)
	if path == "" {
		return errors.New("upload to which volume? set journal.volume in brickgate.yaml, or say --journal-volume")
	}
	parts, err := o.settled(o.file(repo.Dir), env)
	if err != nil {
		return err
	}
	c, err := connect(ctx, repo.Repository, env, o.sandboxed)
	if err != nil {
		return err
	}
	return joined(uploadAll(ctx, s, c.clients.Volume(path), parts), c.close())
}

// settled are the parts of a journal that nobody is writing to.
func (o *recording) settled(file string, env *spec.Environment) ([]journal.Part, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	log, err := journal.Open(file, time.Now)
	if err != nil {
		return nil, err
	}
	parts, err := o.parts(file, env)
	return parts, joined(err, log.Close())
}

// uploadAll uploads all parts, and ends with the first that cannot be; a file that
// holds something else is told and left.
func uploadAll(ctx context.Context, s streams, to *reconcile.Volume, parts []journal.Part) error {
	uploaded, others := 0, 0
	for _, p := range parts {
		made, err := to.Keep(ctx, partName(p.Run), p.Text)
		switch {
		case errors.As(err, new(*reconcile.OtherFileError)):
			others++
			fmt.Fprintln(s.err, prefixed("error: ", err.Error()))
		case err != nil:
			return err
		case made:
			uploaded++
			fmt.Fprintln(s.out, prefixed("", to.Path(partName(p.Run))))
		}
	}
	fmt.Fprintf(s.out, "%s uploaded; %d there already.\n", counted(uploaded, "run"), len(parts)-uploaded-others)
	if others > 0 {
		return exit{exitError}
	}
	return nil
}

// sandboxHost is what stands for the embedded sandbox, which has another port each
// time and is one place all the same.
const sandboxHost = "sandbox"
