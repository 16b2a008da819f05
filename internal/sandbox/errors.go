package sandbox

import (
	"fmt"
	"net/http"
)

// apiError is an error in the platform's own shape.
type apiError struct {
	status  int
	code    string // error_code, such as RESOURCE_DOES_NOT_EXIST
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func errf(status int, code, format string, args ...any) error {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// badValue is the platform's answer to an argument that is not allowed.
func badValue(format string, args ...any) error {
	return errf(http.StatusBadRequest, "INVALID_PARAMETER_VALUE", format, args...)
}

func notFound(format string, args ...any) error {
	return errf(http.StatusNotFound, "RESOURCE_DOES_NOT_EXIST", format, args...)
}

func denied(format string, args ...any) error {
	return errf(http.StatusForbidden, "PERMISSION_DENIED", format, args...)
}

// scimError is an error in the shape of SCIM; scimType may be empty.
type scimError struct {
	status   int
	scimType string
	detail   string
}

func (e *scimError) Error() string { return e.scimType + " " + e.detail }

func scimErrf(status int, scimType, format string, args ...any) error {
	return &scimError{status: status, scimType: scimType, detail: fmt.Sprintf(format, args...)}
}

// oauthError is an error in the shape of OAuth's token endpoint.
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) Error() string { return e.code + ": " + e.description }

const scimErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"

// errorBody is the status and JSON body of an error. A platform error of a SCIM
// route is told in SCIM's shape. The SCIM status is a string: clients that meet
// a number there lose the error's class.
func errorBody(err error, scim bool) (int, any) {
	type scimBody struct {
		Schemas  []string `json:"schemas"`
		SCIMType string   `json:"scimType,omitempty"`
		Detail   string   `json:"detail"`
		Status   string   `json:"status"`
	}
	type platformBody struct {
		ErrorCode string `json:"error_code"`
		Message   string `json:"message"`
	}
	type oauthBody struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	switch e := err.(type) {
	case *oauthError:
		return e.status, oauthBody{e.code, e.description}
	case *scimError:
		return e.status, scimBody{[]string{scimErrorSchema}, e.scimType, e.detail, fmt.Sprint(e.status)}
	case *apiError:
		if scim {
			return e.status, scimBody{[]string{scimErrorSchema}, "", e.message, fmt.Sprint(e.status)}
		}
		return e.status, platformBody{e.code, e.message}
	}
	return http.StatusInternalServerError, platformBody{"INTERNAL_ERROR", err.Error()}
}
