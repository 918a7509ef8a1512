// Package cluster runs one control plane: it starts the components as children of this process,
// waits until the cluster can be used, and ends them when it ends itself.
package cluster

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// Main is the command `up`.
func Main(args []string) (exitCode int) {
	options, err := parseOptions(args, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancelOnStopRequest(cancel)
	if err := up(ctx, cancel, options); !errors.Is(err, errStopRequested) {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}

// up runs a control plane until ctx ends, and returns why it ended.
func up(ctx context.Context, cancel context.CancelCauseFunc, options Options) error {
	// The kernel ends a child when the thread that started it ends, so the thread must last as long
	// as this goroutine, from which every child starts.
	runtime.LockOSThread()
	d := dir(options.Dir)
	if err := d.prepare(); err != nil {
		return err
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	var reserved ports
	defer reserved.release()
	e, err := reserveEndpoints(&reserved)
	if err != nil {
		return err
	}
	defer os.RemoveAll(d.etcd())
	children := &children{dir: d, binary: binary, died: cancel}
	defer children.stop()
	if err := start(ctx, children, d, e, options); err != nil {
		if ctx.Err() != nil {
			// That a component died, or that we shall stop, explains the error better.
			return context.Cause(ctx)
		}
		return err
	}
	fmt.Println("ready", d.kubeconfig())
	<-ctx.Done()
	return context.Cause(ctx)
}

// start returns when the cluster can be used.
func start(ctx context.Context, children *children, d dir, e endpoints, options Options) error {
	if err := children.start("etcd", etcdArguments(d, e)...); err != nil {
		return err
	}
	if err := writeCredentials(d, e.apiURL()); err != nil {
		return err
	}
	if err := writeConfigs(d, e, options); err != nil {
		return err
	}
	if err := children.start("kube-apiserver", apiServerArguments(d, e)...); err != nil {
		return err
	}
	client, err := newClient(d.userKubeconfig("load-balancer"))
	if err != nil {
		return err
	}
	err = waitFor(ctx, "the API", func(ctx context.Context) error {
		return client.CoreV1().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
	if err != nil {
		return err
	}
	if err := startClients(children, d, e, options); err != nil {
		return err
	}
	if err := install(ctx, client, e, options); err != nil {
		return err
	}
	if err := serveLoadBalancers(ctx, client); err != nil {
		return err
	}
	return waitUntilUsable(ctx, client, e, options)
}

// startClients starts what gives up when there is no API server yet.
func startClients(children *children, d dir, e endpoints, options Options) error {
	if err := children.start("kube-controller-manager", controllerManagerArguments(d)...); err != nil {
		return err
	}
	if err := children.start("kube-scheduler", schedulerArguments(d)...); err != nil {
		return err
	}
	if options.KWOK {
		if err := children.start("kwok", kwokArguments(d, e)...); err != nil {
			return err
		}
	}
	if options.Metrics {
		if err := children.start("metrics-server", metricsServerArguments(d, e)...); err != nil {
			return err
		}
	}
	if options.CoreDNS {
		return children.start("coredns", coreDNSArguments(d)...)
	}
	return nil
}

func newClient(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // No limit of its own.
	return kubernetes.NewForConfig(config)
}
