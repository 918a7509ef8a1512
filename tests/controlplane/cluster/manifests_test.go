package cluster

import (
	"regexp"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	audit "k8s.io/apiserver/pkg/apis/audit/v1"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/yaml"
)

func TestManifestsHaveOnlyFieldsOfTheirKinds(t *testing.T) {
	for name, kind := range map[string]func() any{
		"audit-policy.yaml":     func() any { return &audit.Policy{} },
		"metrics-api.yaml":      func() any { return &apiregistration.APIService{} },
		"metrics-service.yaml":  func() any { return &core.Service{} },
		"node-stages.yaml":      func() any { return &v1alpha1.Stage{} },
		"pod-stages.yaml":       func() any { return &v1alpha1.Stage{} },
		"resourcepolicies.yaml": func() any { return &apiextensions.CustomResourceDefinition{} },
		"storage-class.yaml":    func() any { return &storage.StorageClass{} },
		"usage.yaml":            func() any { return &v1alpha1.ClusterResourceUsage{} },
		"volume-stages.yaml":    func() any { return &v1alpha1.Stage{} },
	} {
		for _, document := range strings.Split(manifest(name, "METRICS_PORT", "1"), "\n---\n") {
			if err := yaml.UnmarshalStrict([]byte(document), kind()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestEveryPlaceholderOfTheCorefileIsFilled(t *testing.T) {
	d := preparedDir(t)
	if err := writeConfigs(d, endpoints{dns: 53, dnsReady: 8181}, Options{CoreDNS: true}); err != nil {
		t.Fatal(err)
	}
	corefile := tail(d.config("Corefile"), 100)
	if !strings.Contains(corefile, ".:53 {") || regexp.MustCompile(`[A-Z]_[A-Z]`).MatchString(corefile) {
		t.Error(corefile)
	}
}
