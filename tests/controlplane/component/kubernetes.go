package component

import (
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // Client metrics, as in the upstream mains.
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	_ "time/tzdata" // CronJobs name time zones that the machine may not have.
)

var kubeAPIServer = Component{Name: "kube-apiserver", Run: func() int {
	return cli.Run(apiserver.NewAPIServerCommand())
}}

var kubeControllerManager = Component{Name: "kube-controller-manager", Run: func() int {
	return cli.Run(controllermanager.NewControllerManagerCommand())
}}

var kubeScheduler = Component{Name: "kube-scheduler", Run: func() int {
	return cli.Run(scheduler.NewSchedulerCommand())
}}
