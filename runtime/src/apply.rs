//! Applies one cell: what would stop it is found first, then the cell's own objects, then each component.

use compiler::app::FreezeMode;
use compiler::object::{Object, ObjectKey};
use compiler::plan::file::Base;
use compiler::plan::rollout::ObjectState;
use compiler::plan::{Begin, Plan, PlannedFreeze, Release, ReleasePlan};

use crate::base::check_base;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::event::{Change, End, Event, Interrupt, now};
use crate::follow::follow;
use crate::history;
use crate::live::Live;
use crate::observe::{body, is_ours, manner, state, workloads};
use crate::rollout::{Drive, drive};
use crate::store;
use crate::waves::in_waves;

/// What the user allows.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Take over objects that specc did not make, and fields that others own.
    pub adopt: bool,
    /// Why a release is begun although the platform's environment is frozen; kept in its record.
    pub override_freeze: Option<String>,
    /// What the plan was made against: the apply is refused if that has moved.
    pub base: Option<Base>,
}

/// An apply that nothing stands against; nothing has been written yet.
pub struct Ready<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) plan: &'a Plan,
    /// Objects whose fields may be taken from others.
    pub(crate) adopted: Vec<ObjectKey>,
    /// What there was of the cell.
    pub(crate) live: Live,
    namespace: NamespaceState,
    override_freeze: Option<String>,
    /// Each component that is released in a freeze, with the window's name and end.
    pub frozen: Vec<(String, PlannedFreeze)>,
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
    let live = Live::read(cluster, plan).await?;
    if let Some(base) = &options.base {
        check_base(cluster, plan, &live, base, options.adopt).await?;
    }
    let mut frozen = Vec::new();
    for release in &plan.releases {
        let record = store::read(cluster, plan, &release.component).await?;
        let begin = begin(record.as_ref().map(|stored| &stored.release), release, None);
        refuse(&release.component, &begin)?;
        if let Some(freeze) = plan.frozen(&begin, now()) {
            refuse_frozen(freeze, &release.component, &options)?;
            frozen.push((release.component.clone(), freeze.clone()));
        }
    }
    let foreign = foreign(&live, plan)?;
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
    let override_freeze = options.override_freeze;
    Ok(Ready { cluster, plan, adopted, live, namespace, override_freeze, frozen })
}

/// Applies the cell, until every component is at an end or one of them fails.
pub async fn apply(
    ready: &Ready<'_>,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(Event),
) -> Result<Vec<(String, End)>, Error> {
    foundation(ready, tell).await?;
    let releases: Vec<&ReleasePlan> = ready.plan.releases.iter().collect();
    in_waves(&releases, tell, async |release, tell| component(ready, release, interrupt, tell).await).await
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
    if let Begin::Start(mut first) = begin {
        let frozen = ready.frozen.iter().any(|(component, _)| *component == release.component);
        first.override_freeze = ready.override_freeze.clone().filter(|_| frozen);
        if let Some(stored) = &stored {
            first.before = Some(history::keep_record(cluster, plan, stored).await?);
        }
        history::keep_plan(cluster, plan, &first).await?;
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
    let (component, refused) = (&release.component, Vec::new());
    let run = Drive { cluster, plan, component, adopted, interrupt, held, refused };
    let end = drive(run, tell).await?;
    let End::Released { changed } = end else { return Ok(end) };
    let followed = follow(cluster, plan, release, adopted, tell).await?;
    if changed {
        history::forget(cluster, plan, &release.component).await?;
    }
    Ok(End::Released { changed: changed || followed })
}

/// What an apply means for a component at this moment.
pub(crate) fn begin(record: Option<&Release>, release: &ReleasePlan, serving: Option<String>) -> Begin {
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

/// Only before anything is written: an apply that has begun outside the window goes on to its end.
fn refuse_frozen(freeze: &PlannedFreeze, component: &str, options: &Options) -> Result<(), Error> {
    if freeze.mode == FreezeMode::Warn || options.override_freeze.is_some() {
        return Ok(());
    }
    let (component, name, until) = (component.to_owned(), freeze.name.clone(), freeze.to.clone());
    Err(Error::Frozen { component, freeze: name, until })
}

/// The revision with most pods, for a component whose record is lost.
pub(crate) async fn serving(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
) -> Result<Option<String>, Error> {
    let (workloads, _) = workloads(cluster, plan, release).await?;
    let busiest = workloads.into_iter().filter(|workload| workload.replicas > 0).max_by_key(|w| w.replicas);
    Ok(busiest.map(|workload| workload.revision))
}

/// Every object of the plan's names that specc did not make; also what else no apply would get past.
fn foreign(live: &Live, plan: &Plan) -> Result<Vec<ObjectKey>, Error> {
    let mut foreign = Vec::new();
    for object in &plan.bundle.objects {
        let key = object.key();
        let Some(found) = live.get(&key) else { continue };
        if key.kind == "Namespace" && found.metadata.deletion_timestamp.is_some() {
            return Err(Error::Terminating(key.name));
        }
        if !is_ours(found) {
            foreign.push(key);
        }
    }
    Ok(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freeze(mode: FreezeMode) -> PlannedFreeze {
        let source = compiler::source::Sources::default().add("platform.kdl", "").id();
        let span = compiler::source::Span { source, start: 0, end: 0 };
        let text = |text: &str| compiler::source::Spanned::new(text.to_owned(), span);
        PlannedFreeze::new(&compiler::app::Freeze {
            name: text("double-11"),
            from: text("2026-11-10T20:00:00+08:00"),
            from_ns: 0,
            to: text("2026-11-11T03:00:00+08:00"),
            to_ns: 1,
            mode,
            span,
        })
    }

    #[test]
    fn a_release_in_a_blocking_freeze_needs_a_reason() {
        let reason = Options { override_freeze: Some("a hole in the login".into()), ..Options::default() };
        let refused = refuse_frozen(&freeze(FreezeMode::Block), "web", &Options::default());
        let text = refused.expect_err("nobody gave a reason").to_string();
        assert!(text.contains("`double-11`, which ends at 2026-11-11T03:00:00+08:00"), "{text}");
        assert!(refuse_frozen(&freeze(FreezeMode::Block), "web", &reason).is_ok());
        assert!(refuse_frozen(&freeze(FreezeMode::Warn), "web", &Options::default()).is_ok());
    }
}
