package cluster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const namespace = "default"

func template(name string, annotations map[string]string) core.PodTemplateSpec {
	return core.PodTemplateSpec{
		ObjectMeta: meta.ObjectMeta{Labels: map[string]string{"app": name}, Annotations: annotations},
		Spec:       core.PodSpec{Containers: []core.Container{{Name: "a", Image: "a:1"}, {Name: "b", Image: "b:1"}}},
	}
}

func createPod(t *testing.T, client kubernetes.Interface, name string, annotations map[string]string) {
	t.Helper()
	template := template(name, annotations)
	pod := &core.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name = name
	if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func getPod(t *testing.T, client kubernetes.Interface, name string) *core.Pod {
	t.Helper()
	pod, err := client.CoreV1().Pods(namespace).Get(t.Context(), name, meta.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pod
}

func ready(pod *core.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodReady {
			return condition.Status == core.ConditionTrue
		}
	}
	return false
}

// expectPod waits until the pod is in a phase, Ready or not.
func expectPod(t *testing.T, client kubernetes.Interface, name string, phase core.PodPhase, wantReady bool) {
	t.Helper()
	eventually(t, 20*time.Second, func() error {
		if pod := getPod(t, client, name); pod.Status.Phase != phase || ready(pod) != wantReady {
			return fmt.Errorf("%s is %s, ready %t", name, pod.Status.Phase, ready(pod))
		}
		return nil
	})
}

func checkVirtualNode(t *testing.T, _ *running, client kubernetes.Interface) {
	replicas := int32(3)
	pods := template("virtual", map[string]string{"specc.test/ready-delay": "2s"})
	pods.Spec.NodeSelector = map[string]string{"type": "virtual-kubelet"}
	pods.Spec.Tolerations = []core.Toleration{{
		Key: "virtual-kubelet.io/provider", Operator: core.TolerationOpEqual, Value: "alibabacloud", Effect: core.TaintEffectNoSchedule,
	}}
	deployments := client.AppsV1().Deployments(namespace)
	started := time.Now()
	_, err := deployments.Create(t.Context(), &apps.Deployment{
		ObjectMeta: meta.ObjectMeta{Name: "virtual"},
		Spec:       apps.DeploymentSpec{Replicas: &replicas, Selector: &meta.LabelSelector{MatchLabels: pods.Labels}, Template: pods},
	}, meta.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, func() error {
		deployment, err := deployments.Get(t.Context(), "virtual", meta.GetOptions{})
		if err != nil {
			return err
		}
		if deployment.Status.ReadyReplicas < replicas {
			return fmt.Errorf("%d of %d replicas are ready", deployment.Status.ReadyReplicas, replicas)
		}
		return nil
	})
	if took := time.Since(started); took < 2*time.Second {
		t.Errorf("the replicas were ready after %s", took)
	}
	list, err := client.CoreV1().Pods(namespace).List(t.Context(), meta.ListOptions{LabelSelector: "app=virtual"})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range list.Items {
		if pod.Spec.NodeName != "virtual-node-0" {
			t.Errorf("%s runs on %s", pod.Name, pod.Spec.NodeName)
		}
	}
}

func checkNeverReady(t *testing.T, _ *running, client kubernetes.Interface) {
	createPod(t, client, "never-ready", map[string]string{"specc.test/never-ready": "true", "specc.test/ready-delay": "1ms"})
	expectPod(t, client, "never-ready", core.PodRunning, false)
	time.Sleep(time.Second)
	expectPod(t, client, "never-ready", core.PodRunning, false)
	annotate(t, client, "never-ready", `{"specc.test/never-ready": null}`)
	expectPod(t, client, "never-ready", core.PodRunning, true)
	annotate(t, client, "never-ready", `{"specc.test/never-ready": "true"}`)
	expectPod(t, client, "never-ready", core.PodRunning, false)
}

func annotate(t *testing.T, client kubernetes.Interface, pod, annotations string) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"metadata": {"annotations": %s}}`, annotations)
	_, err := client.CoreV1().Pods(namespace).Patch(t.Context(), pod, "application/merge-patch+json", patch, meta.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImagePullFails(t *testing.T, _ *running, client kubernetes.Interface) {
	createPod(t, client, "no-image", map[string]string{"specc.test/image-pull-fails": "true"})
	eventually(t, 20*time.Second, func() error {
		pod := getPod(t, client, "no-image")
		for _, status := range pod.Status.ContainerStatuses {
			if status.State.Waiting != nil && status.State.Waiting.Reason == "ImagePullBackOff" {
				return nil
			}
		}
		return fmt.Errorf("no container waits: %s", pod.Status.Phase)
	})
	expectPod(t, client, "no-image", core.PodPending, false)
}

func checkTermination(t *testing.T, _ *running, client kubernetes.Interface) {
	for name, annotations := range map[string]map[string]string{
		"fast": nil,
		"slow": {"specc.test/termination": "3s"},
	} {
		createPod(t, client, name, annotations)
		expectPod(t, client, name, core.PodRunning, true)
		started := time.Now()
		if err := client.CoreV1().Pods(namespace).Delete(t.Context(), name, meta.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		eventually(t, 20*time.Second, func() error {
			_, err := client.CoreV1().Pods(namespace).Get(t.Context(), name, meta.GetOptions{})
			if apierrors.IsNotFound(err) {
				return nil
			}
			return fmt.Errorf("%s is still there: %v", name, err)
		})
		if took := time.Since(started); took > 3*time.Second != (name == "slow") {
			t.Errorf("%s was gone after %s", name, took)
		}
	}
}

func checkClaim(t *testing.T, _ *running, client kubernetes.Interface) {
	claims := client.CoreV1().PersistentVolumeClaims(namespace)
	_, err := claims.Create(t.Context(), &core.PersistentVolumeClaim{
		ObjectMeta: meta.ObjectMeta{Name: "data"},
		Spec: core.PersistentVolumeClaimSpec{
			AccessModes: []core.PersistentVolumeAccessMode{core.ReadWriteOnce},
			Resources:   core.VolumeResourceRequirements{Requests: core.ResourceList{core.ResourceStorage: resource.MustParse("20Gi")}},
		},
	}, meta.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() error {
		claim, err := claims.Get(t.Context(), "data", meta.GetOptions{})
		if err == nil && claim.Status.Phase != core.ClaimBound {
			return fmt.Errorf("the claim is %s", claim.Status.Phase)
		}
		return err
	})
	if err := claims.Delete(t.Context(), "data", meta.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() error {
		volumes, err := client.CoreV1().PersistentVolumes().List(t.Context(), meta.ListOptions{})
		if err == nil && len(volumes.Items) > 0 {
			return fmt.Errorf("volume %s is %s", volumes.Items[0].Name, volumes.Items[0].Status.Phase)
		}
		return err
	})
}

func checkJob(t *testing.T, _ *running, client kubernetes.Interface) {
	pods := template("job", nil)
	pods.Spec.RestartPolicy = core.RestartPolicyNever
	job := &batch.Job{ObjectMeta: meta.ObjectMeta{Name: "job"}, Spec: batch.JobSpec{Template: pods}}
	if _, err := client.BatchV1().Jobs(namespace).Create(t.Context(), job, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() error {
		job, err := client.BatchV1().Jobs(namespace).Get(t.Context(), "job", meta.GetOptions{})
		if err == nil && job.Status.Succeeded != 1 {
			return fmt.Errorf("the status of the job is %+v", job.Status)
		}
		return err
	})
}

func checkLoadBalancer(t *testing.T, _ *running, client kubernetes.Interface) {
	services := client.CoreV1().Services(namespace)
	_, err := services.Create(t.Context(), &core.Service{
		ObjectMeta: meta.ObjectMeta{Name: "public"},
		Spec:       core.ServiceSpec{Type: core.ServiceTypeLoadBalancer, Ports: []core.ServicePort{{Port: 80}}},
	}, meta.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, func() error {
		service, err := services.Get(t.Context(), "public", meta.GetOptions{})
		if err != nil {
			return err
		}
		ingress := service.Status.LoadBalancer.Ingress
		if len(ingress) != 1 || !strings.HasPrefix(ingress[0].IP, "192.0.2.") {
			return fmt.Errorf("the ingress is %v", ingress)
		}
		return nil
	})
}

func checkResourcePolicies(t *testing.T, _ *running, client kubernetes.Interface) {
	for unit, want := range map[string]int{"eci": http.StatusCreated, "moon": http.StatusUnprocessableEntity} {
		body := fmt.Appendf(nil, `{
			"apiVersion": "scheduling.alibabacloud.com/v1alpha1", "kind": "ResourcePolicy",
			"metadata": {"name": %q},
			"spec": {"selector": {"app": "web"}, "units": [{"resource": "ecs", "max": 4}, {"resource": %q}]}
		}`, unit, unit)
		var got int
		client.CoreV1().RESTClient().Post().
			AbsPath("/apis/scheduling.alibabacloud.com/v1alpha1/namespaces", namespace, "resourcepolicies").
			SetHeader("Content-Type", "application/json").Body(body).Do(t.Context()).StatusCode(&got)
		if got != want {
			t.Errorf("unit %s: got %d, want %d", unit, got, want)
		}
	}
}

func checkUsage(t *testing.T, _ *running, client kubernetes.Interface) {
	createPod(t, client, "busy", map[string]string{"specc.test/cpu": "250m"})
	eventually(t, 90*time.Second, func() error {
		metrics, err := client.CoreV1().RESTClient().Get().
			AbsPath("/apis/metrics.k8s.io/v1beta1/namespaces", namespace, "pods", "busy").DoRaw(t.Context())
		if err != nil {
			return err
		}
		// Half of it for each of the two containers, give or take the rounding of the counters.
		for _, cpu := range []string{`"cpu":"125`, `"cpu":"124`} {
			if strings.Count(string(metrics), cpu) > 0 {
				return nil
			}
		}
		return fmt.Errorf("the metrics are %s", metrics)
	})
}
