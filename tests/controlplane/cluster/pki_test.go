package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"testing"
)

func TestAClientCertificateNamesUserAndGroups(t *testing.T) {
	ca := testAuthority(t)
	client, err := ca.client("alice", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	leaf := verify(t, ca, client, x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if leaf.Subject.CommonName != "alice" || !slices.Equal(leaf.Subject.Organization, []string{"system:masters"}) {
		t.Errorf("the subject is %s", leaf.Subject)
	}
}

func TestAServerCertificateIsValidForItsAddresses(t *testing.T) {
	ca := testAuthority(t)
	server, err := ca.server("kube-apiserver", "kubernetes.default.svc")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "kubernetes.default.svc"} {
		verify(t, ca, server, x509.VerifyOptions{DNSName: host})
	}
}

func TestACertificateOfAnotherAuthorityIsRefused(t *testing.T) {
	client, err := testAuthority(t).client("alice")
	if err != nil {
		t.Fatal(err)
	}
	other := testAuthority(t)
	if _, err := leafOf(t, client).Verify(x509.VerifyOptions{Roots: pool(other)}); err == nil {
		t.Error("the certificate is valid under an authority that did not sign it")
	}
}

func testAuthority(t *testing.T) *authority {
	t.Helper()
	ca, err := newAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func verify(t *testing.T, ca *authority, p pair, options x509.VerifyOptions) *x509.Certificate {
	t.Helper()
	leaf := leafOf(t, p)
	options.Roots = pool(ca)
	if _, err := leaf.Verify(options); err != nil {
		t.Fatal(err)
	}
	return leaf
}

func leafOf(t *testing.T, p pair) *x509.Certificate {
	t.Helper()
	certificate, err := tls.X509KeyPair(p.certificate, p.key)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Leaf
}

func pool(ca *authority) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.pem())
	return roots
}
