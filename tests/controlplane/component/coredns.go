package component

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	// A plugin registers itself when it is imported.
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

var coreDNS = Component{Name: "coredns", Run: func() int {
	// CoreDNS chains plugins in the order of this list, not of the Corefile; its own list names
	// plugins that are not linked here.
	dnsserver.Directives = []string{
		"bind", "ready", "errors", "log", "cache", "template", "hosts", "kubernetes", "forward",
	}
	coremain.Run()
	return 0
}}
