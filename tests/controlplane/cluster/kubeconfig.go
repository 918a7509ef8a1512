package cluster

import (
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// contextName is the name of the context, cluster and user in every kubeconfig.
const contextName = "controlplane"

// writeKubeconfig writes a file that needs no other file, so that it can be handed on.
func writeKubeconfig(path, server string, ca []byte, user pair) error {
	return clientcmd.WriteToFile(api.Config{
		Clusters: map[string]*api.Cluster{
			contextName: {Server: server, CertificateAuthorityData: ca},
		},
		AuthInfos: map[string]*api.AuthInfo{
			contextName: {ClientCertificateData: user.certificate, ClientKeyData: user.key},
		},
		Contexts: map[string]*api.Context{
			contextName: {Cluster: contextName, AuthInfo: contextName},
		},
		CurrentContext: contextName,
	}, path)
}
