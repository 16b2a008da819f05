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
	"strconv"
	"time"
)

// Transport repeats requests that may be repeated: every GET, PUT and DELETE,
// and the PATCHes of this program, all of which set or add to sets. The SDK
// repeats 429 and 503 on its own and ignores Retry-After, and repeats nothing
// on 409, 500, 502 and 504 (SDK v0.175.0, httpclient); its own retries are off.
// A POST is repeated only where the server says that it did nothing: on 429, and
// on a 503 that says when to come back.
type Transport struct {
	Base     http.RoundTripper
	Attempts int             // in all, 429 apart; 0 = 5
	Backoff  time.Duration   // before the second attempt, doubled after each; 0 = 500 ms
	Limit    time.Duration   // longest single wait, Retry-After included; 0 = 60 s
	Patience time.Duration   // waits on 429 in all; 0 = 5 min
	Timeout  time.Duration   // of one attempt, its body included; 0 = 60 s
	Stop     <-chan struct{} // once closed, no attempt is waited for; nil = never
}

// errStopped is why an attempt is not repeated any more.
var errStopped = errors.New("interrupted while waiting to try again")

// RoundTrip sends the request until it is answered or may not be repeated.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := buffered(req)
	if err != nil {
		return nil, err
	}
	wait, limit := cmp.Or(t.Backoff, 500*time.Millisecond), cmp.Or(t.Limit, time.Minute)
	left := cmp.Or(t.Patience, 5*time.Minute)
	for attempt := 1; ; {
		resp, err := t.attempt(req, body())
		if !repeatable(req.Method, resp, err) {
			return resp, unreachable(req.URL.Host, err)
		}
		pause := min(max(wait, retryAfter(resp)), limit)
		wait = min(2*wait, limit)
		if limited(resp) {
			left -= pause
		} else {
			attempt++
		}
		if left < 0 || attempt > t.attempts(err) {
			return resp, unreachable(req.URL.Host, err)
		}
		drain(resp)
		if err := sleep(req.Context(), t.Stop, pause); err != nil {
			return nil, err
		}
	}
}

// attempt sends a copy of the request once. Its time ends with the body.
func (t *Transport) attempt(req *http.Request, body io.ReadCloser) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), cmp.Or(t.Timeout, time.Minute))
	once := req.Clone(ctx)
	once.Body = body
	resp, err := t.base().RoundTrip(once)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &timedBody{resp.Body, cancel}
	return resp, nil
}

// timedBody ends the time of its attempt when it is closed.
type timedBody struct {
	io.ReadCloser
	end context.CancelFunc
}

func (b *timedBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// attempts: a host that cannot be reached at all is tried twice, since that is
// mostly a mistake in its name.
func (t *Transport) attempts(err error) int {
	n := cmp.Or(t.Attempts, 5)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return min(n, 2)
	}
	return n
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

// repeatable: 429 is the answer of a server that did nothing, and so is a 503
// that says when to come back; the other statuses and a lost connection leave
// open what happened.
func repeatable(method string, resp *http.Response, err error) bool {
	idempotent := method != http.MethodPost
	if err != nil {
		return idempotent
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return idempotent || resp.Header.Get("Retry-After") != ""
	case http.StatusConflict, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return idempotent
	}
	return false
}

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

func retryAfter(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// drain lets the connection be used again; what is left of an answer that is
// thrown away cannot matter.
func drain(resp *http.Response) {
	if resp == nil {
		return
	}
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	resp.Body.Close()
}

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
