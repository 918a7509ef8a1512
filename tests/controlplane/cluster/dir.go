package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// dir is the folder of one control plane.
type dir string

func (d dir) kubeconfig() string { return d.path("kubeconfig") }
func (d dir) nobody() string     { return d.path("nobody.kubeconfig") }
func (d dir) auditLog() string   { return d.path("audit.log") }
func (d dir) dnsAddress() string { return d.path("dns-address") }
func (d dir) etcd() string       { return d.path("etcd") }

func (d dir) log(component string) string       { return d.path("logs", component+".log") }
func (d dir) credential(file string) string     { return d.path("credentials", file) }
func (d dir) config(file string) string         { return d.path("config", file) }
func (d dir) userKubeconfig(user string) string { return d.credential(user + ".kubeconfig") }

func (d dir) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}

// prepare makes the folder and locks it until the process ends. It removes what an earlier control
// plane left there: a kubeconfig that leads nowhere, or audit lines that a test would count.
func (d dir) prepare() error {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return err
	}
	// The descriptor is not closed on purpose: closing it would give the lock up.
	lock, err := syscall.Open(d.path("lock"), syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("open %s: %w", d.path("lock"), err)
	}
	if err := syscall.Flock(lock, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another control plane runs in %s", d)
	}
	for _, old := range []string{
		d.kubeconfig(), d.nobody(), d.auditLog(), d.dnsAddress(), d.etcd(),
		d.path("logs"), d.path("credentials"), d.path("config"),
	} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	for _, folder := range []string{"logs", "credentials", "config"} {
		if err := os.Mkdir(d.path(folder), 0o700); err != nil {
			return err
		}
	}
	return nil
}
