package cluster

import (
	"net"
	"testing"
)

func TestReservedPortsAreFreeAndDifferent(t *testing.T) {
	var first, second ports
	defer first.release()
	defer second.release()
	seen := map[int]bool{}
	for range 50 {
		for _, p := range []*ports{&first, &second} {
			port, err := p.reserve()
			if err != nil {
				t.Fatal(err)
			}
			if seen[port] {
				t.Fatalf("port %d was reserved twice", port)
			}
			seen[port] = true
			listener, err := net.Listen("tcp", address(port))
			if err != nil {
				t.Fatal(err)
			}
			listener.Close()
		}
	}
}

func TestAPortInUseIsNotFree(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if isFree(listener.Addr().(*net.TCPAddr).Port) {
		t.Error("the port of an open listener counts as free")
	}
}
