package cluster

import (
	"context"
	"errors"
	"net/http"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// requirement is something that a test may count on in a cluster that is ready.
type requirement struct {
	what string
	ask  func(context.Context) error
}

// waitUntilUsable returns when every requirement holds.
func waitUntilUsable(ctx context.Context, client kubernetes.Interface, e endpoints, options Options) error {
	for _, r := range requirements(client, e, options) {
		if err := waitFor(ctx, r.what, r.ask); err != nil {
			return err
		}
	}
	return nil
}

func requirements(client kubernetes.Interface, e endpoints, options Options) []requirement {
	answers := func(path string) func(context.Context) error {
		return func(ctx context.Context) error {
			return client.CoreV1().RESTClient().Get().AbsPath(path).Do(ctx).Error()
		}
	}
	all := []requirement{
		{"the default service account", func(ctx context.Context) error {
			// Without this account the API server refuses every pod.
			_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", meta.GetOptions{})
			return err
		}},
		{"the kind ResourcePolicy", answers("/apis/scheduling.alibabacloud.com/v1alpha1/resourcepolicies")},
		{"a Ready node", func(ctx context.Context) error {
			return nodesReady(ctx, client, options.Nodes+options.VirtualNodes)
		}},
	}
	if options.Metrics {
		all = append(all, requirement{"the metrics API", answers("/apis/metrics.k8s.io/v1beta1/pods")})
	}
	if options.CoreDNS {
		all = append(all, requirement{"the DNS server", func(ctx context.Context) error {
			return coreDNSReady(ctx, e)
		}})
	}
	return all
}

func coreDNSReady(ctx context.Context, e endpoints) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(e.dnsReady)+"/ready", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
