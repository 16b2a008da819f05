package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// interruptible is a context that ends with the first SIGINT or SIGTERM, or SIGHUP,
// which is what a lost connection to the terminal gives. The second one ends the
// program, with whatever is to be said then. nohup is respected.
func interruptible(parent context.Context) context.Context {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	words := &lastWords{}
	ctx, interrupt := context.WithCancel(context.WithValue(parent, lastWordsKey{}, words))
	go func() {
		<-signals
		interrupt()
		<-signals
		said := make(chan struct{})
		go func() { words.speak(); close(said) }()
		select {
		case <-said:
		case <-time.After(lastBreath):
		}
		os.Exit(exitInterrupted)
	}()
	return ctx
}

// outliveReaders keeps a run that writes from being killed because nobody reads what
// it prints: Ctrl-C in `apply | tee log` ends tee first, and the next line would end
// the run in the middle of a change. Writes fail from now on instead.
func outliveReaders() (takeBack func()) {
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	return func() { signal.Stop(pipes) }
}

// lastBreath is how long the last words may take. Where nobody reads what is told,
// as behind a pager, they would wait for what was told before.
const lastBreath = time.Second

// lastWords are what a second signal makes the program say. They come by the
// context, since only that reaches from main through the command line to where it
// is known what is under way.
type lastWords struct {
	mu  sync.Mutex // guards say
	say func()
}

type lastWordsKey struct{}

// leave sets the last words until they are taken back.
func leave(ctx context.Context, say func()) (takeBack func()) {
	words, ok := ctx.Value(lastWordsKey{}).(*lastWords)
	if !ok {
		return func() {}
	}
	words.set(say)
	return func() { words.set(nil) }
}

func (l *lastWords) set(say func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.say = say
}

func (l *lastWords) speak() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.say != nil {
		l.say()
	}
}

// stopped are the last words of a run that writes.
func stopped(session *session, journal string) string {
	words := prefixed("", fmt.Sprintf("stopped at once: what was under way may be made or not; `brickgate journal verify %s` names it, and the next plan tells", journal))
	if session.run.Lease != nil {
		words += "\nthe lock is left behind: the next apply takes it over, on this machine at once, elsewhere after a minute without a sign of life"
	}
	return words
}

// tellLeft says what becomes of the changes that were not made because the run
// ended before; they are listed already.
func tellLeft(ctx context.Context, s streams, outcomes []plan.Outcome) {
	left := 0
	for _, o := range outcomes {
		if o.Status != plan.Applied {
			left++
		}
	}
	if ctx.Err() != nil && left > 0 {
		fmt.Fprintf(s.err, "interrupted: %s left, as listed; the next run goes on from what is live then\n", areOf(left, "change"))
	}
}

// areOf writes a number, what is counted, and the verb that goes with it.
func areOf(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return counted(n, what) + " are"
}
