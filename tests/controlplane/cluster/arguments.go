package cluster

import "strconv"

// endpoints are the ports of one control plane.
type endpoints struct {
	etcdClient, etcdPeer, api, kubelet, metrics, dns, dnsReady int
}

func reserveEndpoints(p *ports) (endpoints, error) {
	var e endpoints
	for _, port := range []*int{&e.etcdClient, &e.etcdPeer, &e.api, &e.kubelet, &e.metrics, &e.dns, &e.dnsReady} {
		free, err := p.reserve()
		if err != nil {
			return endpoints{}, err
		}
		*port = free
	}
	return e, nil
}

func (e endpoints) etcdURL() string { return "http://" + address(e.etcdClient) }
func (e endpoints) apiURL() string  { return "https://" + address(e.api) }

const (
	serviceRange = "10.96.0.0/16"
	podRange     = "10.244.0.0/16"
)

func etcdArguments(d dir, e endpoints) []string {
	return []string{
		"--data-dir=" + d.etcd(),
		"--listen-client-url=" + e.etcdURL(),
		"--listen-peer-url=http://" + address(e.etcdPeer),
	}
}

func apiServerArguments(d dir, e endpoints) []string {
	return []string{
		"--etcd-servers=" + e.etcdURL(),
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(e.api),
		// An API server may not announce a loopback address, so it announces one that is nobody's
		// and keeps it out of the Service `kubernetes`.
		"--advertise-address=198.51.100.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=" + serviceRange,
		"--tls-cert-file=" + d.credential("kube-apiserver.crt"),
		"--tls-private-key-file=" + d.credential("kube-apiserver.key"),
		"--client-ca-file=" + d.credential("ca.crt"),
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + d.credential("service-account.pub"),
		"--service-account-signing-key-file=" + d.credential("service-account.key"),
		"--requestheader-client-ca-file=" + d.credential("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + d.credential("front-proxy.crt"),
		"--proxy-client-key-file=" + d.credential("front-proxy.key"),
		"--audit-policy-file=" + d.config("audit-policy.yaml"),
		"--audit-log-path=" + d.auditLog(),
		"--audit-log-format=json",
		// Whoever has the answer to a request finds its line in the log.
		"--audit-log-mode=blocking",
		// Megabytes; a log that was rotated away could not be counted.
		"--audit-log-maxsize=100000",
		// Nobody shares this server, and the bootstrap of fair queueing delays its start.
		"--enable-priority-and-fairness=false",
		"--profiling=false",
	}
}

func controllerManagerArguments(d dir) []string {
	return []string{
		"--kubeconfig=" + d.userKubeconfig("kube-controller-manager"),
		"--bind-address=127.0.0.1",
		"--secure-port=0",
		"--leader-elect=false",
		"--service-account-private-key-file=" + d.credential("service-account.key"),
		"--root-ca-file=" + d.credential("ca.crt"),
		"--service-cluster-ip-range=" + serviceRange,
		// It makes this folder, and the default lies outside of ours.
		"--flex-volume-plugin-dir=" + d.path("flexvolume"),
		// The default of 20 requests a second holds back the start and every larger test.
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		// A test cannot wait for the minutes that these take on a real cluster.
		"--horizontal-pod-autoscaler-sync-period=5s",
		"--horizontal-pod-autoscaler-initial-readiness-delay=5s",
		"--horizontal-pod-autoscaler-cpu-initialization-period=10s",
		"--horizontal-pod-autoscaler-downscale-stabilization=20s",
		"--profiling=false",
	}
}

func schedulerArguments(d dir) []string {
	return []string{
		"--kubeconfig=" + d.userKubeconfig("kube-scheduler"),
		"--bind-address=127.0.0.1",
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--profiling=false",
	}
}

func kwokArguments(d dir, e endpoints) []string {
	return []string{
		"--config=" + d.config("kwok.yaml"),
		"--kubeconfig=" + d.userKubeconfig("kwok"),
		"--manage-all-nodes=true",
		"--cidr=" + podRange,
		"--node-ip=127.0.0.1",
		"--node-port=" + strconv.Itoa(e.kubelet),
		"--server-address=" + address(e.kubelet),
		"--tls-cert-file=" + d.credential("kubelet.crt"),
		"--tls-private-key-file=" + d.credential("kubelet.key"),
		"--node-lease-duration-seconds=40",
	}
}

func metricsServerArguments(d dir, e endpoints) []string {
	kubeconfig := d.userKubeconfig("metrics-server")
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(e.metrics),
		"--cert-dir=" + d.credential("metrics-server"),
		"--kubelet-insecure-tls",
		"--kubelet-use-node-status-port",
		"--kubelet-preferred-address-types=InternalIP",
		// The shortest that it accepts; the timeout must be shorter still.
		"--metric-resolution=10s",
		"--kubelet-request-timeout=5s",
	}
}

func coreDNSArguments(d dir) []string {
	return []string{"-conf", d.config("Corefile")}
}
