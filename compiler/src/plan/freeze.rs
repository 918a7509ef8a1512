//! Times in which a plan starts no release.

use serde::{Deserialize, Serialize};

use super::{Begin, Plan, TimeNs};
use crate::app::{Freeze, FreezeMode};
use crate::resolve::quantity::timestamp_ns;

/// A window of the cell's environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct PlannedFreeze {
    /// Its name.
    pub name: String,
    /// When it begins, as the platform says.
    pub from: String,
    /// When it ends, as the platform says.
    pub to: String,
    /// What happens to a release in it.
    pub mode: FreezeMode,
    #[serde(skip)]
    from_ns: i64,
    #[serde(skip)]
    to_ns: i64,
}

/// A window as it is written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    from: String,
    to: String,
    mode: FreezeMode,
}

impl TryFrom<Written> for PlannedFreeze {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let time = |text: &str| timestamp_ns(text).ok_or_else(|| format!("`{text}` is no point in time"));
        let (from_ns, to_ns) = (time(&written.from)?, time(&written.to)?);
        let Written { name, from, to, mode } = written;
        Ok(Self { name, from, to, mode, from_ns, to_ns })
    }
}

impl PlannedFreeze {
    /// The window as it stands in a plan.
    pub fn new(freeze: &Freeze) -> Self {
        Self {
            name: freeze.name.value.clone(),
            from: freeze.from.value.clone(),
            to: freeze.to.value.clone(),
            mode: freeze.mode,
            from_ns: freeze.from_ns,
            to_ns: freeze.to_ns,
        }
    }
}

impl Plan {
    /// The window that `begin` falls into at `now`, in nanoseconds since 1970, if it brings new pods. What changes
    /// counts, bounds and objects of the revision that serves is no release, what has begun may go on, and the way
    /// back is always open. A window that blocks comes before one that only warns.
    pub fn frozen(&self, begin: &Begin, now: TimeNs) -> Option<&PlannedFreeze> {
        let releases = match begin {
            Begin::Start(release) => !release.in_place,
            Begin::Continue | Begin::InFlight { .. } | Begin::GoingBack => false,
        };
        let now = i64::try_from(now).ok()?;
        let windows = self.freezes.iter().filter(|freeze| (freeze.from_ns..freeze.to_ns).contains(&now));
        windows.filter(|_| releases).min_by_key(|freeze| freeze.mode == FreezeMode::Warn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Count, Mechanism, Release, ReleasePlan};

    fn window(name: &str, from_ns: i64, to_ns: i64, mode: FreezeMode) -> PlannedFreeze {
        PlannedFreeze { name: name.into(), from: String::new(), to: String::new(), mode, from_ns, to_ns }
    }

    fn plan() -> Plan {
        Plan {
            app: "shop".into(),
            environment: "prod".into(),
            tenant: None,
            cluster: "c".into(),
            context: None,
            namespace: "shop-prod".into(),
            bundle: crate::object::Bundle::default(),
            foundation: Vec::new(),
            releases: Vec::new(),
            freezes: vec![
                window("careful", 5, 30, FreezeMode::Warn),
                window("double-11", 10, 20, FreezeMode::Block),
            ],
        }
    }

    fn start(in_place: bool) -> Begin {
        let plan = ReleasePlan {
            mechanism: Mechanism::Deployments,
            follow_up: Vec::new(),
            needs: Vec::new(),
            verifications: Vec::new(),
            windows: Vec::new(),
            component: "web".into(),
            namespace: "shop-prod".into(),
            revision: "b".into(),
            digest: "2".into(),
            objects: Vec::new(),
            count: Count::Fixed(1),
            batches: Vec::new(),
            surge_percent: 25,
            unavailable_percent: 0,
            deadline_ns: 1,
            depends_on: Vec::new(),
        };
        Begin::Start(Box::new(Release { in_place, ..Release::new(plan, None, 1, 0) }))
    }

    #[test]
    fn a_release_is_frozen_from_the_first_moment_of_a_window_to_its_end() {
        let plan = plan();
        let at = |now| plan.frozen(&start(false), now).map(|freeze| freeze.name.as_str());
        assert_eq!(
            [at(4), at(5), at(10), at(19), at(20), at(30)],
            [None, Some("careful"), Some("double-11"), Some("double-11"), Some("careful"), None]
        );
    }

    #[test]
    fn scaling_going_on_and_going_back_are_never_frozen() {
        let in_flight = Begin::InFlight { revision: "a".into() };
        for begin in [start(true), Begin::Continue, Begin::GoingBack, in_flight] {
            assert_eq!(plan().frozen(&begin, 15), None, "{begin:?}");
        }
    }

    #[test]
    fn a_window_is_read_back_with_its_times() {
        let text = |from: &str| {
            format!(r#"{{"name":"n","from":"{from}","to":"2026-11-11T03:00:00+08:00","mode":"block"}}"#)
        };
        let read = |from: &str| serde_json::from_str::<PlannedFreeze>(&text(from));
        let freeze = read("2026-11-10T20:00:00+08:00").expect("a window");
        let seconds = [freeze.from_ns, freeze.to_ns].map(|time| time / 1_000_000_000);
        assert_eq!(seconds, [1_794_312_000, 1_794_337_200]);
        assert_eq!(serde_json::to_string(&freeze).expect("JSON"), text("2026-11-10T20:00:00+08:00"));
        assert!(read("tomorrow").is_err());
    }
}
