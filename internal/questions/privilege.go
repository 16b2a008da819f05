package questions

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// words are what people call privileges, where a type has just one that is meant.
var words = map[string][]string{
	"READ":    {"SELECT", "READ_VOLUME", "READ_FILES", "CAN_READ", "CAN_VIEW", "EXECUTE"},
	"WRITE":   {"MODIFY", "WRITE_VOLUME", "WRITE_FILES", "CAN_EDIT"},
	"USE":     {"USE_CATALOG", "USE_SCHEMA", "USE_CONNECTION", "CAN_USE"},
	"VIEW":    {"CAN_VIEW", "CAN_READ"},
	"QUERY":   {"CAN_QUERY"},
	"RUN":     {"CAN_RUN", "CAN_MANAGE_RUN"},
	"EDIT":    {"CAN_EDIT"},
	"RESTART": {"CAN_RESTART"},
	"ATTACH":  {"CAN_ATTACH_TO"},
	"MONITOR": {"CAN_MONITOR"},
	"OWN":     {isOwner},
}

// entitlements are what is held in a workspace beside being in it.
var entitlements = []string{"workspace-access", "databricks-sql-access", "allow-cluster-create", "allow-instance-pool-create", "workspace-consume"}

// Privilege finds the privilege, level, entitlement or role that a text means on an
// object, in the API's spelling, and the key of the object that it is held on.
func (w *World) Privilege(text string, o Object) (string, plan.Key, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", plan.Key{}, errors.New("which privilege? name one, as SELECT, or a level, as CAN_USE")
	}
	switch o.Type {
	case account:
		return w.role(text, o, nil)
	case workspace:
		return w.placed(text, o)
	}
	key, find := o.Keys[0], w.Platform.Privilege
	if key.Kind == kindPermissions {
		find = w.Platform.Level
	}
	name, ok := find(o.Type, text)
	if ok || slices.Contains(w.given(key), name) {
		return name, key, nil
	}
	allowed := w.allowed(key, o.Type)
	if i := slices.IndexFunc(words[name], func(p string) bool { return slices.Contains(allowed, p) }); i >= 0 {
		return words[name][i], key, nil
	}
	if slices.Contains(allowed, "CAN_"+name) {
		return "CAN_" + name, key, nil
	}
	noun := "privilege"
	if key.Kind == kindPermissions {
		noun = "level"
	}
	return "", key, fmt.Errorf("there is no %s %q on a %s%s; allowed: %s", noun, text, typeWord(o.Type), meant(name, allowed), strings.Join(allowed, ", "))
}

func typeWord(typ string) string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(singular(typ))
}

// allowed are the privileges or levels of a type.
func (w *World) allowed(key plan.Key, typ string) []string {
	if key.Kind == kindGrants {
		return w.Platform.Privileges(typ)
	}
	levels := slices.Clone(w.Platform.Levels(typ))
	if _, ok := w.Platform.Level(typ, isOwner); ok {
		levels = append(levels, isOwner)
	}
	return levels
}

// given are the values that the state has on a key, whatever the tables know.
func (w *World) given(key plan.Key) []string {
	r, ok := w.State.Get(key)
	if !ok {
		return nil
	}
	var out []string
	for _, f := range r.Fields {
		if plan.IsPrincipal(f.Name) {
			out = append(out, f.Values...)
		}
	}
	return out
}

// placed is what is held in a workspace: USER or ADMIN, an entitlement or a role.
func (w *World) placed(text string, o Object) (string, plan.Key, error) {
	if upper := strings.ToUpper(text); upper == "USER" || upper == "ADMIN" {
		return upper, o.Keys[0], nil
	}
	if e := strings.ToLower(strings.NewReplacer(" ", "-", "_", "-").Replace(text)); slices.Contains(entitlements, e) {
		return e, o.Keys[1], nil
	}
	return w.role(text, Object{Label: o.Label, Type: o.Type, Keys: o.Keys[2:]}, append([]string{"USER", "ADMIN"}, entitlements...))
}

// role is one that somebody has, or that everybody knows.
func (w *World) role(text string, o Object, others []string) (string, plan.Key, error) {
	key, known := o.Keys[0], []string(nil)
	if key.Target == account {
		known = append(known, "account_admin")
	}
	for _, r := range w.State.All() {
		if r.Key.Kind == kindRoles && r.Key.Target == key.Target {
			for _, f := range r.Fields {
				known = append(known, f.Values...)
			}
		}
	}
	known = plan.Set(known)
	for _, r := range known {
		if strings.EqualFold(r, strings.NewReplacer(" ", "_").Replace(text)) || r == text {
			return r, key, nil
		}
	}
	all := slices.Concat(others, known)
	return "", key, fmt.Errorf("nobody can have %q on %s%s; allowed: %s", text, o.Label, meant(text, all), strings.Join(all, ", "))
}
