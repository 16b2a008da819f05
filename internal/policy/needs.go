package policy

// Needs tells what a rule must know, beside an entry and the Project, to judge it:
// the kinds of documents of which none may be missing. It is false of a rule that
// must know all documents, such as one of the repository's own.
func Needs(code string) (kinds []string, ok bool) {
	switch code {
	case "BG201", "BG202", "BG203", "BG204", "BG207", "BG209", "BG214", "BG221", "BG223", "BG224":
		return nil, true
	case "BG205", "BG211":
		return []string{"Group", "Domain", "Product"}, true // of which the holders of roles are members
	}
	return nil, false
}
