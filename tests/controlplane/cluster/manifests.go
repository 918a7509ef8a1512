package cluster

import (
	"embed"
	"strings"

	"sigs.k8s.io/kwok/kustomize/metrics/resource"
)

//go:embed manifests
var manifests embed.FS

// manifest returns an embedded file, with each NAME of the arguments NAME, value, … replaced.
func manifest(name string, replacements ...string) string {
	content, err := manifests.ReadFile("manifests/" + name)
	if err != nil {
		panic(err) // The name is a constant of this package.
	}
	return strings.NewReplacer(replacements...).Replace(string(content))
}

// kwokConfig is everything that KWOK knows. It comes from a file, not from the cluster, so that the
// cluster holds no kinds that a test did not ask for.
func kwokConfig(metrics bool) string {
	documents := []string{manifest("node-stages.yaml"), manifest("pod-stages.yaml"), manifest("volume-stages.yaml")}
	if metrics {
		documents = append(documents, manifest("usage.yaml"), resource.DefaultMetricsResource)
	}
	return strings.Join(documents, "\n---\n")
}
