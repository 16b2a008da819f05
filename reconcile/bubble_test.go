package reconcile_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// newBubbleLab is a lab for a synctest bubble: real HTTP over pipes inside the
// process, so that waiting costs no time. The sandbox's clock is the bubble's.
func newBubbleLab(t *testing.T, state *sandbox.State, opts sandbox.Options) *lab {
	t.Helper()
	server, err := sandbox.New(state, opts)
	if err != nil {
		t.Fatal(err)
	}
	listener := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	web := &http.Server{Handler: server}
	go web.Serve(listener)
	base := &http.Transport{MaxIdleConnsPerHost: 32, DialContext: listener.dial}
	t.Cleanup(func() {
		base.CloseIdleConnections()
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return newLabOn(t, server, "http://sandbox.test", base)
}

// pipes is a listener on pipes.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.dialed <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialed:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }
