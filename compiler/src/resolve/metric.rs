//! What an autoscaler may be told to keep, as people write it.

use super::quantity;
use crate::app::Described;

/// Whether a text names a metric; it becomes one part of a path of the metrics API.
pub fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:.-|".contains(&byte);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    begins && text.len() <= 253 && text.bytes().all(plain)
}

/// A share of the request, or thousandths of a core. A bare number would be cores, and its author meant per cent.
pub fn is_cpu_target(text: &str) -> bool {
    is_share(text) || text.ends_with('m') && quantity::cpu_milli(text).is_some()
}

/// A share of the request, or bytes with their unit.
pub fn is_memory_target(text: &str) -> bool {
    let unit = text.ends_with(|c: char| c.is_ascii_alphabetic());
    is_share(text) || unit && quantity::memory_bytes(text).is_some()
}

/// What to write instead of what is no target; `number` is the one that was found in it.
pub fn target_advice(number: Option<u64>, amount: &str) -> String {
    let share = number.filter(|number| (1..=1000).contains(number)).unwrap_or(60);
    format!("write a share such as `\"{share}%\"`, or an amount a pod such as `{amount}`")
}

/// What to write instead of what is no object with metrics.
pub fn described_advice() -> String {
    let kinds: Vec<String> = Described::KINDS.iter().map(|(kind, _)| format!("`\"{kind}/name\"`")).collect();
    format!("write {}", kinds.join(", "))
}

fn is_share(text: &str) -> bool {
    quantity::percent(text).is_some_and(|share| (1..=1000).contains(&share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_a_unit() {
        assert!(["60%", "300m", "1000%"].into_iter().all(is_cpu_target));
        assert!(!["60", "0.5", "0%", "1001%", "0m", "60 %"].into_iter().any(is_cpu_target));
        assert!(["80%", "600Mi", "1G"].into_iter().all(is_memory_target));
        assert!(!["80", "600MB", "0Mi"].into_iter().any(is_memory_target));
    }

    #[test]
    fn a_metric_is_one_part_of_a_path() {
        assert!(["http_requests", "nginx.org|requests", "job:rate5m"].into_iter().all(is_name));
        assert!(!["", "a/b", "a b", "..", "5xx", "a%b"].into_iter().any(is_name));
    }
}
