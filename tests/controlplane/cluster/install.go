package cluster

import (
	"context"
	"fmt"
	"strconv"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"
)

// Where the installed objects go; the kinds are few, so nothing has to be discovered.
const (
	crdPath          = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	storageClassPath = "/apis/storage.k8s.io/v1/storageclasses"
	servicePath      = "/api/v1/namespaces/kube-system/services"
	apiServicePath   = "/apis/apiregistration.k8s.io/v1/apiservices"
)

// install creates what a test finds in a new cluster.
func install(ctx context.Context, client kubernetes.Interface, e endpoints, options Options) error {
	if err := create(ctx, client, crdPath, manifest("resourcepolicies.yaml")); err != nil {
		return err
	}
	if options.KWOK {
		if err := create(ctx, client, storageClassPath, manifest("storage-class.yaml")); err != nil {
			return err
		}
	}
	if options.Metrics {
		port := strconv.Itoa(e.metrics)
		if err := create(ctx, client, servicePath, manifest("metrics-service.yaml", "METRICS_PORT", port)); err != nil {
			return err
		}
		if err := create(ctx, client, apiServicePath, manifest("metrics-api.yaml", "METRICS_PORT", port)); err != nil {
			return err
		}
	}
	return createNodes(ctx, client, options.Nodes, options.VirtualNodes)
}

// create posts one manifest.
func create(ctx context.Context, client kubernetes.Interface, path, manifest string) error {
	body, err := yaml.YAMLToJSON([]byte(manifest))
	if err != nil {
		return err
	}
	err = client.CoreV1().RESTClient().Post().AbsPath(path).
		SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
	if err != nil {
		return fmt.Errorf("create at %s: %w", path, err)
	}
	return nil
}
