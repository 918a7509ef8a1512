//! The nodes of the `app` document.

use super::container::{ARGS, COMMAND, CONFIG, ENV, IMAGE, PORT, RESOURCES};
use super::dns::DNS;
use super::expose::EXPOSE;
use super::probe::{LIVENESS, READINESS, STARTUP};
use super::release::RELEASE;
use super::scale::{BURST, DISRUPTION, REPLICAS, SCALE};
use super::spread::SPREAD;
use super::volume::VOLUME;
use super::watch::{ALERT, LOGS};
use super::workload::{ANNOTATION, CONTAINER, HOST_NETWORK, INIT, KIND, LABEL, OS, START, STOP, USER};
use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::resolve::form::Form;

/// An application.
pub static APP: NodeType = NodeType {
    name: "app",
    docs: "An application: its components, and what differs from environment to environment.",
    arguments: &[one("name", Form::Name)],
    children: &[&COMPONENT, &ENVIRONMENT],
    many: true,
};

/// A component; inside an environment or tenant, what differs there, or one that exists only there.
pub static COMPONENT: NodeType = NodeType {
    name: "component",
    docs: "A part of the application that is released on its own.",
    arguments: &[one("name", Form::Name)],
    children: &[
        &KIND,
        &RUNTIME,
        &IMAGE,
        &PORT,
        &RESOURCES,
        &ENV,
        &CONFIG,
        &READINESS,
        &DEPENDS_ON,
        &SCALE,
        &REPLICAS,
        &BURST,
        &DISRUPTION,
        &RELEASE,
        &EXPOSE,
        &SPREAD,
        &OS,
        &COMMAND,
        &ARGS,
        &LIVENESS,
        &STARTUP,
        &VOLUME,
        &CONTAINER,
        &INIT,
        &LABEL,
        &ANNOTATION,
        &STOP,
        &START,
        &USER,
        &HOST_NETWORK,
        &DNS,
        &ALERT,
        &LOGS,
        &REMOVE,
    ],
    many: true,
};

/// An environment of the application: the outer layer of overrides.
pub static ENVIRONMENT: NodeType = NodeType {
    name: "environment",
    docs: "An environment the application runs in, with what differs there; without any, all of the platform's.",
    arguments: &[one("name", Form::Name)],
    children: &[&COMPONENT, &TENANT, &DEFAULT_TENANT, &REMOVE],
    many: true,
};

static TENANT: NodeType = NodeType {
    name: "tenant",
    docs: "A merchant with a size or variant of its own; holds only what differs for it.",
    arguments: &[one("name", Form::Name)],
    children: &[&COMPONENT, &REMOVE],
    many: true,
};

static DEFAULT_TENANT: NodeType = NodeType {
    name: "default-tenant",
    docs: "The environment is deployed without a tenant too, beside its tenants; holds only what differs there.",
    arguments: &[],
    children: &[&COMPONENT, &REMOVE],
    many: false,
};

static RUNTIME: NodeType = field(
    "runtime",
    "The language it is written in, which says how long it may take to start and to stop.",
    &[one("language", Form::Word(&["php", "java", "dotnet", "node", "go", "python"]))],
);

static DEPENDS_ON: NodeType = NodeType {
    name: "depends-on",
    docs: "Components that must be up before this one starts.",
    arguments: &[Argument { name: "components", form: Form::Reference, count: ArgumentCount::Several }],
    children: &[],
    many: true,
};

/// The one node that stands in any other, wherever something is overridden.
pub static REMOVE: NodeType = NodeType {
    name: "remove",
    docs: "In an environment or tenant, inside whatever node it stands: takes away what that node has from \
           elsewhere, by kind and name; without a name, all of the kind.",
    arguments: &[
        one("kind", Form::Text),
        Argument { name: "name", form: Form::Text, count: ArgumentCount::Optional },
    ],
    children: &[],
    many: true,
};
