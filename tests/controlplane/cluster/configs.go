package cluster

import (
	"os"
	"strconv"
)

// writeConfigs writes the files that the components read.
func writeConfigs(d dir, e endpoints, options Options) error {
	files := map[string]string{"audit-policy.yaml": manifest("audit-policy.yaml")}
	if options.KWOK {
		files["kwok.yaml"] = kwokConfig(options.Metrics)
	}
	if options.CoreDNS {
		files["Corefile"] = manifest("Corefile",
			"DNS_PORT", strconv.Itoa(e.dns),
			"READY_ADDRESS", address(e.dnsReady),
			"KUBECONFIG", d.userKubeconfig("coredns"))
	}
	for name, content := range files {
		if err := os.WriteFile(d.config(name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	if options.CoreDNS {
		return os.WriteFile(d.dnsAddress(), []byte(address(e.dns)+"\n"), 0o644)
	}
	return nil
}
