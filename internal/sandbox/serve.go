package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// drainTime is what running requests get to finish when serving ends.
const drainTime = 5 * time.Second

// Serve answers on the listener until ctx ends, then lets running requests
// finish and closes the listener. It does not Close the server.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve sandbox on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := web.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = web.Close() // a client keeps a connection open and asks for nothing
	}
	if err != nil {
		return fmt.Errorf("end sandbox on %s: %w", listener.Addr(), err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve sandbox on %s: %w", listener.Addr(), err)
	}
	return nil
}
