package component

import (
	"fmt"
	"os"

	"k8s.io/apiserver/pkg/server"
	"sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

var metricsServer = Component{Name: "metrics-server", Run: func() int {
	clearGlobalFlags()
	command := app.NewMetricsServerCommand(server.SetupSignalHandler())
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "metrics-server:", err)
		return 1
	}
	return 0
}}
