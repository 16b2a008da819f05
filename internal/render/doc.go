// Package render writes plans and outcomes for people.
//
// What it writes is stable: two equal plans give the same bytes, at any time.
// Everything that comes from a repository or from live is escaped before it is
// measured and before colour is added, so that no name or reason can move the
// cursor, forge a line or turn text around:
//
//	text ──safe──▶ columns by display width ──style──▶ terminal
//
// A page for a browser is built in two steps, so that its template decides nothing:
//
//	plan.Plan ──newPage──▶ texts, all of them safe ──html/template──▶ one file
//
// It asks for nothing, and its content security policy lets nothing run but its own
// script: what a name or a reason says is text, whatever it looks like. The script
// searches and filters; without it the page is whole.
//
//	err := render.Text(os.Stdout, p, render.TextOptions{Color: isTerminal, Width: columns, Now: now})
package render
