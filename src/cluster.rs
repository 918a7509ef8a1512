//! What the commands that talk to a cluster share: reaching it, its pinned identity, progress and ends.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use compiler::plan::Plan;
use compiler::plan::file::{Base, PlanFile};
use runtime::{Access, Change, Cluster, End, Event};

use crate::cli::{CellArguments, TargetArguments};
use crate::error::{Error, Exit};
use crate::files::{self, Content};
use crate::output::Output;
use crate::{paths, spec};

/// How the cluster is reached.
#[derive(Args, Debug)]
pub struct AccessArguments {
    /// The kubeconfig, instead of KUBECONFIG or the one in the home folder
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig context, instead of the one that the platform names
    #[arg(long)]
    pub context: Option<String>,
}

/// What a command works with.
pub struct Target {
    /// The plan of the cell.
    pub plan: Plan,
    /// What the plan was made against, if it is out of a file that says so.
    pub base: Option<Base>,
    /// Which cluster a file's plan is for, if it says so.
    identity: Option<String>,
    /// The folder of the spec; `None` for a plan out of a file.
    folder: Option<PathBuf>,
}

impl Target {
    /// The plan of a spec in a folder.
    pub fn of_spec(plan: Plan, folder: PathBuf) -> Self {
        Self { plan, base: None, identity: None, folder: Some(folder) }
    }
}

/// Bytes of a plan file: a thousand components fit.
const PLAN_BYTES_MAX: usize = 64 << 20;

/// The identities of the clusters that a spec was applied to, in `.specc/clusters.json` beside it: a record in a
/// cluster cannot tell that the context leads to another one.
pub struct Pins {
    path: PathBuf,
    identities: BTreeMap<String, String>,
}

/// Checks the spec and plans its cell, or reads the plan; `None` when the spec has errors, which are on stderr then.
pub fn target(arguments: &TargetArguments, output: &mut Output) -> Result<Option<Target>, Error> {
    if paths::is_plan(&arguments.place) {
        return file(arguments).map(Some);
    }
    let Some(environment) = arguments.environment.clone() else {
        return Err(Error::Usage {
            message: "it is not said which environment is meant".to_owned(),
            hint: "add --environment, or name a plan file".to_owned(),
        });
    };
    let (tenant, cluster) = (arguments.tenant.clone(), arguments.cluster.clone());
    let cell = CellArguments { spec: arguments.place.clone(), environment, tenant, cluster };
    let Some(plan) = planned(&cell, output)? else { return Ok(None) };
    Ok(Some(Target::of_spec(plan, spec::folder(&cell.spec)?)))
}

/// Checks the spec and plans its cell; `None` when the spec has errors, which are on stderr then.
pub fn planned(cell: &CellArguments, output: &mut Output) -> Result<Option<Plan>, Error> {
    let spec = spec::load(&cell.spec)?;
    let Some(checked) = spec.passed(output) else { return Ok(None) };
    let cell = spec::cell(checked, cell)?;
    Ok(Some(compiler::plan::plan(checked, cell, &compiler::lower::lower(checked, cell))))
}

fn file(arguments: &TargetArguments) -> Result<Target, Error> {
    let path = arguments.place.clone();
    if arguments.environment.is_some() || arguments.tenant.is_some() || arguments.cluster.is_some() {
        return Err(Error::Usage {
            message: format!("the plan `{}` is of one cell already", path.display()),
            hint: "leave --environment, --tenant and --cluster out".to_owned(),
        });
    }
    let unreadable = |why: String| Error::Plan { path: path.clone(), why };
    let Content::Whole(bytes) = files::read(&path, PLAN_BYTES_MAX)? else {
        return Err(unreadable(format!("it has more than {} MiB", PLAN_BYTES_MAX >> 20)));
    };
    let read = PlanFile::read(&String::from_utf8_lossy(&bytes));
    let PlanFile { plan, identity, base } = read.map_err(|error| unreadable(error.to_string()))?;
    Ok(Target { plan, base, identity, folder: None })
}

/// Runs a command's network half.
pub fn block_on<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let engine = tokio::runtime::Builder::new_current_thread().enable_all().build();
    engine.map_err(Error::Engine)?.block_on(work)
}

/// Says where it goes, connects, and refuses a cluster that is not the one of earlier applies.
pub async fn connect(
    target: &Target,
    access: &AccessArguments,
    output: &mut Output,
) -> Result<(Cluster, Option<Pins>), Error> {
    let plan = &target.plan;
    let pins = target.folder.as_deref().map(Pins::read).transpose()?;
    let cluster = reach(plan, access, output).await?;
    if let Some(pins) = &pins {
        pins.check(&plan.cluster, &cluster.identity)?;
    }
    match &target.identity {
        Some(planned) if *planned != cluster.identity => Err(Error::Cluster(runtime::Error::OtherCluster {
            cluster: plan.cluster.clone(),
            planned: planned.clone(),
            found: cluster.identity,
        })),
        Some(_) | None => Ok((cluster, pins)),
    }
}

