package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// How the looks at grants and at ACLs begin.
const (
	grantsWord = "grants on "
	aclWord    = "permissions of "
)

// look is what a request reads, or what has to have been read before it writes, in
// the words in which a snapshot lists it. It is also answered by what lists hold, if
// it is in one.
type look struct {
	what  string
	lists []string
}

// at puts the place before what was looked at: the account, or a workspace by name.
func at(workspace, what string) string {
	if workspace == "" {
		return "account: " + what
	}
	return workspace + ": " + what
}

// lookOf is false for requests that a snapshot has nothing to do with: who the caller
// is, and what files hold.
func lookOf(route *boundRoute, params map[string]string, query url.Values, workspace string) (look, bool) {
	if strings.Contains(route.path, "/scim/v2/") {
		return lookAtPrincipal(route, params, query, workspace)
	}
	switch {
	case route.open, strings.HasPrefix(route.path, "/api/2.0/fs/"):
		return look{}, false
	case strings.Contains(route.path, "/permissionassignments"):
		return look{what: at(workspace, "assignments")}, true
	case strings.HasPrefix(route.path, "/api/2.0/permissions/"):
		return look{what: aclLook(workspace, aclType(params), params["id"])}, true
	case strings.HasPrefix(route.path, "/api/2.0/workspace/"):
		return lookAtTree(route, query, workspace)
	case route.path == ucBase+"metastore_summary":
		return look{what: "metastore"}, true
	}
	if found, ok := lookAtSecurable(route, params, query); ok {
		return found, true
	}
	if kind := listedKind(route); kind != "" && route.method == http.MethodGet {
		return look{what: at(workspace, "list of "+kind)}, true
	}
	if route.method != http.MethodGet {
		return look{}, false // it makes or changes something that no plan is about
	}
	return look{what: at(workspace, plainLook(route, params, query))}, true
}

// listedKind is the type of objects that a route lists; empty where it lists none.
func listedKind(route *boundRoute) string {
	if route.path == legacyDashboards {
		return "dbsql-dashboards"
	}
	for i := range inventories {
		inv := &inventories[i]
		for _, base := range inv.bases {
			if inv.items != "" && route.path == base+inv.list {
				return inv.kind
			}
		}
	}
	return ""
}

// plainLook is a request by its path and what it asks for, without its pages.
func plainLook(route *boundRoute, params map[string]string, query url.Values) string {
	p := route.path
	for _, name := range route.names {
		p = strings.NewReplacer("{"+name+"}", params[name], "{"+name+"...}", params[name]).Replace(p)
	}
	asked := url.Values{}
	for name, values := range query {
		switch name {
		case "page", "page_token", "page_size", "max_results", "limit":
		default:
			asked[name] = values
		}
	}
	if len(asked) > 0 {
		p += "?" + asked.Encode()
	}
	return p
}

// Words for the SCIM collections, as lists and one by one.
var scimWords = map[string][2]string{
	"Users": {"users", "user "}, "Groups": {"groups", "group "}, "ServicePrincipals": {"service principals", "service principal "},
}

const withMembers = " with members"

func lookAtPrincipal(route *boundRoute, params map[string]string, query url.Values, workspace string) (look, bool) {
	collection := path.Base(strings.TrimSuffix(route.path, "/{id}"))
	words, ok := scimWords[collection]
	if !ok {
		return look{}, false // Me
	}
	if strings.Contains(route.path, "/accounts/") || strings.HasPrefix(route.path, "/api/2.0/account/") {
		workspace = ""
	}
	list := at(workspace, words[0])
	attributes := strings.ToLower(query.Get("attributes"))
	members := collection == "Groups" && strings.Contains(attributes, "members")
	if id := params["id"]; id != "" {
		one := look{what: at(workspace, words[1]+id)}
		if collection != "Groups" || attributes != "" && !members {
			one.lists = []string{list, list + withMembers}
		}
		return one, true
	}
	if filter := query.Get("filter"); filter != "" && route.method == http.MethodGet {
		return look{what: list + " where " + filter, lists: []string{list, list + withMembers}}, true
	}
	if members && workspace != "" {
		return look{what: list + withMembers}, true
	}
	return look{what: list, lists: []string{list + withMembers}}, true
}

// madeLook is what a request has made, by its answer.
func madeLook(route *boundRoute, params map[string]string, workspace string, answer []byte) (string, bool) {
	var made struct {
		ID string `json:"id"`
	}
	if !route.scim || json.Unmarshal(answer, &made) != nil || made.ID == "" {
		return "", false
	}
	if route.account {
		workspace = ""
	}
	words := scimWords[path.Base(route.path)]
	return at(workspace, words[1]+made.ID), words[1] != ""
}

func aclType(params map[string]string) string {
	if sql := params["sql"]; sql != "" {
		return sqlTypes[sql]
	}
	return params["type"]
}

func aclLook(workspace, kind, id string) string {
	return at(workspace, aclWord+kind+"/"+id)
}

// lookAtTree: a folder that was listed shows what is in it.
func lookAtTree(route *boundRoute, query url.Values, workspace string) (look, bool) {
	p := cleanPath(query.Get("path"))
	switch path.Base(route.path) {
	case "list":
		return look{what: at(workspace, "folder "+p)}, true
	case "get-status":
		return look{what: at(workspace, "path "+p), lists: []string{at(workspace, "folder "+path.Dir(p))}}, true
	}
	return look{}, false
}

func lookAtSecurable(route *boundRoute, params map[string]string, query url.Values) (look, bool) {
	if kind := params["type"]; kind != "" && strings.HasPrefix(route.path, ucBase+"bindings/") {
		return look{what: "bindings of " + kind + " " + params["name"]}, true
	} else if kind != "" && strings.HasPrefix(route.path, ucBase+"permissions/") {
		return look{what: grantsLook(kind, params["name"])}, true
	}
	for i := range securableTypes {
		t := &securableTypes[i]
		switch {
		case t.path == "" || !strings.HasPrefix(route.path, t.path):
		case route.path == t.path:
			return look{what: t.listLook(query.Get("catalog_name"), query.Get("schema_name"))}, route.method == http.MethodGet
		case route.path == t.path+"/{name}":
			full := t.fullName(params["name"])
			parts := append(t.segments(full), "", "")
			one := look{what: t.name + " " + full}
			switch t.depth {
			case 1:
				one.lists = []string{t.listLook("", "")}
			case 2:
				one.lists = []string{t.listLook(parts[0], "")}
			default:
				one.lists = []string{t.listLook(parts[0], parts[1])}
			}
			return one, true
		case t.name == "share" && route.path == t.path+"/{name}/permissions":
			return look{what: grantsLook("share", params["name"])}, true
		}
	}
	return look{}, false
}

func grantsLook(kind, name string) string {
	return grantsWord + strings.ToLower(kind) + " " + strings.ToLower(name)
}

// listLook is the list of a type: all of it, in a catalog, or in a schema.
func (t *securableType) listLook(catalog, schema string) string {
	what := t.name + "s"
	switch {
	case schema != "":
		return "list of " + what + " in " + strings.ToLower(joinName(catalog, schema))
	case catalog != "":
		return "list of " + what + " in " + strings.ToLower(joinName(catalog))
	}
	return "list of " + what
}

func workspaceLabel(id int64) string { return strconv.FormatInt(id, 10) }
