package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is one endpoint.
type route struct {
	method string
	// path has literal segments and {name}; a last {name...} takes the rest. The
	// name "account" must be the account's id. Segments are unescaped one by one,
	// so that a name may hold an escaped slash.
	path   string
	query  []string // the query parameters it knows
	handle func(*call) (any, error)
	scim   bool // its errors have SCIM's shape
	open   bool // needs no bearer token and no workspace
	// account routes belong to no workspace; those whose path has {account} are
	// account routes without saying so.
	account bool
	read    bool    // not a GET, but changes nothing
	fresh   bool    // sees every write at once, as those of the workspace tree do, of which no delay is known
	touches touches // what a successful write leaves to be indexed
}

// touches says which indexes a write may have made stale.
type touches int

const (
	touchesAll        touches = iota
	touchesContents           // the contents of entries alone, no entry came, went or was renamed; or the handler has indexed it
	touchesPrincipals         // principals and what they are in
	touchesObjects            // the objects of workspaces
	touchesSecurables         // what is in the metastore
)

// reindex builds anew what a write has made stale. A large metastore is not
// walked because a group has a new member.
func (w *world) reindex(t touches) {
	switch t {
	case touchesAll:
		w.index()
	case touchesPrincipals:
		w.indexPrincipals()
	case touchesObjects:
		indexObjects(w)
	case touchesSecurables:
		indexSecurables(w)
	}
}

func (r *route) reads() bool { return r.method == http.MethodGet || r.read }

// router finds routes by path, literal segments before named ones.
type router struct {
	root *routeNode
}

type routeNode struct {
	literal map[string]*routeNode
	named   *routeNode
	rest    bool // a {name...} ends here
	methods map[string]*boundRoute
}

// boundRoute is a route with the names of its path parameters in order.
type boundRoute struct {
	route
	names []string
}

func newRouter(routes []route) (*router, error) {
	rt := &router{root: &routeNode{}}
	for _, r := range routes {
		if err := rt.add(r); err != nil {
			return nil, err
		}
	}
	return rt, nil
}

func (rt *router) add(r route) error {
	node := rt.root
	bound := &boundRoute{route: r}
	for _, segment := range strings.Split(strings.TrimPrefix(r.path, "/"), "/") {
		name, isNamed := strings.CutPrefix(segment, "{")
		if !isNamed {
			if node.literal == nil {
				node.literal = map[string]*routeNode{}
			}
			if node.literal[segment] == nil {
				node.literal[segment] = &routeNode{}
			}
			node = node.literal[segment]
			continue
		}
		name = strings.TrimSuffix(name, "}")
		name, rest := strings.CutSuffix(name, "...")
		bound.names = append(bound.names, name)
		bound.account = bound.account || name == "account"
		if node.named == nil {
			node.named = &routeNode{}
		}
		node = node.named
		node.rest = node.rest || rest
	}
	if node.methods == nil {
		node.methods = map[string]*boundRoute{}
	}
	if node.methods[r.method] != nil {
		return fmt.Errorf("route %s %s stands twice in the tables", r.method, r.path)
	}
	node.methods[r.method] = bound
	return nil
}

// find is the route of a request with the values of its path parameters.
func (rt *router) find(method, escapedPath string) (*boundRoute, map[string]string, error) {
	segments := strings.Split(strings.TrimPrefix(escapedPath, "/"), "/")
	for i := range segments {
		plain, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, nil, errf(http.StatusBadRequest, "BAD_REQUEST", "path %s: %v", escapedPath, err)
		}
		segments[i] = plain
	}
	node, values := rt.root.walk(segments, nil)
	if node == nil {
		return nil, nil, errf(http.StatusNotFound, "ENDPOINT_NOT_FOUND", "No API found for '%s %s'", method, escapedPath)
	}
	bound := node.methods[method]
	if bound == nil {
		known := make([]string, 0, len(node.methods))
		for m := range node.methods {
			known = append(known, m)
		}
		slices.Sort(known)
		return nil, nil, errf(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED",
			"No API found for '%s %s'; this path knows %s", method, escapedPath, strings.Join(known, ", "))
	}
	params := make(map[string]string, len(values))
	for i, name := range bound.names {
		params[name] = values[i]
	}
	return bound, params, nil
}

func (n *routeNode) walk(segments, values []string) (*routeNode, []string) {
	if len(segments) == 0 {
		if n.methods == nil {
			return nil, nil
		}
		return n, values
	}
	if next := n.literal[segments[0]]; next != nil {
		if found, got := next.walk(segments[1:], values); found != nil {
			return found, got
		}
	}
	if n.named == nil || segments[0] == "" {
		return nil, nil
	}
	if found, got := n.named.walk(segments[1:], append(slices.Clip(values), segments[0])); found != nil {
		return found, got
	}
	if n.named.rest {
		return n.named, append(slices.Clip(values), strings.Join(segments, "/"))
	}
	return nil, nil
}
