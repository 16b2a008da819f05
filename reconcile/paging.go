package reconcile

import "fmt"

// pageTokens are the tokens of the pages that a list has led to; a server that
// sends one twice would be asked for ever.
type pageTokens map[string]bool

func (p pageTokens) follow(token string) error {
	if p[token] {
		return fmt.Errorf("the list repeats: the page token %q came twice", token)
	}
	p[token] = true
	return nil
}
