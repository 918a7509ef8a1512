package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// binaryVariable names the built binary that the end-to-end tests run.
const binaryVariable = "SPECC_TEST_CONTROLPLANE"

// running is a control plane in a process of its own.
type running struct {
	dir     dir
	command *exec.Cmd
	input   io.Closer
	errors  *strings.Builder
}

func runUp(t *testing.T, arguments ...string) *running {
	t.Helper()
	binary := os.Getenv(binaryVariable)
	if binary == "" {
		t.Skipf("skipped: %s names no binary", binaryVariable)
	}
	r := &running{dir: dir(t.TempDir()), errors: &strings.Builder{}}
	r.command = exec.Command(binary, append([]string{"up", "--dir", string(r.dir)}, arguments...)...)
	r.command.Stderr = r.errors
	input, err := r.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.input = input
	output, err := r.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.command.Process.Kill()
		r.command.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		r.command.Wait()
		t.Fatalf("not ready: %v\n%s", err, r.errors)
	}
	if want := fmt.Sprintf("ready %s\n", r.dir.kubeconfig()); line != want {
		t.Fatalf("got %q, want %q", line, want)
	}
	return r
}

// children returns the process ids of the components.
func (r *running) children(t *testing.T) map[string]int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, stat := range stats {
		var pid, parent int
		var name, state string
		content, _ := os.ReadFile(stat) // It may have ended since.
		if n, _ := fmt.Sscan(string(content), &pid, &name, &state, &parent); n == 4 && parent == r.command.Process.Pid {
			arguments, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			found[strings.Split(string(arguments), "\x00")[1]] = pid
		}
	}
	return found
}

// eventually fails the test when ask still gives an error after the time.
func eventually(t *testing.T, within time.Duration, ask func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %s: %v", within, err)
		}
		time.Sleep(pollInterval)
	}
}

func exists(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func allGone(pids map[string]int) error {
	for component, pid := range pids {
		if exists(pid) {
			return fmt.Errorf("%s (%d) is still there", component, pid)
		}
	}
	return nil
}

func TestClosingTheInputEndsEverything(t *testing.T) {
	r := runUp(t)
	children := r.children(t)
	if len(children) != 5 {
		t.Errorf("the components are %v", children)
	}
	r.input.Close()
	if err := r.command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, r.errors)
	}
	if err := allGone(children); err != nil {
		t.Error(err)
	}
}

func TestSIGTERMEndsEverything(t *testing.T) {
	r := runUp(t)
	children := r.children(t)
	r.command.Process.Signal(syscall.SIGTERM)
	if err := r.command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, r.errors)
	}
	if err := allGone(children); err != nil {
		t.Error(err)
	}
}

func TestNothingOutlivesAKilledSupervisor(t *testing.T) {
	r := runUp(t)
	children := r.children(t)
	r.command.Process.Kill()
	eventually(t, 5*time.Second, func() error { return allGone(children) })
}

func TestADeadComponentIsNamed(t *testing.T) {
	r := runUp(t)
	children := r.children(t)
	syscall.Kill(children["kube-scheduler"], syscall.SIGKILL)
	var exit *exec.ExitError
	if err := r.command.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("got %v, want exit code 1", err)
	}
	for _, want := range []string{"kube-scheduler died (signal: killed)", r.dir.log("kube-scheduler")} {
		if !strings.Contains(r.errors.String(), want) {
			t.Errorf("%q lacks %q", r.errors, want)
		}
	}
	if err := allGone(children); err != nil {
		t.Error(err)
	}
}

func TestACluster(t *testing.T) {
	r := runUp(t, "--with=kwok,metrics,coredns")
	client, err := newClient(r.dir.kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func(*testing.T, *running, kubernetes.Interface){
		"virtual node":      checkVirtualNode,
		"never ready":       checkNeverReady,
		"image pull fails":  checkImagePullFails,
		"termination":       checkTermination,
		"claim":             checkClaim,
		"job":               checkJob,
		"load balancer":     checkLoadBalancer,
		"resource policies": checkResourcePolicies,
		"audit log":         checkAuditLog,
		"nobody":            checkNobody,
		"cpu usage":         checkUsage,
		"dns":               checkDNS,
		"loopback only":     checkLoopbackOnly,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, r, client)
		})
	}
}

// checkLoopbackOnly looks for a socket that someone else on the network could reach.
func checkLoopbackOnly(t *testing.T, r *running, _ kubernetes.Interface) {
	mine := map[string]string{}
	for component, pid := range r.children(t) {
		files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if target, _ := os.Readlink(file); strings.HasPrefix(target, "socket:[") {
				mine[strings.Trim(target, "socket:[]")] = component
			}
		}
	}
	const listening, loopback, anyPeer = "0A", "0100007F:", "00000000:0000"
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"} {
		content, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(content), "\n") {
			fields := strings.Fields(line)
			if len(fields) < 10 || mine[fields[9]] == "" {
				continue
			}
			open := fields[3] == listening || strings.Contains(table, "udp") && fields[2] == anyPeer
			if open && !strings.HasPrefix(fields[1], loopback) {
				t.Errorf("%s listens at %s of %s", mine[fields[9]], fields[1], table)
			}
		}
	}
}

func checkAuditLog(t *testing.T, r *running, client kubernetes.Interface) {
	const name = "audited"
	_, err := client.CoreV1().ConfigMaps("default").Create(t.Context(), &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: name}}, meta.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(r.dir.auditLog())
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, line := range strings.Split(string(log), "\n") {
		if strings.Contains(line, `"verb":"create"`) && strings.Contains(line, `"name":"audited"`) {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the log has %d lines of the request", count)
	}
}

func checkNobody(t *testing.T, r *running, _ kubernetes.Interface) {
	nobody, err := newClient(r.dir.nobody())
	if err != nil {
		t.Fatal(err)
	}
	_, err = nobody.CoreV1().Pods("default").List(t.Context(), meta.ListOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("got %v, want forbidden", err)
	}
}

func checkDNS(t *testing.T, r *running, _ kubernetes.Interface) {
	server := tail(r.dir.dnsAddress(), 1)
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}}
	addresses, err := resolver.LookupHost(t.Context(), "kubernetes.default.svc.cluster.local.")
	if err != nil || len(addresses) != 1 || addresses[0] != "10.96.0.1" {
		t.Errorf("got %v, %v", addresses, err)
	}
}
