package cluster

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Options says what kind of control plane to run.
type Options struct {
	Dir          string // Absolute; everything that is written goes below it.
	Nodes        int
	VirtualNodes int
	KWOK         bool
	Metrics      bool
	CoreDNS      bool
}

var extras = []string{"kwok", "metrics", "coredns"}

// parseOptions reads the arguments of `up`; what is wrong, and the help, goes to messages.
func parseOptions(args []string, messages io.Writer) (Options, error) {
	var options Options
	var with string
	flags := flag.NewFlagSet("controlplane up", flag.ContinueOnError)
	flags.SetOutput(messages)
	flags.StringVar(&options.Dir, "dir", "", "folder for credentials, logs and data (required)")
	flags.IntVar(&options.Nodes, "nodes", 6, "number of ordinary nodes")
	flags.IntVar(&options.VirtualNodes, "virtual-nodes", 1, "number of virtual nodes")
	flags.StringVar(&with, "with", "kwok", "what runs besides the control plane: "+strings.Join(extras, ",")+"; empty for nothing")
	if err := flags.Parse(args); err != nil {
		return Options{}, err
	}
	err := options.complete(with, flags.Args())
	if err != nil {
		fmt.Fprintln(messages, "error:", err)
	}
	return options, err
}

func (o *Options) complete(with string, rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q", rest[0])
	}
	if o.Dir == "" {
		return errors.New("--dir is missing")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = dir
	if o.Nodes < 0 || o.VirtualNodes < 0 {
		return errors.New("a number of nodes is negative")
	}
	chosen := strings.FieldsFunc(with, func(r rune) bool { return r == ',' })
	for _, name := range chosen {
		if !slices.Contains(extras, name) {
			return fmt.Errorf("--with has %q; it takes %s", name, strings.Join(extras, ", "))
		}
	}
	o.KWOK = slices.Contains(chosen, "kwok")
	o.Metrics = slices.Contains(chosen, "metrics")
	o.CoreDNS = slices.Contains(chosen, "coredns")
	if o.Metrics && !o.KWOK {
		return errors.New("--with metrics needs kwok, whose nodes serve the metrics")
	}
	if !o.KWOK {
		// Without KWOK nothing would make a node Ready.
		o.Nodes, o.VirtualNodes = 0, 0
	}
	return nil
}
