package cluster

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
)

const zones = 3

// createNodes makes the nodes; KWOK makes them Ready.
func createNodes(ctx context.Context, client kubernetes.Interface, ordinary, virtual int) error {
	for i := range ordinary {
		if _, err := client.CoreV1().Nodes().Create(ctx, ordinaryNode(i), meta.CreateOptions{}); err != nil {
			return err
		}
	}
	for i := range virtual {
		if _, err := client.CoreV1().Nodes().Create(ctx, virtualNode(i), meta.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func ordinaryNode(index int) *core.Node {
	node := node(fmt.Sprintf("node-%d", index), index)
	setCapacity(node, "16", "64Gi", "110")
	return node
}

// virtualNode stands for a whole pool of elastic container instances, as on ACK.
func virtualNode(index int) *core.Node {
	node := node(fmt.Sprintf("virtual-node-%d", index), index)
	node.Labels["type"] = "virtual-kubelet"
	node.Spec.Taints = []core.Taint{{
		Key:    "virtual-kubelet.io/provider",
		Value:  "alibabacloud",
		Effect: core.TaintEffectNoSchedule,
	}}
	setCapacity(node, "5000", "20000Gi", "5000")
	return node
}

func node(name string, index int) *core.Node {
	return &core.Node{ObjectMeta: meta.ObjectMeta{
		Name: name,
		Labels: map[string]string{
			core.LabelHostname:       name,
			core.LabelOSStable:       "linux",
			core.LabelArchStable:     "amd64",
			core.LabelTopologyRegion: "region",
			core.LabelTopologyZone:   fmt.Sprintf("zone-%c", 'a'+index%zones),
		},
		Annotations: map[string]string{
			// Every node has the same address, so metrics-server needs a path for each.
			"metrics.k8s.io/resource-metrics-path": "/metrics/nodes/" + name + "/metrics/resource",
		},
	}}
}

func setCapacity(node *core.Node, cpu, memory, pods string) {
	node.Status.Capacity = core.ResourceList{
		core.ResourceCPU:    resource.MustParse(cpu),
		core.ResourceMemory: resource.MustParse(memory),
		core.ResourcePods:   resource.MustParse(pods),
	}
	node.Status.Allocatable = node.Status.Capacity
	node.Status.NodeInfo.KubeletVersion = version.Get().GitVersion
}

// nodesReady says which node is not Ready or may not be scheduled on yet.
func nodesReady(ctx context.Context, client kubernetes.Interface, count int) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	if len(nodes.Items) < count {
		return fmt.Errorf("%d of %d nodes exist", len(nodes.Items), count)
	}
	for _, node := range nodes.Items {
		if !isReady(&node) {
			return fmt.Errorf("%s is not Ready", node.Name)
		}
		for _, taint := range node.Spec.Taints {
			if taint.Key == core.TaintNodeNotReady {
				return fmt.Errorf("%s has the taint %s", node.Name, taint.Key)
			}
		}
	}
	return nil
}

func isReady(node *core.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady {
			return condition.Status == core.ConditionTrue
		}
	}
	return false
}
