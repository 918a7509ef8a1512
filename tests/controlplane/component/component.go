// Package component holds the upstream programs that this binary can become, one file each.
package component

// Component is one upstream program; its Run reads os.Args like the program's own main.
type Component struct {
	Name string
	Run  func() (exitCode int)
}

// All lists every component by name.
var All = []Component{
	coreDNS,
	etcd,
	kubeAPIServer,
	kubeControllerManager,
	kubeScheduler,
	kwok,
	metricsServer,
}

// Find returns the component of that name.
func Find(name string) (Component, bool) {
	for _, component := range All {
		if component.Name == name {
			return component, true
		}
	}
	return Component{}, false
}
