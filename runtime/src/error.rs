//! What can go wrong outside: kubeconfig, connection, permissions, and clusters that are not what was expected.

use std::fmt;

use compiler::object::ObjectKey;

/// An error of the world, with what to do about it in [`Error::hint`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no usable kubeconfig.
    #[error("cannot use the kubeconfig {path}")]
    Kubeconfig {
        /// Where it was looked for.
        path: String,
        /// What is wrong with it; never its content.
        source: Cause,
    },
    /// The kubeconfig does not know the context.
    #[error("the kubeconfig has no context `{context}`")]
    Context {
        /// The one asked for.
        context: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// The API server does not answer.
    #[error("cannot reach the API server {server}")]
    Unreachable {
        /// Its address.
        server: String,
        /// What the network said.
        source: Cause,
    },
    /// The API server refused a call.
    #[error("cannot {call}")]
    Refused {
        /// The call.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// What the server said.
        source: Cause,
    },
    /// The server sent something that cannot be read.
    #[error("cannot read the answer to: {call}")]
    Answer {
        /// The call.
        call: Call,
        /// What is wrong with it.
        source: Cause,
    },
    /// Another field manager owns fields that the plan sets.
    #[error("{object} has fields that specc must set and somebody else owns")]
    Owned {
        /// The object.
        object: ObjectKey,
        /// Which fields, and who.
        source: Cause,
    },
    /// Not the cluster that was applied to before.
    #[error("cluster `{cluster}` is not the one that was applied to before")]
    Identity {
        /// The cluster's name on the platform.
        cluster: String,
        /// The UID of its kube-system namespace then.
        pinned: String,
        /// The UID of the namespace that the context reaches.
        found: String,
    },
    /// Not the cluster that a plan was made for.
    #[error("the plan was made for another cluster `{cluster}`")]
    OtherCluster {
        /// The cluster's name on the platform.
        cluster: String,
        /// The UID of its kube-system namespace.
        planned: String,
        /// The UID of the namespace that the context reaches.
        found: String,
    },
    /// The cluster is not what a plan was made against.
    #[error("the cluster has moved since the plan was made: {}", moved.join("; "))]
    Moved {
        /// What has moved, component by component and object by object.
        moved: Vec<String>,
    },
    /// The namespace belongs to another cell.
    #[error("namespace `{namespace}` belongs to {owner}")]
    ForeignCell {
        /// The namespace.
        namespace: String,
        /// The other cell.
        owner: String,
    },
    /// Objects of the plan's names exist and were not made by specc.
    #[error("objects exist that specc did not make: {}", listed(objects))]
    NotOurs {
        /// All of them.
        objects: Vec<ObjectKey>,
    },
    /// The cluster does not know a kind.
    #[error("the cluster has no kind `{kind}` in {api_version}")]
    MissingKind {
        /// The kind.
        kind: String,
        /// Its group and version.
        api_version: String,
    },
    /// The namespace is being deleted.
    #[error("namespace `{0}` is being deleted")]
    Terminating(String),
    /// Another plan is being rolled out.
    #[error("component `{component}` is in the middle of a rollout to revision {revision} of another plan")]
    InFlight {
        /// The component.
        component: String,
        /// The revision being rolled out.
        revision: String,
    },
    /// The component is going back to its previous revision.
    #[error("component `{component}` is being rolled back")]
    GoingBack {
        /// The component.
        component: String,
    },
    /// Nothing is released at this time.
    #[error("component `{component}` would be released in the freeze `{freeze}`, which ends at {until}")]
    Frozen {
        /// The component.
        component: String,
        /// The window's name.
        freeze: String,
        /// When it ends.
        until: String,
    },
    /// Somebody else goes on with the rollout.
    #[error("somebody else has taken over the rollout of component `{component}`")]
    TakenOver {
        /// The component.
        component: String,
    },
    /// The spec is not the one being rolled out.
    #[error("component `{component}` is rolled out from another version of this spec")]
    OtherSpec {
        /// The component.
        component: String,
    },
    /// The same write is needed again and again.
    #[error("component `{component}` does not settle: {what}, again and again")]
    Unsettled {
        /// The component.
        component: String,
        /// The write.
        what: String,
    },
    /// A command has nothing to act on.
    #[error("there is nothing to {command}: {why}")]
    Nothing {
        /// Such as `pause`.
        command: &'static str,
        /// Why not.
        why: String,
    },
    /// A record cannot be read.
    #[error("the record of component `{component}` cannot be read")]
    Record {
        /// The component.
        component: String,
        /// What is wrong with it.
        source: Cause,
    },
    /// What was deleted is still there.
    #[error("objects are still there after {seconds} s: {}", listed(objects))]
    StillThere {
        /// How long was waited.
        seconds: u64,
        /// The objects.
        objects: Vec<ObjectKey>,
    },
}

/// What the server, the network or a parser said, without the debug text of the libraries between.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Cause(pub String);

