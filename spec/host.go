package spec

import (
	"net"
	"net/url"
	"strings"
)

// canonicalHost is a host as it is compared.
func canonicalHost(host string) string {
	return strings.TrimRight(strings.ToLower(host), "/")
}

// Check reports a host to which a token must not be sent.
func (w *Workspace) Check(c *Checker) {
	checkHost(c, w.Host)
	if !w.Profile.Pos.IsZero() && w.Profile.Value == "" {
		c.Errorf(w.Profile.Pos, "the profile is empty")
	}
}

// Check reports a host to which a token must not be sent.
func (a *Account) Check(c *Checker) { checkHost(c, a.Host) }

func checkHost(c *Checker, host Text) {
	if host.IsZero() {
		return
	}
	u, err := url.Parse(host.Value)
	switch {
	case err != nil || u.Hostname() == "":
		c.Errorf(host.Pos, "%q is not the address of a host; write https://…", host.Value)
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		c.Errorf(host.Pos, "%q is not https; a token is never sent without", host.Value)
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		c.Errorf(host.Pos, "%q has more than a host; write https://%s", host.Value, u.Host)
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
