//! How a cluster is reached: the kubeconfig, the context, and the identity of what answers.

use std::path::PathBuf;
use std::time::Duration;

use compiler::object::ObjectKey;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use crate::cluster::Cluster;
use crate::error::{Call, Cause, Error};

/// A context of a kubeconfig; nothing has been sent yet.
pub struct Access {
    /// The context's name.
    pub context: String,
    /// The server's URL.
    pub server: String,
    config: Config,
}

/// No write may land long after its caller has given up on it.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

impl Access {
    /// Reads the kubeconfig: the file, else `KUBECONFIG`, else the one in the home folder.
    pub async fn load(file: Option<PathBuf>, context: Option<String>) -> Result<Self, Error> {
        let path = file
            .as_ref()
            .map_or("of KUBECONFIG or the home folder".into(), |file| format!("`{}`", file.display()));
        let unusable = |error: KubeconfigError| Error::Kubeconfig {
            path: path.clone(),
            source: without_content(&error),
        };
        let kubeconfig = file.map_or_else(Kubeconfig::read, Kubeconfig::read_from).map_err(unusable)?;
        let known: Vec<String> = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
        let context = context.or_else(|| kubeconfig.current_context.clone()).unwrap_or_default();
        if !known.contains(&context) {
            return Err(Error::Context { context, known });
        }
        let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(unusable)?;
        config.read_timeout = Some(READ_TIMEOUT);
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        // kube's own retry repeats writes too, up to minutes later.
        config.default_retry = false;
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        Ok(Self { context, server, config })
    }

    /// Connects and asks for the cluster's identity.
    pub async fn connect(self) -> Result<Cluster, Error> {
        self.connect_by(Client::try_from).await
    }

    /// Connects by a client that somebody makes of the configuration, such as one with a layer that sees every request.
    pub async fn connect_by(
        self,
        client: impl FnOnce(Config) -> kube::Result<Client>,
    ) -> Result<Cluster, Error> {
        let client = client(self.config).map_err(|error| Error::Kubeconfig {
            path: format!("context `{}`", self.context),
            source: Cause(error.to_string()),
        })?;
        let mut cluster = Cluster { client, server: self.server, identity: String::new() };
        let system = ObjectKey {
            api_version: "v1".into(),
            kind: "Namespace".into(),
            namespace: None,
            name: "kube-system".into(),
        };
        let namespace = cluster.get(&system).await?;
        let identity = namespace.and_then(|namespace| namespace.metadata.uid);
        cluster.identity = identity.ok_or_else(|| Error::Answer {
            call: Call { verb: "get", subject: system.to_string(), namespace: None },
            source: Cause("the cluster has no kube-system namespace to be known by".into()),
        })?;
        Ok(cluster)
    }
}

/// A parser shows the line it stumbles over, and that may be a token.
fn without_content(error: &KubeconfigError) -> Cause {
    if matches!(error, KubeconfigError::Parse(_)) {
        return Cause("it is not valid YAML of a kubeconfig".into());
    }
    if let KubeconfigError::ReadConfig(reason, _) = error {
        return Cause(reason.to_string());
    }
    Cause(error.to_string())
}
