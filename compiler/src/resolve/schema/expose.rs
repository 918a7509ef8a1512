//! The nodes of who may reach a component.

use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static EXPOSE: NodeType = NodeType {
    name: "expose",
    docs: "Who may reach the component, over a stable address.",
    arguments: &[one("scope", Form::Word(&["cluster", "intranet", "internet"]))],
    children: &[&EXPOSE_PORT, &TARGET, &DRAIN, &VIA, &HOST, &PATH, &TLS],
    many: false,
};

static EXPOSE_PORT: NodeType = field(
    "port",
    "The port of the address; the container's unless told.",
    &[one("number", Form::Integer { min: 1, max: 65535 })],
);

static TARGET: NodeType = field(
    "target",
    "The container port behind it, by name; the first one unless told.",
    &[one("name", Form::PortName)],
);

static VIA: NodeType = NodeType {
    name: "via",
    docs: "What takes the traffic from outside: a load balancer of its own, as it is unless told; ALB, through an \
           Ingress; or a gateway, through an HTTPRoute.",
    arguments: &[one("kind", Form::Word(&["load-balancer", "alb", "gateway"]))],
    children: &[&BALANCER_ID, &SHARED],
    many: false,
};

static BALANCER_ID: NodeType =
    field("id", "An existing load balancer of ACK that is to be used.", &[one("id", Form::Name)]);

static SHARED: NodeType = field(
    "shared",
    "The hosts or the load balancer may be used by other components or cells too, which must say so as well.",
    &[one("yes", Form::Boolean)],
);

static HOST: NodeType = NodeType {
    name: "host",
    docs: "The hosts that ALB or the gateway takes requests for; every one unless told.",
    arguments: &[Argument { name: "names", form: Form::Host, count: ArgumentCount::Several }],
    children: &[],
    many: false,
};

static PATH: NodeType = field(
    "path",
    "What the path of a request must begin with, label by label; `/` unless told.",
    &[one("prefix", Form::HttpPath)],
);

static TLS: NodeType = field(
    "tls",
    "The Secret of type kubernetes.io/tls with the certificate that ALB shows, by name.",
    &[one("secret", Form::Name)],
);

static DRAIN: NodeType = field(
    "drain",
    "How long a pod goes on serving while load balancers forget it; 15s unless told.",
    &[one("duration", Form::Duration)],
);
