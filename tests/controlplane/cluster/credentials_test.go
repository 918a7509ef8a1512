package cluster

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

func TestAKubeconfigNeedsNoOtherFile(t *testing.T) {
	d := preparedDir(t)
	if err := writeCredentials(d, "https://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	for path, user := range map[string]string{d.kubeconfig(): "admin", d.nobody(): "nobody"} {
		config, err := clientcmd.LoadFromFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if config.CurrentContext != "controlplane" {
			t.Errorf("the context of %s is %q", path, config.CurrentContext)
		}
		client, err := clientcmd.NewDefaultClientConfig(*config, nil).ClientConfig()
		if err != nil {
			t.Fatal(err)
		}
		if client.Host != "https://127.0.0.1:1" || len(client.CAData) == 0 {
			t.Errorf("%s leads to %q with %d bytes of authority", path, client.Host, len(client.CAData))
		}
		if got := commonName(t, client.CertData); got != user {
			t.Errorf("%s is of user %q, want %q", path, got, user)
		}
	}
}

func TestAFolderHoldsOneControlPlane(t *testing.T) {
	d := preparedDir(t)
	if err := d.prepare(); err == nil {
		t.Error("a second control plane got the folder")
	}
}

func TestAFolderForgetsTheControlPlaneBefore(t *testing.T) {
	d := dir(t.TempDir())
	if err := os.WriteFile(d.auditLog(), []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.prepare(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(d.auditLog()); !os.IsNotExist(err) {
		t.Errorf("the audit log is still there: %v", err)
	}
}

func preparedDir(t *testing.T) dir {
	t.Helper()
	d := dir(t.TempDir())
	if err := d.prepare(); err != nil {
		t.Fatal(err)
	}
	return d
}

func commonName(t *testing.T, certificate []byte) string {
	t.Helper()
	block, _ := pem.Decode(certificate)
	if block == nil {
		t.Fatal("the certificate is not PEM")
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Subject.CommonName
}
