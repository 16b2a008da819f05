package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/databricks/databricks-sdk-go/apierr"
)

// The SDK hides the HTTP status of answers it cannot parse: a plain-text 404 is
// not its ErrNotFound. So failures are told apart by status and error code.

// status is the HTTP status of a refused request, 0 if there was no answer.
func status(err error) int {
	var api *apierr.APIError
	if errors.As(err, &api) {
		return api.StatusCode
	}
	return 0
}

// code is the platform's error code, "" if there is none.
func code(err error) string {
	var api *apierr.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	return ""
}

// errNotListed is what a complete list proves.
var errNotListed = errors.New("not in the list")

// unreachableError says in our words why a host does not answer. The SDK repeats
// for five minutes whatever holds the words of the system's own message
// (v0.175.0, httpclient/errors.go), after the transport has given up already.
type unreachableError struct {
	host string
	err  error
}

func (e *unreachableError) Unwrap() error { return e.err }

func (e *unreachableError) Error() string {
	var dns *net.DNSError
	var timeout net.Error
	why := "the connection broke"
	switch {
	case errors.As(e.err, &dns):
		why = "its name is not known"
	case errors.Is(e.err, syscall.ECONNREFUSED):
		why = "nothing listens there"
	case errors.Is(e.err, syscall.ECONNRESET):
		why = "it cut the connection"
	case errors.As(e.err, &timeout) && timeout.Timeout():
		why = "it did not answer in time"
	}
	return fmt.Sprintf("%s cannot be reached: %s", e.host, why)
}

func unreachable(host string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || ledAway(err) {
		return err
	}
	return &unreachableError{host, err}
}

const principalMissing = "PRINCIPAL_DOES_NOT_EXIST"

// missing tells whether the server says that the thing itself does not exist.
// A missing principal in a request is not the thing; nor is a path that the
// server does not know, which would make every object of a type "gone".
func missing(err error) bool {
	if errors.Is(err, errNotListed) {
		return true
	}
	switch code(err) {
	case principalMissing, "ENDPOINT_NOT_FOUND", "FEATURE_DISABLED":
		return false
	case "RESOURCE_DOES_NOT_EXIST":
		return true
	}
	return status(err) == http.StatusNotFound
}

// uncertain tells whether a write that ended in this error may have been done all
// the same: it was sent, and the answer neither refuses it nor can be read. 409
// is an answer of several meanings, one of them that the thing exists already.
func uncertain(err error) bool {
	switch s := status(err); {
	case err == nil, errors.Is(err, errStopped), neverSent(err):
		return false
	case s == http.StatusConflict, s == http.StatusRequestTimeout:
		return true
	default:
		return s < http.StatusBadRequest || s >= http.StatusInternalServerError
	}
}

// inDoubt says of a server that broke, or fell silent, what its own words do not: that
// it did, and who knows what became of the change.
func inDoubt(err error) error {
	const tells = "the next plan tells whether it was made"
	switch s := status(err); {
	case s >= http.StatusInternalServerError:
		return fmt.Errorf("%w (HTTP %d; %s)", err, s, tells)
	case errors.As(err, new(*unreachableError)) && !neverSent(err):
		return fmt.Errorf("%w (%s)", err, tells)
	}
	return err
}

// alreadyExists is the answer to the create of something that there is.
func alreadyExists(err error) bool {
	switch code(err) {
	case "ALREADY_EXISTS", "RESOURCE_ALREADY_EXISTS":
		return true
	}
	return status(err) != 0 && strings.Contains(err.Error(), "already exists")
}

// Unauthenticated tells whether the server did not accept who we are.
func Unauthenticated(err error) bool {
	if status(err) == http.StatusUnauthorized {
		return true
	}
	return err != nil && (strings.Contains(err.Error(), "cannot configure default credentials") ||
		strings.Contains(err.Error(), "more than one authorization method configured"))
}

// forbidden tells whether the caller may not do what it tried.
func forbidden(err error) bool { return status(err) == http.StatusForbidden }

// noSuchAttribute is the answer to a removal from an attribute that holds
// nothing any more.
func noSuchAttribute(err error) bool {
	return status(err) == http.StatusBadRequest && strings.Contains(err.Error(), "No such attribute with the name")
}

// rights are what each read and each write needs, for messages about a refusal.
var rights = map[string]string{
	"write principals of the account": "account admin",
	"write permissions":               "CAN_MANAGE on the object, or workspace admin",
	"write grants":                    "metastore admin, or ownership of the securable or its parents, or MANAGE on one of these with the way to it (USE_CATALOG, USE_SCHEMA)",
	"write grants on the metastore":   "metastore admin",
	"hand over a share":               "metastore admin, or ownership of the share",
	"grant EXTERNAL_USE_SCHEMA":       "ownership of the catalog",
	"delete ourselves":                "another identity, since nobody deletes itself",
	"act at all":                      "an identity that is active",

	"list groups":                "account admin, for account groups; workspace admin, for those of a workspace",
	"read groups":                "account admin",
	"list service principals":    "account admin, for those of the account; workspace admin, for those of a workspace",
	"list users":                 "account admin, for users of the account; workspace admin, for those of a workspace",
	"list workspace assignments": "account admin, or admin of that workspace",
	"list objects":               "workspace admin, or at least a right to see objects of the type",
	"find objects":               "a right to see the object, or workspace admin",
	"read permissions":           "CAN_MANAGE on the object, or workspace admin",
	"read entitlements again":    "workspace admin",
	"read the metastore":         "a workspace that is attached to a metastore, and a principal of its account",
	"list securables":            "metastore admin, ownership or MANAGE with USE_CATALOG on the catalog and USE_SCHEMA on its schemas",
	"read securables":            "metastore admin, ownership, or MANAGE or BROWSE on the securable",
	"read the volume":            "READ_VOLUME on it, USE_CATALOG on its catalog and USE_SCHEMA on its schema",
	"write to the volume":        "WRITE_VOLUME on it, USE_CATALOG on its catalog and USE_SCHEMA on its schema",
	"read grants":                "metastore admin, or ownership or MANAGE of the securable or its parents",
}

// explain adds to a refusal which permission is missing.
func explain(err error, doing string) error {
	if !forbidden(err) {
		return err
	}
	return fmt.Errorf("not allowed to %s; it needs %s: %w", doing, rights[doing], err)
}
