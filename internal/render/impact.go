package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

const (
	unknownShown = 4
	waysShown    = 3
)

// impact writes who can do more and who can do less, the risky first.
func (t *text) impact(p plan.Plan) {
	if p.Impact == nil || len(p.Changes) == 0 {
		return
	}
	if len(p.Impact.Effects) == 0 {
		t.line("", span{"impact", bold}, span{": nobody can do more or less than before", plain})
		t.unread(p.Impact.Unknown)
		t.line("")
		return
	}
	t.paragraph(whoCan, span{"impact: ", bold})
	t.indent(2)
	all, ways := blocksOf(p.Impact.Effects)
	blocks, left := fewer(all, plainShown, riskyShown)
	for i := range blocks {
		b := &blocks[i]
		if i == 0 || b.product != blocks[i-1].product {
			t.line("", span{headingOf(b.product).plain(), bold})
		}
		t.block(b)
	}
	if left.objects > 0 {
		t.line("", span{left.words(), plain})
	}
	for _, w := range waysThere(ways, waysShown) {
		t.paragraph(w.words.plain(), signOf(w.gained, "  "))
	}
	t.indent(-2)
	t.unread(p.Impact.Unknown)
	t.line("")
}

func signOf(gained bool, lead string) span {
	if gained {
		return span{lead + "+ ", green}
	}
	return span{lead + "- ", red}
}

// block writes one.
func (t *text) block(b *block) {
	t.items(strings.Split(b.on(sameShown).plain(), " "), "", span{"  ", plain})
	if risks := b.risks(); len(risks) > 0 {
		t.line("", span{"    ! ", alarm}, span{strings.Join(dangers(risks), "; "), alarm})
	}
	for _, e := range b.effects {
		t.effect(t.tell(b, e, say("it"), takersShown))
	}
}

// effect writes who gains or loses what.
func (t *text) effect(e *telling) {
	words := strings.Split(e.sentence.plain(), " ")
	if e.numbers != "" {
		words = append(words, strings.TrimSpace(e.numbers)) // not to be torn apart
	}
	rest := e.until
	if len(e.privileges) > 0 {
		rest = ": " + few(e.privileges, func(p string) string { return p }) + rest
	}
	after, more, _ := strings.Cut(rest, " ")
	words[len(words)-1] += after
	if more != "" {
		words = append(words, strings.Split(more, " ")...)
	}
	line := strings.Join(words, " ")
	at, sign := lines(e.causes), signOf(e.gained, "    ")
	beside := ansi.StringWidth(line)+ansi.StringWidth(at)+8 <= t.width
	if beside {
		t.line(at, sign, span{line, plain})
	} else {
		t.items(words, "", sign)
	}
	t.items(plains(e.named), ",", span{"        ", plain})
	if e.one && len(e.way) > 1 {
		t.items(plains(e.steps()), " →", span{"        by: ", plain})
	}
	if !beside {
		lead := "        at: "
		if strings.HasPrefix(at, undeclared("")) {
			lead = "        "
		}
		t.items(strings.Split(at, " "), "", span{lead, faint})
	}
}

// unread says what could change the numbers.
func (t *text) unread(unknown []string) {
	for i, u := range unknown {
		if i == unknownShown {
			t.line("", span{"  ? and " + number(len(unknown)-i) + " more that were not read", yellow})
			return
		}
		t.paragraph("not known, and could mean more: "+safe(u), span{"  ? ", yellow})
	}
}
