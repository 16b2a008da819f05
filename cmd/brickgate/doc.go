// Brickgate is access as code for Databricks: it makes the access that a
// repository of YAML declares visible as a plan, and then true.
//
// What follows is for whoever is called when an apply did not end well.
//
// # What to do
//
// An apply failed, was interrupted, was killed, or its machine is gone. Nothing has
// to be repaired or cleaned up first: there is no state file, and live is the only
// truth.
//
//  1. brickgate plan --env prd shows what is left to do. It reads everything anew,
//     and what was done is not in it.
//  2. If that is what you want, brickgate apply --env prd does it. Nothing is done
//     twice by running it again.
//     In the workflow access-apply, that is to start it by hand with the checksum that
//     the summary of its last run shows.
//  3. If it is not, check out the commit before, and apply that. A rollback is an
//     apply: all that the older commit declares is as it was then. What it leaves
//     unmanaged (no members:, no roles:) stays as it is. If much comes back or goes,
//     guards may ask for a reason: --allow.
//  4. If what matters now is that access ends, brickgate expire --env prd takes
//     away what has expired or was revoked, and nothing else, even while some file
//     of the repository does not load.
//
// What happened is in the journal: brickgate journal verify names the runs that did
// not come to their end and the changes that were in flight in them, and
// brickgate history --since 1d lists who changed what, and how it ended.
//
// # What is left behind
//
// A run gives before it takes: additions first, then removals, then deletions. One
// that stopped half-way has so rather left too much access than too little: nobody
// who moves is without access, and what was to be taken away may still be there.
// Of one change, which can be several requests, a part may have been made; the next
// plan shows the rest. Removal from a group is effective in Unity Catalog within
// about 20 minutes.
//
// A change that failed stops what waits for it, and nothing else.
//
// An answer that was lost is no failure yet. What can be sent twice without harm is
// sent again; for all else it is looked up what became of it, and what was made is
// taken for ours only if it is what we meant. Only if that cannot be found out does
// the change fail, and says so.
//
// Interrupted once (SIGINT, SIGTERM, or SIGHUP of a terminal that is gone), a run
// finishes what is under way, begins nothing more and lists what is left. Interrupted
// twice, it stops at once, which leaves as much as a kill. That nobody reads what it
// prints any more, as behind a tee that Ctrl-C ended, does not stop it.
//
// Killed (SIGKILL, the power, a runner that was taken away), it leaves changes in
// flight, which may have been made or not, in the journal as intents without an
// outcome; perhaps a line of the journal that is not whole, which the next run marks
// as such; and its lock. The next apply takes the lock over: on the same machine (Linux
// and macOS) at once, elsewhere once it was not renewed for a minute. Until then it ends
// with 1 and says whose the lock is, or waits, with --lock-timeout 2m.
//
// # The words of an outcome
//
//	applied     the platform has accepted it, or it was so already. Where something
//	            stands beside it, what was written was read again afterwards, and is
//	            not yet visible: reads may show what was for a minute; a later plan tells
//	            not verified: it could not be read again, and was applied all the same
//	            changed by somebody else: since then; nothing was written again
//	failed      the platform refused it, or nobody knows whether it was done: the words
//	            behind it say which. The other requests of the change may have been made
//	blocked     not begun, since a change that it waits for did not succeed
//	cancelled   not begun, since the run was interrupted or had lost its lock
//	in flight   only in history: recorded as begun, and nothing about its end
//
// # The exit codes of apply and expire
//
//	0    all changes were applied, or there were none
//	1    an error before the first write: mistakes in files, the lock is somebody
//	     else's, the journal cannot be written, a host does not answer. expire ends
//	     with 1 as well when it has done its work and files do not load
//	3    refused before the first write: by a guard; for want of rights; because a saved
//	     plan is not what would be done; because live has changed and more would be done
//	     than was shown. Or the rules found errors: what they block is not done, the
//	     rest is
//	4    the credentials were not accepted
//	5    in part: a change did not succeed, something could not be read and was left
//	     alone, something is not recorded, or somebody else has changed what was
//	     written
//	130  interrupted; what was begun is finished, unless it was interrupted twice
//
// (2 is for plan --detailed-exitcode: there are changes. drift ends with it where it
// finds drift.)
//
// # What protects from what
//
// Guards and rights are looked at before the first write, on the whole plan. A change
// for which the applying identity lacks a right, now or after an earlier change of the
// same plan, refuses the plan by name. Where nobody can tell, nothing is said: such a
// change can still fail. expire takes away as far as its rights go.
//
// The lock keeps two runs of one project from writing to one environment at the same
// time. With it in hand the plan is made again; a run that loses it finishes what is
// under way and begins nothing more. After unlock it takes up to 15 seconds to notice,
// in which it goes on writing. The lock does not keep out anybody else: people,
// Terraform, other projects. Nor does it hold where the identity may not write the
// file: then there is a warning. Against those there is one more look: what replaces
// a whole is compared with live right before it is written, and a difference fails
// the change; all else only adds and removes what the plan shows. Between that look
// and the write there is a moment that nothing protects.
//
// The journal guarantees that no access is changed without an intent on disk: where
// it cannot be written, nothing is applied, and when the disk fills up in the middle, no
// change begins any more. It shows who edited, dropped, inserted or moved a line. It
// does not show lines that were taken off its very end, nor a rest that was written
// anew with new hashes: whoever has its last number and hash from elsewhere sees both.
// It holds what brickgate wrote, and nothing of what others did.
//
// The upload puts the part of each run into a volume, in a file that brickgate never
// overwrites, when the run is over, also when it failed or was interrupted. A run that
// was killed uploads nothing: the next one on the same machine that has something to
// change does, or brickgate journal upload. Where the machine is gone, so is what it did
// not upload; the audit log of Databricks has the requests. That an upload fails is a
// warning and changes no exit code. Whoever may write to the volume can delete or replace
// files there: verify finds an edited file, and one that is missing between others of the
// same machine, not its last one. So where each run has a machine of its own, a file
// that is deleted is not missed. Of a journal and its files in the volume, verify tells
// where they differ.
//
// A saved plan is applied only as far as it is still what would be done: what is done
// already and what has ended since is left out, and anything else refuses all of it.
// Somebody else's entry beside it is no matter. It holds for a day unless --valid says
// otherwise, and for one version, environment and host. Its digest protects from
// accidents, not from somebody who edits it on purpose.
//
// The checksum protects from that too: --expect with the one that the reviewer saw
// applies these changes, in this environment on these hosts, and nothing else; of a
// saved plan, and of what somebody else does before the lock is taken, what is left to
// do. It says nothing of who asked for them and why, nor from which commit they come.
package main
