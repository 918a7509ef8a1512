package cluster

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

var errStopRequested = errors.New("stop requested")

// cancelOnStopRequest cancels at SIGTERM, at SIGINT, and when whoever holds the other end of the
// standard input closes it, as the kernel does for a caller that crashes.
func cancelOnStopRequest(cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		cancel(errStopRequested)
	}()
	if !hasOtherEnd(os.Stdin) {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel(errStopRequested)
	}()
}

// hasOtherEnd says whether an input can end as a message. The null device, which shells and test
// runners put there for "no input", is always at its end and says nothing.
func hasOtherEnd(input *os.File) bool {
	info, err := input.Stat()
	if err != nil {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
