package component

import (
	"flag"
	"fmt"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
)

var etcd = Component{Name: "etcd", Run: func() int {
	dataDir := flag.String("data-dir", "", "folder of the data")
	client := flag.String("listen-client-url", "", "URL that clients connect to")
	peer := flag.String("listen-peer-url", "", "URL that other members would connect to")
	flag.Parse()
	if err := serveEtcd(*dataDir, *client, *peer); err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		return 1
	}
	return 0
}}

// serveEtcd runs one member until it fails; its data is thrown away afterwards, so it never syncs.
func serveEtcd(dataDir, client, peer string) error {
	clientURL, err := url.Parse(client)
	if err != nil {
		return err
	}
	peerURL, err := url.Parse(peer)
	if err != nil {
		return err
	}
	config := embed.NewConfig()
	config.Name = "controlplane"
	config.Dir = dataDir
	config.ListenClientUrls = []url.URL{*clientURL}
	config.AdvertiseClientUrls = config.ListenClientUrls
	config.ListenPeerUrls = []url.URL{*peerURL}
	config.AdvertisePeerUrls = config.ListenPeerUrls
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.LogLevel = "warn"
	// Zero, the zero value of an embedded configuration, would log every request as slow.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	// A single member elects itself after one election timeout.
	config.TickMs = 10
	config.ElectionMs = 100
	// No member will ever catch up from the log, so few entries stay in memory.
	config.SnapshotCount = 1000
	config.SnapshotCatchUpEntries = 100

	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	return <-server.Err()
}
