// Package journal keeps what was written to Databricks: who did it, when, what,
// why, and how it ended.
//
//	j, err := journal.Open(path, time.Now)
//	err = j.Begin(run)       // who, where, which commit and plan
//	err = j.Intent(change)   // on disk before the first write of the change
//	j.Outcome(outcome)       // after its last
//	j.Seen(outcome)          // what reads showed afterwards, where somebody looked
//	err = j.End(outcomes)    // counts; and any error on the way
//	err = j.Close()
//
// A journal is a file of JSON lines to which lines are only ever added, by one
// process at a time. Every line has a number, the hash of the line before, and
// last the SHA-256 of its own text without that hash:
//
//	{"seq":7,"prev":"91…","at":"…","run":"…","intent":{…},"hash":"4c…"}
//	{"seq":8,"prev":"4c…","at":"…","run":"…","outcome":{"of":7,…},"hash":"d0…"}
//
// So whoever edits, drops, inserts or moves a line must write all later lines
// anew, and Verify names the line where somebody did not. Two things it cannot
// see: lines taken from the very end, and a rest that was written anew with new
// hashes. The number and the hash of the last line, kept elsewhere, show both.
//
// Each run is a part of its journal that can be kept apart from it, and verifies by
// itself: Parts cuts a journal, Together reads parts of several, and Loose tells
// where one is missing between them.
//
// What it promises: no write without an intent on disk. An intent without an
// outcome was under way when the process died, and may or may not have been
// made; the next plan compares with what is live and tells. Where an intent
// cannot be written (a full disk, a read-only folder), its change fails, and so
// do all after it, before anything is written to the platform. A line that a
// killed process left unfinished stays as it is, and a record after it says so.
//
// Numbers give the order; a clock that jumps changes nothing but the times. No
// secret ever stands in a journal: it holds facts of plans, and words.
package journal
