package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// loadBalancers gives each Service of type LoadBalancer an address, as the controller of a cloud
// would. No traffic goes there: the addresses are reserved for documentation.
type loadBalancers struct {
	client  kubernetes.Interface
	holders map[int]string // The Service that holds an address, by the address's last byte.
}

const (
	firstAddress = 1
	lastAddress  = 254
	// After a failed write the next resync tries again.
	resyncPeriod = time.Second
)

// serveLoadBalancers runs until ctx ends.
func serveLoadBalancers(ctx context.Context, client kubernetes.Interface) error {
	balancers := &loadBalancers{client: client, holders: map[int]string{}}
	factory := informers.NewSharedInformerFactory(client, resyncPeriod)
	// An informer calls its handlers one after another, so the holders need no lock.
	_, err := factory.Core().V1().Services().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(service any) { balancers.reconcile(ctx, service.(*core.Service)) },
		UpdateFunc: func(_, service any) { balancers.reconcile(ctx, service.(*core.Service)) },
		DeleteFunc: func(last any) {
			if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(last); err == nil {
				balancers.release(key)
			}
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return nil
}

func (b *loadBalancers) reconcile(ctx context.Context, service *core.Service) {
	key := service.Namespace + "/" + service.Name
	if service.Spec.Type != core.ServiceTypeLoadBalancer {
		b.release(key)
		return
	}
	if len(service.Status.LoadBalancer.Ingress) > 0 {
		return
	}
	if err := b.assign(ctx, service, key); err != nil && ctx.Err() == nil {
		log.Printf("load balancer of %s: %v", key, err)
	}
}

func (b *loadBalancers) assign(ctx context.Context, service *core.Service, key string) error {
	last, ok := b.addressFor(key)
	if !ok {
		return fmt.Errorf("all %d addresses are taken", lastAddress-firstAddress+1)
	}
	patch, err := json.Marshal(map[string]any{"status": core.ServiceStatus{
		LoadBalancer: core.LoadBalancerStatus{
			Ingress: []core.LoadBalancerIngress{{IP: fmt.Sprintf("192.0.2.%d", last)}},
		},
	}})
	if err != nil {
		return err
	}
	_, err = b.client.CoreV1().Services(service.Namespace).
		Patch(ctx, service.Name, types.MergePatchType, patch, meta.PatchOptions{}, "status")
	return err
}

// addressFor returns the address that a Service holds, or the lowest free one.
func (b *loadBalancers) addressFor(key string) (int, bool) {
	free, found := 0, false
	for last := lastAddress; last >= firstAddress; last-- {
		switch b.holders[last] {
		case key:
			return last, true
		case "":
			free, found = last, true
		}
	}
	if found {
		b.holders[free] = key
	}
	return free, found
}

func (b *loadBalancers) release(key string) {
	for last, holder := range b.holders {
		if holder == key {
			delete(b.holders, last)
		}
	}
}
