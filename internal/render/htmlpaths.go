package render

import (
	"html/template"

	"github.com/brickgate/brickgate/plan"
)

// pathsView is the ways by which people have what they gain or lose, as a picture
// and as the same in words.
type pathsView struct {
	Sentence string
	Picture  template.HTML
	Edges    []edgeView
}

type edgeView struct {
	From, To term
	By       string
	Sign     *symbol // what the plan does to it; nil: it was there
}

func pathsOf(m *plan.Impact) *pathsView { return nil }
