//! Days on which a job is skipped, as far as upstream compares them: by month and hour.

use super::schedule::Schedule;
use super::zone::Zone;

/// Why a job is skipped at an instant, if it is. Upstream formats both times with the layout `11-15-1990`, of which
/// only month and hour are placeholders, so whole months of mornings are skipped, and evenings are not.
pub fn skipped(dates: &[String], zone: &Zone, now_ns: i64) -> Option<String> {
    let shown = |at_ns: i64| (zone.local(at_ns).month(), zone.local(at_ns).hour());
    let date = dates.iter().find(|date| {
        // What cannot be read is no date.
        Schedule::parse(date).is_ok_and(|schedule| {
            // Go's zero time, which stands for never, shows January and midnight.
            schedule.next(zone, now_ns).map_or((1, 0), shown) == shown(now_ns)
        })
    })?;
    Some(format!("skip scaling activity,because of excludeDate ({date})."))
}
