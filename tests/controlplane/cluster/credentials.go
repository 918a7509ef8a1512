package cluster

import (
	"os"
)

// user is someone who talks to the API server.
type user struct {
	name   string
	groups []string
	file   string
}

// users lists everyone with a kubeconfig. The controllers share one account without limits: an
// account for each would cost a second at the start and tell a test nothing.
func users(d dir) []user {
	const everything = "system:masters"
	return []user{
		{name: "admin", groups: []string{everything}, file: d.kubeconfig()},
		{name: "nobody", file: d.nobody()},
		{name: "system:kube-controller-manager", groups: []string{everything}, file: d.userKubeconfig("kube-controller-manager")},
		{name: "system:kube-scheduler", file: d.userKubeconfig("kube-scheduler")},
		{name: "kwok", groups: []string{everything}, file: d.userKubeconfig("kwok")},
		{name: "metrics-server", groups: []string{everything}, file: d.userKubeconfig("metrics-server")},
		{name: "coredns", groups: []string{everything}, file: d.userKubeconfig("coredns")},
		{name: "load-balancer", groups: []string{everything}, file: d.userKubeconfig("load-balancer")},
	}
}

// writeCredentials makes every key, certificate and kubeconfig of a control plane.
func writeCredentials(d dir, server string) error {
	ca, err := newAuthority("controlplane")
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.credential("ca.crt"), ca.pem(), 0o600); err != nil {
		return err
	}
	for _, u := range users(d) {
		certificate, err := ca.client(u.name, u.groups...)
		if err != nil {
			return err
		}
		if err := writeKubeconfig(u.file, server, ca.pem(), certificate); err != nil {
			return err
		}
	}
	api, err := ca.server("kube-apiserver", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
	if err != nil {
		return err
	}
	if err := writePair(d, "kube-apiserver", api); err != nil {
		return err
	}
	kubelet, err := ca.server("kubelet")
	if err != nil {
		return err
	}
	if err := writePair(d, "kubelet", kubelet); err != nil {
		return err
	}
	if err := writeFrontProxy(d); err != nil {
		return err
	}
	return writeServiceAccountKey(d)
}

// writeFrontProxy makes what the API server shows to an API behind it, such as metrics. It has an
// authority of its own, because whoever that authority signs may claim to be any user.
func writeFrontProxy(d dir) error {
	ca, err := newAuthority("front-proxy")
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.credential("front-proxy-ca.crt"), ca.pem(), 0o600); err != nil {
		return err
	}
	certificate, err := ca.client("front-proxy-client")
	if err != nil {
		return err
	}
	return writePair(d, "front-proxy", certificate)
}

func writeServiceAccountKey(d dir) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	private, err := encodeKey(key)
	if err != nil {
		return err
	}
	public, err := encodePublicKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.credential("service-account.key"), private, 0o600); err != nil {
		return err
	}
	return os.WriteFile(d.credential("service-account.pub"), public, 0o600)
}

func writePair(d dir, name string, p pair) error {
	if err := os.WriteFile(d.credential(name+".crt"), p.certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(d.credential(name+".key"), p.key, 0o600)
}
