package cluster

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// The range lies below the ports that Linux gives to outgoing connections, so that none of those
// can take a port between its reservation and the start of the component.
const (
	firstPort = 20000
	lastPort  = 32000
)

// ports reserves free ports of 127.0.0.1. A reservation is a lock on the port's number among the
// supervisors of this machine; it ends with the process, however that ends.
type ports struct {
	locks []net.Listener
}

// reserve returns a port that nothing listens on and that no other supervisor reserves.
func (p *ports) reserve() (int, error) {
	const attempts = 1000
	for range attempts {
		port := firstPort + rand.IntN(lastPort-firstPort)
		// An abstract socket has no file that could be left behind.
		lock, err := net.Listen("unix", fmt.Sprintf("@specc-controlplane-port-%d", port))
		if err != nil {
			continue
		}
		if !isFree(port) {
			lock.Close()
			continue
		}
		p.locks = append(p.locks, lock)
		return port, nil
	}
	return 0, fmt.Errorf("no free port between %d and %d after %d attempts", firstPort, lastPort, attempts)
}

// release gives every reservation up.
func (p *ports) release() {
	for _, lock := range p.locks {
		lock.Close()
	}
}

func isFree(port int) bool {
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

// address is how a port of this machine is written; no component listens on any other interface.
func address(port int) string {
	return fmt.Sprintf("127.0.0.1:%d", port)
}
