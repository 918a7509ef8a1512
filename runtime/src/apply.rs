//! Applies one cell: what would stop it is found first, then the cell's own objects, then each component.

use compiler::object::{Object, ObjectKey};
use compiler::plan::rollout::ObjectState;
use compiler::plan::{Begin, Plan, Release, ReleasePlan};

use crate::cluster::Cluster;
use crate::error::Error;
use crate::event::{Change, End, Event, Interrupt, now};
use crate::follow::follow;
use crate::observe::{body, is_ours, manner, state, workloads};
use crate::rollout::{Drive, drive};
use crate::store;

/// What the user allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Take over objects that specc did not make, and fields that others own.
    pub adopt: bool,
}

/// An apply that nothing stands against; nothing has been written yet.
pub struct Ready<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) plan: &'a Plan,
    /// Objects whose fields may be taken from others.
    pub(crate) adopted: Vec<ObjectKey>,
    namespace: NamespaceState,
}

/// What is known of the cell's namespace before the apply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NamespaceState {
    /// It is recorded whose it is.
    Recorded,
    /// It is specc's to make, or was made by an apply that ended before it was recorded.
    Own,
    /// Somebody else made it.
    Adopted,
}

/// Finds everything that stands against an apply; only reads.
pub async fn prepare<'a>(cluster: &'a Cluster, plan: &'a Plan, options: Options) -> Result<Ready<'a>, Error> {
    let cell = store::read_cell(cluster, plan).await?;
    if let Some(cell) = &cell {
        store::check_cell(cluster, plan, cell)?;
    }
    for release in &plan.releases {
        let record = store::read(cluster, plan, &release.component).await?;
        refuse(&release.component, &begin(record.as_ref().map(|stored| &stored.release), release, None))?;
    }
    let foreign = foreign(cluster, plan).await?;
    if !foreign.is_empty() && !options.adopt {
        return Err(Error::NotOurs { objects: foreign });
    }
    let namespace_is_foreign = foreign.iter().any(|key| key.kind == "Namespace");
    let namespace = match cell {
        Some(_) => NamespaceState::Recorded,
        None if namespace_is_foreign => NamespaceState::Adopted,
        None => NamespaceState::Own,
    };
    // Who adopts takes fields of any of the objects; who does not is told about the first conflict.
    let adopted =
        if options.adopt { plan.bundle.objects.iter().map(Object::key).collect() } else { Vec::new() };
    Ok(Ready { cluster, plan, adopted, namespace })
}

/// Applies the cell, until every component is at an end or one of them fails.
pub async fn apply(
    ready: &Ready<'_>,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(Event),
) -> Result<Vec<(String, End)>, Error> {
    foundation(ready, tell).await?;
    let mut ends = Vec::new();
    for release in &ready.plan.releases {
        let end = component(ready, release, interrupt, tell).await?;
        let stops = matches!(end, End::Failed(_) | End::Interrupted);
        tell(Event::Ended { component: release.component.clone(), end: end.clone() });
        ends.push((release.component.clone(), end));
        if stops {
            break;
        }
    }
    Ok(ends)
}

/// The cell's own objects, and the record of whose namespace it is.
async fn foundation(ready: &Ready<'_>, tell: &mut dyn FnMut(Event)) -> Result<(), Error> {
    let (cluster, plan) = (ready.cluster, ready.plan);
    // Recorded before the label says otherwise, or a crash between would make it look like specc's own.
    if ready.namespace == NamespaceState::Adopted {
        store::write_cell(cluster, plan, false).await?;
    }
    for index in &plan.foundation {
        let object = &plan.bundle.objects[*index];
        let key = object.key();
        let force = ready.adopted.contains(&key);
        let change = match state(cluster, object, force).await? {
            ObjectState::Absent => Change::Create,
            ObjectState::Differs => Change::Update,
            ObjectState::Same { .. } => Change::Same,
        };
        if change != Change::Same {
            cluster.apply(&key, &body(object), manner(force, false)).await?;
        }
        tell(Event::Object { object: key, change });
    }
    if ready.namespace == NamespaceState::Own {
        store::write_cell(cluster, plan, true).await?;
    }
    Ok(())
}

async fn component(
    ready: &Ready<'_>,
    release: &ReleasePlan,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(Event),
) -> Result<End, Error> {
    let (cluster, plan) = (ready.cluster, ready.plan);
    let stored = store::read(cluster, plan, &release.component).await?;
    let serving = match &stored {
        Some(_) => None,
        None => serving(cluster, plan, release).await?,
    };
    let begin = begin(stored.as_ref().map(|stored| &stored.release), release, serving);
    refuse(&release.component, &begin)?;
    let mut held = None;
    if let Begin::Start(first) = begin {
        let first = store::write(cluster, plan, stored.as_ref(), *first).await;
        let first = first.map_err(|error| {
            // Another apply began it in this moment.
            if error.is_stale() { Error::TakenOver { component: release.component.clone() } } else { error }
        })?;
        let first = first.release;
        held = Some(first.epoch);
        tell(Event::Started {
            component: release.component.clone(),
            revision: release.revision.clone(),
            previous: first.previous,
        });
    }
    let adopted = &ready.adopted;
    let run = Drive { cluster, plan, component: &release.component, adopted, interrupt, held };
    let end = drive(run, tell).await?;
    let End::Released { changed } = end else { return Ok(end) };
    let followed = follow(cluster, plan, release, adopted, tell).await?;
    Ok(End::Released { changed: changed || followed })
}

fn begin(record: Option<&Release>, release: &ReleasePlan, serving: Option<String>) -> Begin {
    Release::begin(record, release, serving, now())
}

fn refuse(component: &str, begin: &Begin) -> Result<(), Error> {
    let component = component.to_owned();
    match begin {
        Begin::Continue | Begin::Start(_) => Ok(()),
        Begin::InFlight { revision } => Err(Error::InFlight { component, revision: revision.clone() }),
        Begin::GoingBack => Err(Error::GoingBack { component }),
    }
}

/// The revision with most pods, for a component whose record is lost.
async fn serving(cluster: &Cluster, plan: &Plan, release: &ReleasePlan) -> Result<Option<String>, Error> {
    let (workloads, _) = workloads(cluster, plan, release).await?;
    let busiest = workloads.into_iter().filter(|workload| workload.replicas > 0).max_by_key(|w| w.replicas);
    Ok(busiest.map(|workload| workload.revision))
}

/// Every object of the plan's names that specc did not make; also what else no apply would get past.
async fn foreign(cluster: &Cluster, plan: &Plan) -> Result<Vec<ObjectKey>, Error> {
    let mut foreign = Vec::new();
    for object in &plan.bundle.objects {
        let key = object.key();
        let Some(live) = cluster.get(&key).await? else { continue };
        if key.kind == "Namespace" && live.metadata.deletion_timestamp.is_some() {
            return Err(Error::Terminating(key.name));
        }
        if !is_ours(&live) {
            foreign.push(key);
        }
    }
    Ok(foreign)
}
