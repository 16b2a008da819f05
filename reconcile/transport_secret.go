package reconcile

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Credentials go to the host that they are meant for, and nowhere else: into no
// message, since what a server answers is printed and recorded, and gateways
// answer with what they were sent; and to no other host, since a redirection is
// the word of a server alone.

// leastSecret is the length from which a credential is searched for. Nobody
// guards anything with less, and every text is full of it.
const leastSecret = 8

// secretFields are the fields of a request for a token that nobody else may see.
var secretFields = []string{"client_secret", "client_assertion", "assertion", "subject_token", "refresh_token", "password", "code", "code_verifier"}

// secrets are the credentials of a request.
func secrets(req *http.Request) []string {
	var found []string
	authorization := req.Header.Get("Authorization")
	if _, credential, ok := strings.Cut(authorization, " "); ok {
		found = append(found, credential)
	}
	if _, password, ok := req.BasicAuth(); ok {
		found = append(found, password)
		if plain, err := url.QueryUnescape(password); err == nil { // OAuth encodes both parts
			found = append(found, plain)
		}
	}
	if password, ok := req.URL.User.Password(); ok {
		found = append(found, password)
	}
	form, err := url.ParseQuery(string(formOf(req)))
	for _, name := range secretFields {
		if err == nil {
			found = append(found, form[name]...)
		}
	}
	return slices.DeleteFunc(found, func(s string) bool { return len(s) < leastSecret })
}

// formOf is the body of a request that sends a form.
func formOf(req *http.Request) []byte {
	if req.GetBody == nil || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return nil
	}
	return data
}

// hidden stands for a credential in what a server says.
const hidden = "[hidden]"

// withoutSecrets is an answer without the credentials of its request, however they
// are written. What is read as data is as it came.
func withoutSecrets(req *http.Request, resp *http.Response, data []byte) []byte {
	if resp.StatusCode < http.StatusMultipleChoices && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return data
	}
	for _, secret := range secrets(req) {
		data = anyForm(secret).ReplaceAllLiteral(data, []byte(hidden))
	}
	return data
}

// anyForm matches a text as it is, and as JSON, URLs and HTML write it, each
// character in its own way: gateways do not agree on what has to be escaped.
func anyForm(text string) *regexp.Regexp {
	var b strings.Builder
	for _, c := range text {
		escaped := fmt.Sprintf("% x", string(c))
		escaped = "%" + strings.ReplaceAll(escaped, " ", "%")
		fmt.Fprintf(&b, `(?:\\?%s|\\u(?i:%04x)|(?i:%s)|&#%d;|&#x(?i:%x);`, regexp.QuoteMeta(string(c)), c, escaped, c, c)
		switch c {
		case ' ':
			b.WriteString(`|\+`)
		case '&':
			b.WriteString(`|&amp;`)
		}
		b.WriteString(")")
	}
	return regexp.MustCompile(b.String())
}

// redirectError is why an answer is not followed: it leads to another host, and
// the request holds a credential.
type redirectError struct{ from, to string }

func (e *redirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s, and credentials go to no host that is not named: name the right one", e.from, e.to)
}

// elsewhere is an error if the answer sends a credential to another host, or turns
// a write into the reading of a page.
func elsewhere(req *http.Request, resp *http.Response) error {
	if resp.StatusCode < http.StatusMultipleChoices || resp.StatusCode >= http.StatusBadRequest {
		return nil
	}
	to, err := resp.Location()
	switch {
	case err != nil:
		return nil
	case len(secrets(req)) > 0 && (to.Host != req.URL.Host || to.Scheme != req.URL.Scheme):
		return &redirectError{req.URL.Host, to.Scheme + "://" + to.Host}
	case becomesGet(req, resp):
		return &pageError{req.URL.Host, to.Path}
	}
	return nil
}

// becomesGet tells whether clients follow this answer to a write by a GET, whose
// success then says nothing about the write.
func becomesGet(req *http.Request, resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		return req.Method != http.MethodGet && req.Method != http.MethodHead
	}
	return false
}

// pageError is why an answer to a write is not followed: it leads to a page.
type pageError struct{ host, path string }

func (e *pageError) Error() string {
	return fmt.Sprintf("%s did not do it and leads to %s instead: does a login page stand in for the host?", e.host, e.path)
}

// ledAway tells whether an answer was not followed, and a repetition would hear
// the same.
func ledAway(err error) bool {
	return errors.As(err, new(*redirectError)) || errors.As(err, new(*pageError))
}
