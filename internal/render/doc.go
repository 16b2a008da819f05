// Package render writes plans and outcomes for people.
//
// What it writes is stable: two equal plans give the same bytes, at any time.
// Everything that comes from a repository or from live is escaped before it is
// measured and before colour is added, so that no name or reason can move the
// cursor, forge a line or turn text around:
//
//	text ──safe──▶ columns by display width ──style──▶ terminal
//
//	err := render.Text(os.Stdout, p, render.TextOptions{Color: isTerminal, Width: columns, Now: now})
package render