/// Says where it goes, and connects.
async fn reach(plan: &Plan, access: &AccessArguments, output: &mut Output) -> Result<Cluster, Error> {
    let context = access.context.clone().or_else(|| plan.context.clone());
    let access = Access::load(access.kubeconfig.clone(), context).await?;
    output.say(&format!("context {}, server {}\n", access.context, access.server));
    Ok(access.connect().await?)
}

impl Pins {
    /// Writes the identity down, if it is new.
    pub fn pin(mut self, plan: &Plan, cluster: &Cluster) -> Result<(), Error> {
        if self.identities.insert(plan.cluster.clone(), cluster.identity.clone()).is_some() {
            return Ok(());
        }
        let failed = |source| Error::File { doing: "cannot write", path: self.path.clone(), source };
        let text = serde_json::to_string_pretty(&self.identities).expect("a map of texts serialises") + "\n";
        fs::create_dir_all(self.path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        files::replace(&self.path, &text).map_err(failed)
    }

    /// The identity of a cluster, if the spec was applied to it.
    pub fn of(&self, cluster: &str) -> Option<&String> {
        self.identities.get(cluster)
    }

    /// Reads what is beside a spec.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(".specc/clusters.json");
        let failed = |source| Error::File { doing: "cannot read", path: path.clone(), source };
        let identities = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(failed(error)),
        };
        Ok(Self { path, identities })
    }

    fn check(&self, cluster: &str, found: &str) -> Result<(), Error> {
        match self.identities.get(cluster) {
            Some(pinned) if pinned != found => Err(Error::Cluster(runtime::Error::Identity {
                cluster: cluster.to_owned(),
                pinned: pinned.clone(),
                found: found.to_owned(),
            })),
            Some(_) | None => Ok(()),
        }
    }
}

/// One line of progress.
pub fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Object { change: Change::Same, .. } => return None,
        Event::Object { object, change } => format!("{} {object}\n", verb(*change)),
        Event::Started { component, revision, previous: None } => {
            format!("{component}: revision {revision}\n")
        }
        Event::Started { component, revision, previous: Some(previous) } => {
            format!("{component}: revision {revision} over {previous}\n")
        }
        Event::Wrote { component, what } => format!("{component}: {what}\n"),
        Event::Waiting { component, reason, detail: None } => format!("{component}: {reason}\n"),
        Event::Waiting { component, reason, detail: Some(detail) } => {
            format!("{component}: {reason} ({detail})\n")
        }
        Event::Retrying { component, error } => format!("{component}: {error}, trying again\n"),
        Event::Ended { component, end } => format!("{component}: {}\n", ended(end)),
        Event::Removed(object) => format!("removed {object}\n"),
        Event::Kept(object, why) => format!("kept {object}: {why}\n"),
    })
}

/// `create`, `change` or `same`.
pub fn verb(change: Change) -> &'static str {
    match change {
        Change::Create => "create",
        Change::Update => "change",
        Change::Same => "same",
    }
}

/// How to go on, and the exit code of the worst end.
pub fn conclude(
    ends: &[(String, End)],
    target: &TargetArguments,
    access: &AccessArguments,
    output: &mut Output,
) -> Exit {
    let with = arguments(target, access);
    let mut exit = Exit::Fine;
    for (_, end) in ends {
        match end {
            End::Released { .. } | End::RolledBack | End::Blocked(_) => {}
            End::Paused(_) => {
                output.say(&format!(
                    "go on with `specc rollout resume {with}`, or back with `specc rollout abort {with}`\n"
                ));
            }
            End::Failed(_) => {
                output.say(&format!("go back with `specc rollout abort {with}`, or try again with `specc rollout resume {with}`\n"));
                exit = Exit::Failed;
            }
            End::Interrupted => {
                output.say(&format!(
                    "nothing is lost: go on with `specc rollout resume {with}` or the same command\n"
                ));
                return Exit::Interrupted;
            }
        }
    }
    exit
}

fn ended(end: &End) -> String {
    match end {
        End::Released { changed: true } => "released".to_owned(),
        End::Released { changed: false } => "released, nothing to change".to_owned(),
        End::RolledBack => "rolled back".to_owned(),
        End::Paused(Some(batch)) => format!("paused after batch {}", batch + 1),
        End::Paused(None) => "paused".to_owned(),
        End::Blocked(dependency) => format!("not begun: it needs `{dependency}`, which is not released yet"),
        End::Failed(reason) => format!("failed: {reason}"),
        End::Interrupted => "interrupted".to_owned(),
    }
}

/// The arguments that name the cell again.
fn arguments(target: &TargetArguments, access: &AccessArguments) -> String {
    let mut text = target.place.display().to_string();
    let path = access.kubeconfig.as_ref().map(|path| path.display().to_string());
    let more = [
        ("environment", &target.environment),
        ("tenant", &target.tenant),
        ("cluster", &target.cluster),
        ("kubeconfig", &path),
        ("context", &access.context),
    ];
    for (name, value) in more {
        text.extend(value.iter().map(|value| format!(" --{name} {value}")));
    }
    text
}
