package questions

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// Text writes the answer for a terminal.
func Text(w io.Writer, a Answer, p Platform, opts render.TextOptions) error {
	switch a.Question {
	case WhoCan:
		return render.TableText(w, a.holdersTable(), opts)
	case WhatCan:
		return render.TableText(w, a.holdingsTable(p), opts)
	case Explain:
		return render.TableText(w, a.pathsTable(p), opts)
	}
	if *a.Can {
		return render.TableText(w, a.pathsTable(p), opts)
	}
	return render.ListingText(w, a.obstacles(), opts)
}

// where names the state of the answer.
func (a *Answer) where() string { return fmt.Sprintf("in %s (%s)", a.Environment, a.On) }

// Title is the answer in a line.
func (a *Answer) Title() string {
	switch {
	case a.Question == WhoCan && len(a.Holders) == 0:
		return fmt.Sprintf("Nobody is known to have %s on %s %s.", a.Privilege, a.Object.Label, a.where())
	case a.Question == WhoCan:
		return fmt.Sprintf("%s on %s %s: %s.", a.Privilege, a.Object.Label, a.where(), census(a.Holders))
	case a.Question == WhatCan && len(a.Holdings) == 0:
		return fmt.Sprintf("%s is known to have access to nothing %s.", a.Principal, a.where())
	case a.Question == WhatCan:
		return fmt.Sprintf("What %s can do %s:", a.Principal, a.where())
	case a.Question == Explain && len(a.Paths) == 0:
		return fmt.Sprintf("%s is known to have no access to %s %s.", a.Principal, a.Object.Label, a.where())
	case a.Question == Explain:
		return fmt.Sprintf("How %s comes to its access to %s %s:", a.Principal, a.Object.Label, a.where())
	case *a.Can:
		return fmt.Sprintf("%s has %s on %s %s:", a.Principal, a.Privilege, a.Object.Label, a.where())
	}
	return fmt.Sprintf("%s does not have %s on %s %s:", a.Principal, a.Privilege, a.Object.Label, a.where())
}

// census counts holders by what they are.
func census(holders []Holder) string {
	kinds := []struct {
		noun string
		is   func(Holder) bool
	}{
		{"user", func(h Holder) bool { return strings.HasPrefix(h.Principal, "user:") }},
		{"service principal", func(h Holder) bool { return strings.HasPrefix(h.Principal, "sp:") }},
		{"group of unknown members", func(h Holder) bool { return h.Unread }},
	}
	var out []string
	for _, k := range kinds {
		n := 0
		for _, h := range holders {
			if k.is(h) {
				n++
			}
		}
		switch {
		case n == 1:
			out = append(out, "1 "+k.noun)
		case n > 1:
			out = append(out, fmt.Sprintf("%d %s", n, plural(k.noun)))
		}
	}
	if slices.ContainsFunc(holders, everybody) {
		out = append(out, "and every other user of the account")
	}
	return strings.Join(out, ", ")
}

func everybody(h Holder) bool { return h.Principal == accountUsers && !h.Unread }

func plural(noun string) string {
	if head, tail, ok := strings.Cut(noun, " of "); ok {
		return head + "s of " + tail
	}
	return noun + "s"
}

func (a *Answer) holdersTable() render.Table {
	t := render.Table{Title: a.Title(), Notes: a.notes(), Columns: []render.Column{
		{Name: "principal"}, {Name: "until"}, {Name: "how", Use: render.Remark}, {Name: "where", Use: render.Remark}, {Name: "why", Use: render.Quote},
	}}
	var rows []render.Row
	for _, h := range a.Holders {
		who := render.Cell{Text: h.Principal}
		if h.Unread {
			who.Tone = render.Watch
		}
		if everybody(h) {
			who.Tone = render.Bad
		}
		rows = append(rows, render.Row{who, {Text: h.Until}, {Text: how(h, a.Object.Key())}, {Text: places(h.Way)}, {Text: reason(h.Way)}})
	}
	t.Sections = []render.Section{{Rows: rows}}
	return t
}

// how says by which groups, and what gives it there.
func how(h Holder, asked plan.Key) string {
	var groups []string
	for _, s := range h.Way[:len(h.Way)-1] {
		groups = append(groups, strings.TrimPrefix(s.To, "group:"))
	}
	last := h.Way[len(h.Way)-1]
	if last.Is == Admin { // that it is through admins goes without saying
		groups = groups[:len(groups)-1]
	}
	out := given(last, asked)
	if len(groups) > 0 {
		out += " through " + strings.Join(groups, " > ")
	}
	return out
}

