// Package sandbox is an in-process Databricks account with its workspaces: a
// strict HTTP handler that real clients (any Databricks SDK, the Databricks
// CLI, the Terraform provider) talk to instead of the platform.
//
// It keeps one State, answers account requests by path and workspace requests
// by the header X-Databricks-Workspace-Id, maps bearer tokens to callers and
// enforces what the platform documents about them. What the platform does not
// know (a path, a method, a query parameter, a body field) is an error that
// names it. Eventual consistency, page sizes, faults and latency are on
// switches (Knobs, Fault), and every request is kept in a log.
//
//	server, err := sandbox.New(nil, sandbox.Options{})
//	...
//	web := httptest.NewServer(server)
//	client, err := databricks.NewWorkspaceClient(&databricks.Config{
//		Host: web.URL, Token: server.Token(), AuthType: "pat",
//	})
//
// A Recorder makes a state of what a live account answers; a Server that starts from
// it (see Snapshot) shows what was read and refuses what was not.
//
// Invariants: a State that a Server holds is normalised, that is every id is
// set, every reference to a principal is an id, every list is sorted; two
// servers given equal seeds and equal requests hold equal states.
package sandbox
