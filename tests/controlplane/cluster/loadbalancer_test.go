package cluster

import (
	"fmt"
	"testing"
)

func TestAServiceKeepsItsAddressUntilItIsReleased(t *testing.T) {
	balancers := &loadBalancers{holders: map[int]string{}}
	for _, step := range []struct {
		service string
		want    int
	}{{"ns/a", 1}, {"ns/b", 2}, {"ns/a", 1}} {
		if got, ok := balancers.addressFor(step.service); !ok || got != step.want {
			t.Errorf("%s got %d, want %d", step.service, got, step.want)
		}
	}
	balancers.release("ns/a")
	if got, _ := balancers.addressFor("ns/c"); got != 1 {
		t.Errorf("ns/c got %d, want the released 1", got)
	}
}

func TestAddressesCanRunOut(t *testing.T) {
	balancers := &loadBalancers{holders: map[int]string{}}
	for i := firstAddress; i <= lastAddress; i++ {
		balancers.addressFor(fmt.Sprintf("ns/%d", i))
	}
	if got, ok := balancers.addressFor("ns/more"); ok {
		t.Errorf("there was still address %d", got)
	}
}