// given says what the last step of a way gives, with the object where that is not
// the one that was asked about.
func given(s Step, asked plan.Key) string {
	on := ""
	if s.Object != nil && s.Object.Key() != asked {
		on = " on " + s.Object.Label
	}
	if s.Above != "" {
		on = " from a folder above (" + s.Above + ")"
	}
	switch s.Is {
	case Owner:
		if on == "" {
			return "owner"
		}
		return "owner of " + s.Object.Label
	case Admin:
		return "admin of the workspace"
	}
	return s.Gives + on
}

// places are the lines of a way's edges, in its order.
func places(way []Step) string {
	var out []string
	for _, s := range way {
		if s.Is == Everybody || s.Is == Admin {
			continue
		}
		out = append(out, place(s))
	}
	return strings.Join(out, " > ")
}

// place is where a step is declared. Several entries may want the same.
func place(s Step) string {
	switch n := len(s.Entries); {
	case s.Is == Everybody, s.Is == Admin:
		return ""
	case n == 0 && s.Above != "":
		return "inherited"
	case n == 0:
		return "only live"
	case n > 2:
		return fmt.Sprintf("%s, %s and %d more", s.Entries[0].At, s.Entries[1].At, n-2)
	case n == 2:
		return s.Entries[0].At + ", " + s.Entries[1].At
	}
	return s.Entries[0].At
}

// reason is the first that an entry of a way gives: the nearest to the principal.
func reason(way []Step) string {
	for _, s := range way {
		for _, e := range s.Entries {
			if e.Reason != "" {
				return e.Reason
			}
		}
	}
	return ""
}

func (a *Answer) holdingsTable(p Platform) render.Table {
	t := render.Table{Title: a.Title(), Notes: a.notes(), Columns: []render.Column{
		{Name: "object"}, {Name: "can"}, {Name: "with it", Use: render.Remark},
	}}
	var rows []render.Row
	for _, h := range a.Holdings {
		inside := ""
		if h.Contents > 0 {
			inside = fmt.Sprintf("and the same on %s in it", countOf(h.Contents, "object"))
		}
		can := render.Cell{Text: strings.Join(p.short(h.Object, h.Privileges), ", ")}
		if len(h.Privileges) == 0 {
			can = render.Cell{Text: "nothing, in contrast to what it is in", Tone: render.Watch}
		}
		rows = append(rows, render.Row{{Text: label(h.Object)}, can, {Text: inside}})
	}
	t.Sections = []render.Section{{Rows: rows}}
	return t
}

// label names a holding's object: entitlements and roles are of a workspace too.
func label(t Thing) string {
	switch {
	case t.Kind == kindEntitlements:
		return t.Label + ": entitlements"
	case t.Kind == kindRoles:
		return t.Label + ": roles"
	}
	return t.Label
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// short leaves out what goes without saying: what ALL_PRIVILEGES gives, and levels
// that stronger ones include.
func (p Platform) short(t Thing, privileges []string) []string {
	typ, _, _ := strings.Cut(t.Name, "/")
	return slices.DeleteFunc(slices.Clone(privileges), func(v string) bool {
		switch t.Kind {
		case kindGrants:
			return v != allPrivileges && slices.Contains(privileges, allPrivileges) && access.InAll(v)
		case kindPermissions:
			return slices.ContainsFunc(privileges, func(o string) bool { return o != v && p.Includes(typ, o, v) })
		}
		return false
	})
}

func (a *Answer) pathsTable(platform Platform) render.Table {
	t := render.Table{Title: a.Title(), Notes: a.notes(), Columns: []render.Column{
		{Name: "step"}, {Name: "until"}, {Name: "where", Use: render.Place}, {Name: "why", Use: render.Quote},
	}}
	more := false
	for _, p := range a.Paths {
		t.Sections = append(t.Sections, a.pathSection(p, platform))
		more = more || p.More
	}
	if more {
		t.Notes = append(t.Notes, "Some groups are reached by more than 100 ways; only so many of these are listed.")
	}
	return t
}

func (a *Answer) pathSection(p Path, platform Platform) render.Section {
	s := render.Section{Title: strings.Join(platform.short(*a.Object, p.Privileges), ", ")}
	if len(p.For) > 0 {
		s.Title = "needs " + s.Title
		if last := p.Steps[len(p.Steps)-1]; last.To != "" {
			s.Title = "needs to be in the workspace"
		}
		s.Note = "for " + few(platform.short(*a.Object, p.For))
	}
	for _, step := range p.Steps {
		until := ""
		if !step.until.IsZero() {
			until = (&plan.Origin{Until: step.until}).LastsUntil()
		}
		tone := render.Neutral
		if step.OnlyLive {
			tone = render.Watch
		}
		s.Rows = append(s.Rows, render.Row{{Text: "  " + edge(step, a.Object.Key()), Tone: tone}, {Text: until}, {Text: place(step)}, {Text: reason([]Step{step})}})
	}
	return s
}

// few are as many of several words as a line has room for.
func few(all []string) string {
	const shown = 4
	if len(all) <= shown+1 {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:shown], ", "), len(all)-shown)
}

