//! A plan as a file: everything that an apply needs, what it was made against, and a digest over all of it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Plan, PlannedFreeze, ReleasePlan};
use crate::object::{Bundle, Manifest, Object, ObjectKey};

/// Names what the fields of a file mean. A tool of another version reads a file if this is what it writes itself.
const FORMAT: &str = "specc.io/plan/v1";

/// The version of specc, for whoever has to make the plan again.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the digest stands in a file.
const DIGEST: &str = "sha256";

/// A plan, and what it holds for.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// The plan.
    pub plan: Plan,
    /// The UID of the cluster's namespace `kube-system`, where it is known: no other cluster is applied to.
    pub identity: Option<String>,
    /// What the cluster held when the plan was made, if anybody looked.
    pub base: Option<Base>,
}

/// What a cluster holds of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Base {
    /// The plan's objects.
    pub objects: Vec<BaseObject>,
    /// The plan's components.
    pub releases: Vec<BaseRelease>,
}

/// One object in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BaseObject {
    /// Which.
    #[serde(flatten)]
    pub key: ObjectKey,
    /// SHA-256 over what it says, without what servers, controllers and rollouts write; `None` if it is not there.
    pub fingerprint: Option<String>,
}

/// The latest rollout of one component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BaseRelease {
    /// Which.
    pub component: String,
    /// Its record; `None` if there was no rollout yet.
    pub record: Option<BaseRecord>,
}

/// What tells one record of a rollout from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BaseRecord {
    /// The revision that it leads to.
    pub revision: String,
    /// The digest of its plan.
    pub digest: String,
    /// Grows with every holder and command.
    pub epoch: u64,
}

/// Why a text is not taken for a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is something else, or its fields do not fit together.
    NotAPlan(String),
    /// Another version of specc wrote it.
    Format {
        /// What it says that its fields mean.
        format: String,
        /// The version that wrote it.
        version: String,
    },
    /// It is not what was written.
    Digest {
        /// The digest that it carries.
        carried: String,
        /// The digest of its content.
        found: String,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::NotAPlan(why) => write!(f, "it is not a plan file: {why}"),
            Unreadable::Format { format, version } => {
                write!(
                    f,
                    "it is in the format {format} of specc {version}, and specc {VERSION} reads {FORMAT}"
                )
            }
            Unreadable::Digest { carried, found } => {
                write!(f, "its content was changed: the digest says {carried}, and the content has {found}")
            }
        }
    }
}

impl std::error::Error for Unreadable {}

impl Unreadable {
    fn because(why: &impl fmt::Display) -> Self {
        Unreadable::NotAPlan(why.to_string())
    }
}

/// What a file says, in the order of the alphabet, as everything in it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    format: String,
    specc: String,
    app: String,
    environment: String,
    tenant: Option<String>,
    cluster: String,
    context: Option<String>,
    namespace: String,
    identity: Option<String>,
    objects: Vec<Entry>,
    releases: Vec<ReleasePlan>,
    freezes: Vec<PlannedFreeze>,
    base: Option<Base>,
}

/// One object of the bundle.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    name: String,
    component: Option<String>,
    after_release: bool,
    manifest: Value,
}

impl PlanFile {
    /// The file: JSON with sorted keys, so that one plan has one text.
    pub fn text(&self) -> String {
        let plan = &self.plan;
        let entry = |object: &Object| Entry {
            name: object.logical_name.clone(),
            component: object.component.clone(),
            after_release: object.after_release,
            manifest: object.value(),
        };
        let content = Content {
            format: FORMAT.to_owned(),
            specc: VERSION.to_owned(),
            app: plan.app.clone(),
            environment: plan.environment.clone(),
            tenant: plan.tenant.clone(),
            cluster: plan.cluster.clone(),
            context: plan.context.clone(),
            namespace: plan.namespace.clone(),
            identity: self.identity.clone(),
            objects: plan.bundle.objects.iter().map(entry).collect(),
            releases: plan.releases.clone(),
            freezes: plan.freezes.clone(),
            base: self.base.clone(),
        };
        let mut value = serde_json::to_value(content).expect("a plan serialises");
        value[DIGEST] = digest(&value).into();
        format!("{value:#}\n")
    }

    /// Reads a file back.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let mut value: Value = serde_json::from_str(text).map_err(|error| Unreadable::because(&error))?;
        let word = |name: &str| value[name].as_str().map(str::to_owned);
        let no_plan = || Unreadable::NotAPlan("`specc plan -o` writes one".to_owned());
        let (format, carried) = (word("format").ok_or_else(no_plan)?, word(DIGEST).ok_or_else(no_plan)?);
        if format != FORMAT {
            let version = word("specc").unwrap_or_else(|| "of an unknown version".to_owned());
            return Err(Unreadable::Format { format, version });
        }
        if let Some(fields) = value.as_object_mut() {
            fields.remove(DIGEST);
        }
        let found = digest(&value);
        if carried != found {
            return Err(Unreadable::Digest { carried, found });
        }
        let content = serde_json::from_value(value).map_err(|error| Unreadable::because(&error))?;
        file(content)
    }
}

/// What an apply relies on in a plan is looked for in a file, since anybody can write one with a digest that fits.
fn file(content: Content) -> Result<PlanFile, Unreadable> {
    let mut objects = Vec::new();
    for entry in content.objects {
        objects.push(object(entry, &content.namespace)?);
    }
    let keys: BTreeSet<ObjectKey> = objects.iter().map(Object::key).collect();
    for release in &content.releases {
        let named = release.objects.iter().chain(&release.follow_up);
        let unknown = named.into_iter().find(|key| !keys.contains(key));
        if let Some(key) = unknown {
            return Err(Unreadable::because(&format!("component `{}` has no {key}", release.component)));
        }
        if release.batches.is_empty() || release.namespace != content.namespace {
            return Err(Unreadable::because(&format!("component `{}` has no rollout", release.component)));
        }
    }
    let foundation = (0..objects.len()).filter(|index| objects[*index].component.is_none()).collect();
    let plan = Plan {
        app: content.app,
        environment: content.environment,
        tenant: content.tenant,
        cluster: content.cluster,
        context: content.context,
        namespace: content.namespace.clone(),
        bundle: Bundle { namespace: content.namespace, objects },
        foundation,
        releases: content.releases,
        freezes: content.freezes,
    };
    Ok(PlanFile { plan, identity: content.identity, base: content.base })
}

fn object(entry: Entry, namespace: &str) -> Result<Object, Unreadable> {
    let metadata = &entry.manifest["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default().to_owned();
    let inside = metadata["namespace"].as_str().is_none_or(|own| own == namespace);
    if name.is_empty() || !inside {
        return Err(Unreadable::because(&format!("object `{}` has no name in the namespace", entry.name)));
    }
    let manifest = Manifest::read(&entry.manifest).map_err(|error| Unreadable::because(&error))?;
    // What is not known of a kind would silently not be applied.
    if manifest.value() != entry.manifest {
        return Err(Unreadable::because(&format!("object `{name}` has fields that are not known")));
    }
    let (logical_name, component, after_release) = (entry.name, entry.component, entry.after_release);
    Ok(Object { manifest, logical_name, component, after_release })
}

/// SHA-256 over the shortest JSON with sorted keys, in hexadecimal.
pub fn digest(value: &Value) -> String {
    digest_of(value.to_string().as_bytes())
}

/// SHA-256 in hexadecimal.
pub fn digest_of(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
