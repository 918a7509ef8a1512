package cluster

import (
	"io"
	"strings"
	"testing"
)

func TestOptionsHaveDefaults(t *testing.T) {
	options, err := parseOptions([]string{"--dir", "/d"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := Options{Dir: "/d", Nodes: 6, VirtualNodes: 1, KWOK: true}
	if options != want {
		t.Errorf("got %+v, want %+v", options, want)
	}
}

func TestOptionsAreRead(t *testing.T) {
	options, err := parseOptions([]string{"--dir=/d", "--nodes=2", "--virtual-nodes=0", "--with=kwok,metrics,coredns"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := Options{Dir: "/d", Nodes: 2, KWOK: true, Metrics: true, CoreDNS: true}
	if options != want {
		t.Errorf("got %+v, want %+v", options, want)
	}
}

func TestWithoutKWOKThereAreNoNodes(t *testing.T) {
	options, err := parseOptions([]string{"--dir=/d", "--with="}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Options{Dir: "/d"}); options != want {
		t.Errorf("got %+v, want %+v", options, want)
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	for arguments, want := range map[string]string{
		"":                                "--dir is missing",
		"--dir=/d extra":                  `unexpected argument "extra"`,
		"--dir=/d --nodes=-1":             "negative",
		"--dir=/d --with=kwok,istio":      `"istio"`,
		"--dir=/d --with=metrics,coredns": "needs kwok",
	} {
		var messages strings.Builder
		_, err := parseOptions(strings.Fields(arguments), &messages)
		if err == nil || !strings.Contains(messages.String(), want) {
			t.Errorf("%q: got %v and %q, want %q", arguments, err, messages.String(), want)
		}
	}
}