// edge is a step in words.
func edge(s Step, asked plan.Key) string {
	switch s.Is {
	case Member:
		return s.From + " is in " + s.To
	case Assigned:
		if s.To == "" {
			return fmt.Sprintf("%s is assigned to %s as %s", s.From, s.Object.Label, s.Gives)
		}
		return fmt.Sprintf("%s is assigned to %s as %s: in its %s", s.From, s.Object.Label, s.Gives, strings.TrimPrefix(s.To, "group:"))
	case Everybody:
		return fmt.Sprintf("%s is in %s, as all are", s.From, s.To)
	case Owner:
		return fmt.Sprintf("%s owns %s", s.From, s.Object.Label)
	case Admin:
		return s.From + " have it on all objects of the workspace"
	}
	on := ""
	if s.Object != nil {
		on = " on " + s.Object.Label
	}
	if s.Above != "" {
		on += ", from a folder above (" + s.Above + ")"
	}
	return fmt.Sprintf("%s has %s%s", s.From, s.Gives, on)
}

func (a *Answer) obstacles() render.Listing {
	l := render.Listing{Title: a.Title(), Notes: a.notes()}
	for _, o := range a.Obstacles {
		item := render.Item{Text: o.Message}
		if o.Entry != nil {
			item.Place, item.Quote = o.Entry.At, o.Entry.Reason
		}
		if o.Mend != "" {
			item.Lines = append(item.Lines, "mended by: "+o.Mend)
		}
		if o.YAML != "" {
			item.Lines = append(item.Lines, "  "+o.YAML)
		}
		if len(o.Groups) > 0 {
			item.Lines = append(item.Lines, "or by: membership in "+strings.Join(o.Groups, " or "))
		}
		l.Items = append(l.Items, item)
	}
	switch {
	case a.AfterApply == nil:
	case *a.AfterApply:
		l.Notes = append([]string{"What is declared gives it: it has it after brickgate apply."}, l.Notes...)
	default:
		l.Notes = append([]string{"What is declared does not give it: brickgate apply changes nothing about that."}, l.Notes...)
	}
	return l
}

// lacks puts a Lack before the list of what it is about. The repository alone says
// little of owners and of groups that others fill.
var lacks = []struct {
	lack          access.Lack
	words, silent string
}{
	{access.LackMembers, "Not known, since nobody read it: who is in", "The repository does not say who is in"},
	{access.LackGrants, "Not known, since out of scope or not readable: who has access on", "The repository does not say who has access on"},
	{access.LackOwner, "Not known: who owns", "The repository does not say who owns"},
	{access.LackFolders, "Not known, since out of scope: who has access on the folders above", "The repository does not say who has access on the folders above"},
	{access.LackBinding, "Not known: to which workspaces is bound", "The repository does not say to which workspaces is bound"},
	{access.LackAssignment, "Not known: who is assigned to the workspaces of", "The repository does not say who is assigned to the workspaces of"},
}

// notes are lines about what the answer leaves open.
func (a *Answer) notes() []string {
	out := slices.Clone(a.Notes)
	for _, l := range lacks {
		var about []string
		for _, u := range a.Unknown {
			if u.Lack == string(l.lack) {
				about = append(about, u.Object.Label)
			}
		}
		if len(about) == 0 {
			continue
		}
		words := l.words
		if a.On == Desired {
			words = l.silent
		}
		const shown = 6
		list := strings.Join(about[:min(len(about), shown)], ", ")
		if more := len(about) - shown; more > 0 {
			list += fmt.Sprintf(" and %d more", more)
		}
		out = append(out, words+" "+list+".")
	}
	return out
}
