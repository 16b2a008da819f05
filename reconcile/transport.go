package reconcile

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Transport is the one way to the platform. It keeps the documented rates, by
// family of requests, and repeats what may be repeated: every GET and DELETE,
// and the PATCHes and PUTs of this program, all of which set or add to sets,
// except those that are sent once (see sentOnce). The SDK repeats 429 and 503 on
// its own and ignores Retry-After, and repeats nothing on 409, 500, 502 and 504
// (SDK v0.175.0, httpclient); its own retries are off.
//
// A POST, and what is sent once, is repeated only where nothing was done: on
// 429, and where no connection came about. Whoever sends it looks what happened
// before repeating it.
//
// An answer is read to its end here, so that one that breaks off or stalls is a
// lost connection like any other. The zero Transport is useful; a Transport may
// not be copied once it is used.
type Transport struct {
	Base     http.RoundTripper
	Attempts int                               // in all, 429 apart; 0 = 5
	Backoff  time.Duration                     // before the second attempt, doubled after each; 0 = 500 ms
	Jitter   func(time.Duration) time.Duration // a random time below the given one, such as rand.N; nil = none
	Limit    time.Duration                     // longest single wait, unless the server asks for more; 0 = 60 s
	Patience time.Duration                     // waits on 429 in all, and what a server may ask for; 0 = 5 min
	Timeout  time.Duration                     // of one attempt, its body included; 0 = 60 s
	Pace     float64                           // of the documented rates; 0 = 1, +Inf = no rates at all
	Stop     <-chan struct{}                   // once closed, nothing is waited for; nil = never

	paces paces
}

// errStopped is why an attempt is not repeated any more, or not made.
var errStopped = errors.New("interrupted while waiting")

// errUnmade is errStopped where no attempt was made, or each was refused with 429:
// the platform has done nothing.
var errUnmade = fmt.Errorf("%w", errStopped)

// RoundTrip sends the request until it is answered or may not be repeated.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := buffered(req)
	if err != nil {
		return nil, err
	}
	pace := t.paceOf(req)
	wait, left := cmp.Or(t.Backoff, 500*time.Millisecond), t.patience()
	for attempt := 1; ; {
		turn, err := pace.wait(req.Context(), t.Stop)
		if err != nil {
			return nil, unmade(err, attempt)
		}
		resp, err := t.attempt(req, body())
		if limited(resp) {
			pace.slow(turn, min(retryAfter(resp), t.patience()))
		}
		if !repeatable(req, resp, err) {
			return resp, unreachable(req.URL.Host, err)
		}
		pause := t.pause(wait, resp)
		wait = min(2*wait, t.limit())
		if limited(resp) {
			left -= pause
		} else {
			attempt++
		}
		if left < 0 || pause > t.patience() || attempt > t.attempts(err) {
			return resp, unreachable(req.URL.Host, err)
		}
		if err := sleep(req.Context(), t.Stop, pause); err != nil {
			return nil, unmade(err, attempt)
		}
	}
}

// unmade tells of a stop before the first attempt that counts; 429 does not.
func unmade(err error, attempt int) error {
	if attempt == 1 && errors.Is(err, errStopped) {
		return errUnmade
	}
	return err
}

func (t *Transport) limit() time.Duration    { return cmp.Or(t.Limit, time.Minute) }
func (t *Transport) patience() time.Duration { return cmp.Or(t.Patience, 5*time.Minute) }

// pause is the time until the next attempt: never less than the server asks for,
// and never the same for all who were refused at once.
func (t *Transport) pause(wait time.Duration, resp *http.Response) time.Duration {
	pause := max(wait, retryAfter(resp))
	if t.Jitter != nil {
		pause += t.Jitter(wait)
	}
	return pause
}

// attempt sends a copy of the request once and reads the whole answer.
func (t *Transport) attempt(req *http.Request, body io.ReadCloser) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), cmp.Or(t.Timeout, time.Minute))
	defer cancel()
	once := req.Clone(ctx)
	once.Body = body
	resp, err := t.base().RoundTrip(once)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if err := elsewhere(req, resp); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(withoutSecrets(req, resp, data)))
	return resp, nil
}

// attempts: a host that cannot be reached at all is tried twice, since that is
// mostly a mistake in its name.
func (t *Transport) attempts(err error) int {
	n := cmp.Or(t.Attempts, 5)
	if neverSent(err) {
		return min(n, 2)
	}
	return n
}

// neverSent tells whether no connection came about at all.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

func limited(resp *http.Response) bool {
	return resp != nil && resp.StatusCode == http.StatusTooManyRequests
}

// repeatable: 429 is the answer of a server that did nothing; the other statuses
// and a lost connection leave open what happened, a 503 too: gateways give it
// when they have waited long enough.
func repeatable(req *http.Request, resp *http.Response, err error) bool {
	if err != nil {
		return !ledAway(err) && (harmless(req) || neverSent(err))
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusConflict:
		return harmless(req) && !strings.HasPrefix(req.URL.Path, "/api/2.0/fs/") // a file that is there stays there
	case http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return harmless(req)
	}
	return false
}

// harmless tells whether a request may be sent twice although the first one was
// done. A POST for a token is: every token is as good as the other.
func harmless(req *http.Request) bool {
	if req.Method == http.MethodPost {
		return path.Base(req.URL.Path) == "token"
	}
	return req.Context().Value(onceKey{}) == nil
}

type onceKey struct{}

// sentOnce marks a write that is not repeated unless it is known that it was not
// done. The SDK hands nothing to its transport but the context.
func sentOnce(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// buffered reads the body once, so that it can be sent again.
func buffered(req *http.Request) (func() io.ReadCloser, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return func() io.ReadCloser { return req.Body }, nil
	}
	data, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	return func() io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }, nil
}

// retryAfter is how long the server asks to wait: a number of seconds, or a date,
// which is read by the server's own clock where the answer tells it.
func retryAfter(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), maxRetryAfter)) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(at.Sub(now), 0)
}

// maxRetryAfter, in seconds, is beyond every wait and keeps a nonsensical number
// from overflowing.
const maxRetryAfter = 24 * 60 * 60

// sleep waits until the time is over; nil is a stop that never comes.
func sleep(ctx context.Context, stop <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-stop:
		return errStopped
	case <-timer.C:
		return nil
	}
}
