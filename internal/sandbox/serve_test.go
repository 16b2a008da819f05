package sandbox_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func TestServeEndsGracefully(t *testing.T) {
	arrived := make(chan bool, 100)
	server, err := sandbox.New(nil, sandbox.Options{Latency: 100 * time.Millisecond, Now: func() time.Time {
		arrived <- true
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	answered := make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + listener.Addr().String() + "/.well-known/databricks-config")
		if err == nil {
			resp.Body.Close()
		}
		answered <- err
	}()
	<-arrived
	cancel() // while the request waits for its answer
	if err := <-answered; err != nil {
		t.Errorf("the running request got %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}