/// One request, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The API verb, such as `patch`.
    pub verb: &'static str,
    /// What it was about, such as `Deployment/api`.
    pub subject: String,
    /// Where.
    pub namespace: Option<String>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.subject)?;
        self.namespace.iter().try_for_each(|namespace| write!(f, " in namespace `{namespace}`"))
    }
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::Kubeconfig { .. } => "name a kubeconfig with --kubeconfig or KUBECONFIG".into(),
            Error::Context { known, .. } if known.is_empty() => {
                "the kubeconfig has no contexts at all".into()
            }
            Error::Context { known, .. } => {
                format!("it has: {}; choose one with --context", known.join(", "))
            }
            Error::Unreachable { source, .. } => reachable(source),
            Error::Refused { code: 401, .. } => {
                "log in again: the kubeconfig's credentials are not accepted".into()
            }
            Error::Refused { code: 403, call, .. } => {
                format!("let somebody with the right to grant it allow `{}` on this to your user", call.verb)
            }
            Error::Refused { .. } | Error::Answer { .. } | Error::Record { .. } => return None,
            Error::Owned { .. } => {
                "let the other manager give them up, or apply with --adopt to take them".into()
            }
            Error::Identity { pinned, found, .. } => format!(
                "it was {pinned}, the context reaches {found}; correct the context, or remove the cluster's line \
                 from .specc/clusters.json if it was rebuilt"
            ),
            Error::OtherCluster { planned, found, .. } => format!(
                "it was made for {planned}, the context reaches {found}; choose another one with --context, or make \
                 the plan again"
            ),
            Error::Moved { .. } => "make the plan again, look at it, and apply that one".into(),
            Error::ForeignCell { .. } => "rename the application, the environment or the tenant".into(),
            Error::NotOurs { .. } => {
                "rename the components, or apply with --adopt to take the objects over".into()
            }
            Error::MissingKind { .. } => {
                "install the controller that brings it, or change the cluster's provider on the platform"
                    .into()
            }
            Error::Terminating(_) => "wait until it is gone, then apply again".into(),
            Error::InFlight { .. } => {
                "end that rollout first: `specc rollout resume` with its spec, or `specc rollout abort`"
                    .into()
            }
            Error::GoingBack { .. } => "`specc rollout abort` finishes the way back, then apply again".into(),
            Error::Frozen { .. } => {
                "wait until then, or give --override-freeze with a reason, which is kept in the record".into()
            }
            Error::TakenOver { .. } => "`specc rollout status` shows where it stands".into(),
            Error::Unsettled { .. } => {
                "a controller or a webhook changes it back each time; metadata.managedFields names it".into()
            }
            Error::OtherSpec { .. } => {
                "resume with the spec it was applied from, or `specc rollout abort`".into()
            }
            Error::Nothing { .. } => "`specc rollout status` shows where each component stands".into(),
            Error::StillThere { .. } => "a finalizer may hold them: look at metadata.finalizers".into(),
        };
        Some(hint)
    }

    /// Whether somebody changed the object between the look and the write: look again.
    pub(crate) fn is_stale(&self) -> bool {
        matches!(self, Error::Refused { code, call, .. } if *code == 409 || matches!(code, 404 | 422) && call.verb != "get" && call.verb != "apply")
    }

    /// Whether the same call may work a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Error::Unreachable { .. } | Error::Refused { code: 429 | 500 | 502 | 503 | 504, .. })
    }

    /// Whether the server has said no, and would say so again.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Error::MissingKind { .. } | Error::Refused { code: 400 | 403 | 404 | 422, .. })
    }

    /// The world's error behind a failed call.
    pub(crate) fn of_call(call: Call, server: &str, error: &kube::Error) -> Self {
        if let kube::Error::Api(status) = error {
            let source = Cause(status.message.trim().to_owned());
            if status.code == 403 && source.0.contains("because it is being terminated") {
                return Error::Terminating(call.namespace.unwrap_or(call.subject));
            }
            return Error::Refused { call, code: status.code, source };
        }
        let source = Cause(innermost(error));
        if matches!(error, kube::Error::SerdeError(_) | kube::Error::FromUtf8(_)) {
            return Error::Answer { call, source };
        }
        // What is left happens below HTTP.
        Error::Unreachable { server: server.to_owned(), source }
    }
}

/// What makes a server reachable.
fn reachable(cause: &Cause) -> String {
    let what = if cause.0.contains("certificate") {
        "the kubeconfig's certificate-authority must be the one that signed the server's certificate"
    } else {
        "check the server of the context, and whether the network reaches it"
    };
    what.to_owned()
}

/// The last cause in the chain: the libraries above it only say "service error" or "connect error".
fn innermost(error: &kube::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn listed(objects: &[ObjectKey]) -> String {
    objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(verb: &'static str, code: u16) -> Error {
        let call = Call { verb, subject: "Deployment/web".into(), namespace: Some("shop-test".into()) };
        Error::Refused { call, code, source: Cause("no".into()) }
    }

    #[test]
    fn a_refusal_names_the_call_and_what_to_allow() {
        let error = refused("patch", 403);
        assert_eq!(error.to_string(), "cannot patch Deployment/web in namespace `shop-test`");
        assert_eq!(
            error.hint().as_deref(),
            Some("let somebody with the right to grant it allow `patch` on this to your user")
        );
    }

    #[test]
    fn only_conditions_that_do_not_hold_and_servers_that_are_away_are_tried_again() {
        assert!(refused("patch", 422).is_stale() && refused("update", 409).is_stale());
        assert!(!refused("apply", 422).is_stale(), "the object itself is refused");
        assert!(refused("list", 503).is_transient() && !refused("list", 403).is_transient());
    }
}
