// Package snapshot keeps what a live account answered to a run that only read, in a
// file that a sandbox can be started from.
//
// A [Recording] stands between the clients of a run and their transport and keeps every
// answer, so that a snapshot is read by whatever reads for a plan, in the same requests.
// [Making.State] turns the answers into a state of the sandbox, [Write] puts it into a
// file, and [Open] reads one and says what it is of.
//
// Invariants:
//   - what was read to its end is listed as looked at; what the platform refused is
//     listed with its words; nothing else is in the file. So a sandbox that is started
//     from it never says that something is empty or not there for want of looking;
//   - of people the file has user names, ids and whether they are active, of groups and
//     service principals also the names that they are shown under. There are no
//     credentials in it, no addresses, no names of persons, no comments;
//   - equal answers make equal files, but for the instant.
//
// Example, without errors:
//
//	recording, _ := snapshot.Record(transport)
//	clients, _ := reconcile.Connect(ctx, env, endpoints, recording)
//	run, _ := reconcile.Read(ctx, clients, declared, reconcile.Options{AllUsers: true})
//	...
//	state, _ := snapshot.Making{Environment: "prd", Hosts: clients.Hosts(), Recording: recording}.State(clients)
//	data, _ := snapshot.Encode(state)
package snapshot
