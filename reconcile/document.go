package reconcile

import (
	"reflect"

	"github.com/brickgate/brickgate/spec"
)

// Document is a kind of document that users write.
type Document struct {
	Kind    string
	Spec    reflect.Type
	Names   func(naming, spec.Entry) []*principal // the principals that it declares; nil if none
	Declare func(*Declaring, spec.Entry)
}

// documents is the table of documents, one row each, sorted by kind. It is a
// function since the rows refer to code that looks into it.
func documents() []Document {
	return []Document{
		{Kind: "AccessRequest", Spec: reflect.TypeFor[spec.AccessRequest]()},
		{Kind: "Domain", Spec: reflect.TypeFor[spec.Domain]()},
		{Kind: "EmergencyAccess", Spec: reflect.TypeFor[spec.EmergencyAccess]()},
		{Kind: "Grants", Spec: reflect.TypeFor[Grants](), Declare: declareGrants},
		{Kind: "Group", Spec: reflect.TypeFor[Group](), Names: groupName, Declare: declareGroup},
		{Kind: "Permissions", Spec: reflect.TypeFor[Permissions](), Declare: declarePermissions},
		{Kind: "Product", Spec: reflect.TypeFor[spec.Product](), Names: productGroupNames, Declare: declareProduct},
		{Kind: "Removed", Spec: reflect.TypeFor[Removed](), Names: removedName, Declare: declareRemoved},
		{Kind: "ServicePrincipal", Spec: reflect.TypeFor[ServicePrincipal](), Names: servicePrincipalName, Declare: declareServicePrincipal},
	}
}

// SpecKinds are the kinds of documents as spec.Load wants them.
func SpecKinds() []spec.Kind {
	var kinds []spec.Kind
	for _, d := range documents() {
		kinds = append(kinds, spec.Kind{Name: d.Kind, Spec: d.Spec})
	}
	return kinds
}

func document(kind string) Document {
	for _, d := range documents() {
		if d.Kind == kind {
			return d
		}
	}
	panic("reconcile: a document of the unknown kind " + kind)
}
