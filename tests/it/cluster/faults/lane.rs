//! One namespace in which releases follow each other, and the operators that drive them in this process.

use std::rc::Rc;

use compiler::diag::Diagnostics;
use compiler::document::Document;
use compiler::plan::Plan;
use compiler::resolve::Files;
use compiler::source::Sources;
use kube::Client;
use kube::client::ClientBuilder;
use runtime::{Access, Cluster, Command, End, Error, Event, Interrupt, Options};
use tokio::sync::watch;

use super::layer::Wire;
use crate::cluster::app::{App, component};

/// How a component is released, with a canary and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Four pods in two Deployments.
    Deployment,
    /// Three members of a StatefulSet.
    StatefulSet,
    /// A pod on each node.
    DaemonSet,
}

/// All of them.
pub const KINDS: &[Kind] = &[Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];

/// How many nodes the control plane has.
pub const NODES: u32 = 4;

impl Kind {
    /// The component's name.
    pub fn component(self) -> &'static str {
        match self {
            Kind::Deployment => "web",
            Kind::StatefulSet => "store",
            Kind::DaemonSet => "agent",
        }
    }

    /// How many pods there are before and after a release.
    pub fn pods(self) -> u32 {
        match self {
            Kind::Deployment => 4,
            Kind::StatefulSet => 3,
            Kind::DaemonSet => NODES,
        }
    }

    /// The component in a version.
    fn spec(self, version: u32) -> String {
        let version_text = marked(version);
        let spec = match self {
            Kind::Deployment => component("web", version, "replicas 4", "1m"),
            Kind::StatefulSet => crate::cluster::sets::store(version, "1m"),
            Kind::DaemonSet => crate::cluster::sets::agent(version, "1m"),
        };
        // No pauses, and two batches.
        spec.replace(" pause=#true", "")
            .replace(" batch \"50%\";", "")
            .replace(&format!("\"VERSION\" \"{version}\""), &format!("\"VERSION\" \"{version_text}\""))
    }
}

/// A version as it stands in an object, so that nothing else reads the same.
pub fn marked(version: u32) -> String {
    format!("version-{version}-")
}

/// A namespace with one component.
pub struct Lane {
    /// How its component is released.
    pub kind: Kind,
    /// The application, which removes the namespace at its end.
    pub app: Rc<App>,
    /// The version that was released or tried last.
    pub version: std::cell::Cell<u32>,
}

impl Lane {
    /// The plan of a version.
    pub fn plan(&self, version: u32) -> Plan {
        let (app, platform) = self.app.documents(&self.kind.spec(version));
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let mut document = Document::default();
        for (name, text) in [("app.kdl", app), ("platform.kdl", platform)] {
            let source = compiler::parse::read(&mut sources, name, text.as_bytes(), &mut diagnostics);
            document.append(compiler::parse::parse(&source, &mut diagnostics));
        }
        let checked = compiler::compile(&document, &Files::default(), &mut diagnostics)
            .unwrap_or_else(|| panic!("the spec is right: {diagnostics:?}"));
        let cell = &checked.cells()[0];
        compiler::plan::plan(&checked, cell, &compiler::lower::lower(&checked, cell))
    }

    /// The plan of the next version.
    pub fn next(&self) -> Plan {
        self.version.set(self.version.get() + 1);
        self.plan(self.version.get())
    }
}

/// Somebody who applies and gives commands, over a wire of their own.
pub struct Operator {
    /// What happens to their requests.
    pub wire: Wire,
    cluster: Cluster,
    interrupt: Interrupt,
    _never: watch::Sender<bool>,
}

/// How a run ends.
#[derive(Debug)]
pub enum Ran {
    /// In the middle, without a word.
    Crashed,
    /// At the component's end.
    Ended(End),
    /// With an error.
    Gave(Error),
}

impl Operator {
    /// Somebody who reaches the cluster.
    pub async fn new(app: &App) -> Self {
        let wire = Wire::default();
        let access = Access::load(Some(app.place.kubeconfig.clone()), None).await.expect("a kubeconfig");
        let layered = |config: kube::Config| -> kube::Result<Client> {
            Ok(ClientBuilder::try_from(config)?.with_layer(&wire).build())
        };
        let cluster = access.connect_by(layered).await.expect("the cluster answers");
        let (never, told) = watch::channel(false);
        Self { wire, cluster, interrupt: Interrupt::on(told), _never: never }
    }

    /// Applies a plan, to the end or the crash.
    pub async fn apply(&self, plan: &Plan) -> Ran {
        self.unless_crashed(async {
            let ready = runtime::prepare(&self.cluster, plan, Options::default()).await?;
            runtime::apply(&ready, &self.interrupt, &mut quiet).await
        })
        .await
    }

    /// Gives a command, and drives what it begins, to the end or the crash.
    pub async fn command(&self, plan: &Plan, command: Command) -> Ran {
        self.unless_crashed(runtime::command(&self.cluster, plan, None, command, &self.interrupt, &mut quiet))
            .await
    }

    /// What is wrong with the chain of what was released.
    pub async fn chained(&self, plan: &Plan) -> Result<(), String> {
        let history = runtime::history(&self.cluster, plan, None).await.expect("the history is readable");
        history.into_iter().find_map(|history| history.broken).map_or(Ok(()), Err)
    }

    async fn unless_crashed(&self, run: impl Future<Output = Result<Vec<(String, End)>, Error>>) -> Ran {
        tokio::select! {
            () = self.wire.crashed() => Ran::Crashed,
            ran = run => match ran {
                Ok(mut ends) => Ran::Ended(ends.pop().expect("one component").1),
                Err(error) => Ran::Gave(error),
            },
        }
    }
}

fn quiet(_event: Event) {}
