package cluster

import (
	"context"
	"fmt"
	"time"
)

const (
	// A loaded machine can need ten times the usual start.
	waitTimeout  = 2 * time.Minute
	pollInterval = 50 * time.Millisecond
)

// waitFor asks again and again until the answer is no error. It gives up when the time is over or
// when ctx ends, and then says why.
func waitFor(ctx context.Context, what string, ask func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, waitTimeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := ask(limited)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-limited.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%s is not there after %s: %w", what, waitTimeout, err)
		}
	}
}
