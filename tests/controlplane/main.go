// Command controlplane is a real Kubernetes control plane for tests: one binary that is every
// upstream component, and the supervisor that runs them together on 127.0.0.1.
package main

import (
	"fmt"
	"os"

	"specc/controlplane/cluster"
	"specc/controlplane/component"
)

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	name := os.Args[1]
	// Every component reads its flags from os.Args, where its own name comes first.
	os.Args = os.Args[1:]
	if name == "up" {
		os.Exit(cluster.Main(os.Args[1:]))
	}
	chosen, ok := component.Find(name)
	if !ok {
		usage()
	}
	os.Exit(chosen.Run())
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: controlplane up --dir DIR [options]")
	fmt.Fprintln(os.Stderr, "       controlplane COMPONENT [flags]")
	fmt.Fprintln(os.Stderr, "components:")
	for _, c := range component.All {
		fmt.Fprintln(os.Stderr, "  "+c.Name)
	}
	os.Exit(2)
}
