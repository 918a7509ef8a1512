//! What may be written as one value, and what is said about anything else.

pub use super::quantity::BoundUnit;
mod text;
mod words;

use text::{
    is_absolute, is_domain, is_file_name, is_host, is_http_path, is_image, is_label, is_label_key,
    is_log_name, is_name, is_network, is_qualified, is_url, is_variable, is_version,
};
pub use text::{is_below, secret};

use super::{metric, quantity, time_zone};
use crate::app::Described;
use crate::document::{Scalar, Value};

/// The form of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// Any text, or `(secret)"name/key"`.
    TextOrSecret,
    /// A name that Kubernetes takes: lower-case letters, digits and dashes, at most 40 characters.
    Name,
    /// The [`Form::Name`] of something declared elsewhere.
    Reference,
    /// An environment variable's name.
    Variable,
    /// The key of a label or an annotation, with a prefix or without.
    LabelKey,
    /// A label's value, which may be empty.
    LabelValue,
    /// A port's name: like [`Form::Name`] with at most 15 characters and at least one letter.
    PortName,
    /// A container image's reference.
    Image,
    /// A file's name without a folder.
    FileName,
    /// A host of the DNS, whose first label may be `*`.
    Host,
    /// A network of IPv4 addresses, such as `10.64.0.0/16`.
    Network,
    /// A path that begins with a slash.
    AbsolutePath,
    /// What the path of an HTTP request begins with.
    HttpPath,
    /// A path below the spec's folder.
    RelativePath,
    /// One of a list.
    Word(&'static [&'static str]),
    /// A whole number.
    Integer {
        /// The least.
        min: i128,
        /// The greatest.
        max: i128,
    },
    /// A number above zero.
    Number,
    /// The same, or zero.
    NumberOrZero,
    /// `#true` or `#false`.
    Boolean,
    /// Cores.
    Cpu,
    /// Bytes.
    Memory,
    /// A whole share, such as `"60%"`, of at least 1.
    Percent {
        /// The greatest.
        max: u32,
    },
    /// A count, or a share of at most `"100%"`.
    CountOrPercent,
    /// A time span, such as `"5m"`.
    Duration,
    /// A time span, or the name of a distribution of such.
    DurationOrWord(&'static [&'static str]),
    /// A point in time with its offset.
    Timestamp,
    /// What a clock shows, such as `"20:30"`.
    TimeOfDay,
    /// A side and a value, such as `">=99.9%"`.
    Bound(BoundUnit),
    /// Such as `"1.34"`.
    KubernetesVersion,
    /// Such as `"Asia/Shanghai"`.
    TimeZone,
    /// A metric's name.
    MetricName,
    /// An amount of anything measured, such as `"100"`, `"1500m"` or `"10k"`.
    Amount,
    /// A share of the requested cores, or thousandths of a core a pod.
    CpuTarget,
    /// A share of the requested memory, or bytes a pod.
    MemoryTarget,
    /// An object that has a metric, such as `"Ingress/web"`.
    Described,
    /// A count of pods, or a share of them that may be above `"100%"`.
    Change,
    /// Whole seconds in a range.
    Seconds {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// `(secret)"name/key"`, and never the value itself.
    Secret,
    /// An address of IPv4 or IPv6.
    Address,
    /// A domain's name, such as `"cluster.local"`.
    Domain,
    /// An address of the web, without user, password and query.
    Url,
    /// A count, or a share of at most `"1000%"`.
    Threshold,
    /// A name in the log service.
    LogName,
    /// A share, a duration or a number, to be compared with what was measured.
    Measure,
}

/// How a reference to a Secret is written.
const SECRET: &str = "write `(secret)\"name/key\"` (in YAML: `!secret name/key`)";

impl Form {
    /// Whether a value has the form; if not, what to write instead.
    pub fn check(self, value: &Value) -> Result<(), String> {
        let secret = matches!(self, Form::TextOrSecret | Form::Secret);
        match value.tag.as_deref() {
            None if self == Form::Secret => return Err(SECRET.to_owned()),
            None => {}
            Some("secret") if secret => {}
            // Without its tag a misspelt reference would become a plain text.
            Some(_) if secret => return Err(SECRET.to_owned()),
            Some(tag) => return Err(format!("write the value without `({tag})`")),
        }
        if self.fits(value) {
            return Ok(());
        }
        Err(self.advice(value))
    }

    fn fits(self, value: &Value) -> bool {
        let text = value.as_text();
        match self {
            Form::Text => text.is_some_and(|text| !text.is_empty()),
            Form::TextOrSecret => match &value.tag {
                Some(_) => text.and_then(secret).is_some(),
                None => text.is_some(),
            },
            Form::Name | Form::Reference => text.is_some_and(|text| is_name(text, 40)),
            Form::Variable => text.is_some_and(is_variable),
            Form::LabelKey => text.is_some_and(is_label_key),
            Form::LabelValue => text.is_some_and(|text| text.is_empty() || is_qualified(text)),
            Form::PortName => text.is_some_and(|text| {
                is_name(text, 15) && text.bytes().any(|b| b.is_ascii_lowercase()) && !text.contains("--")
            }),
            Form::Image => text.is_some_and(is_image),
            Form::FileName => text.is_some_and(is_file_name),
            Form::Host => text.is_some_and(is_host),
            Form::Network => text.is_some_and(is_network),
            Form::AbsolutePath => text.is_some_and(is_absolute),
            Form::HttpPath => text.is_some_and(is_http_path),
            Form::RelativePath => text.is_some_and(is_below),
            Form::Word(words) => text.is_some_and(|text| words.contains(&text)),
            Form::Integer { min, max } => integer(value).is_some_and(|number| (min..=max).contains(&number)),
            Form::Number => number(value).is_some(),
            Form::NumberOrZero => number_or_zero(value).is_some(),
            Form::Boolean => matches!(value.scalar, Scalar::Boolean(_)),
            Form::Cpu => cpu_milli(value).is_some(),
            Form::Memory => memory_bytes(value).is_some(),
            Form::Percent { max } => percent(value).is_some_and(|share| (1..=max).contains(&share)),
            Form::CountOrPercent => is_share(value, 100),
            Form::Duration => duration_ns(value).is_some(),
            Form::DurationOrWord(words) => {
                duration_ns(value).is_some() || text.is_some_and(|text| words.contains(&text))
            }
            Form::Timestamp => text.and_then(quantity::timestamp_ns).is_some(),
            Form::TimeOfDay => text.and_then(quantity::time_of_day).is_some(),
            Form::Bound(unit) => text.is_some_and(|text| quantity::bound(text, unit).is_some()),
            Form::KubernetesVersion => text.is_some_and(is_version),
            Form::TimeZone => text.is_some_and(time_zone::is_known),
            Form::Secret => text.and_then(secret).is_some(),
            Form::Address => text.is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
            Form::Domain => text.is_some_and(is_domain),
            Form::Url => text.is_some_and(is_url),
            Form::Threshold => {
                integer(value).is_some_and(|count| (0..=100_000).contains(&count))
                    || percent(value).is_some_and(|share| (1..=1000).contains(&share))
            }
            Form::LogName => text.is_some_and(is_log_name),
            Form::Measure => measure(value).is_some(),
            Form::MetricName => text.is_some_and(metric::is_name),
            Form::Amount => quantity_text(value).is_some_and(quantity::is_amount),
            Form::CpuTarget => text.is_some_and(metric::is_cpu_target),
            Form::MemoryTarget => text.is_some_and(metric::is_memory_target),
            Form::Described => {
                text.and_then(Described::from_text).is_some_and(|described| is_label(&described.name))
            }
            Form::Change => is_share(value, 1000),
            Form::Seconds { min, max } => seconds(value).is_some_and(|s| (min..=max).contains(&s)),
        }
    }
}

/// Whether a value is a count, or a share of at most so many per cent.
fn is_share(value: &Value, percent_max: u32) -> bool {
    integer(value).is_some_and(|count| (1..=100_000).contains(&count))
        || percent(value).is_some_and(|share| (1..=percent_max).contains(&share))
}

/// The nearest of some names, if it is near enough to be what was meant.
pub fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &'a str| (strsim::osa_distance(written, name), name);
    let (distance, name) = known.map(distance).min()?;
    (distance <= (name.chars().count() / 3).max(1)).then_some(name)
}

/// The value as a whole number; `080` and `1_000` are not numbers that two readers agree on.
pub fn integer(value: &Value) -> Option<i128> {
    let digits = value.written.strip_prefix('-').unwrap_or(&value.written);
    let plain = digits == "0" || !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    match value.scalar {
        Scalar::Integer(number) if plain => Some(number),
        Scalar::Integer(_) | Scalar::Number(_) | Scalar::Text(_) | Scalar::Boolean(_) | Scalar::Null => None,
    }
}

/// The value as a number above zero.
pub fn number(value: &Value) -> Option<f64> {
    number_or_zero(value).filter(|number| *number > 0.0)
}

/// The value as a number that is not negative.
pub fn number_or_zero(value: &Value) -> Option<f64> {
    let plain = value.written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = match value.scalar {
        Scalar::Integer(_) => integer(value)? as f64,
        Scalar::Number(number) if plain && !value.written.starts_with("00") => number,
        Scalar::Number(_) | Scalar::Text(_) | Scalar::Boolean(_) | Scalar::Null => return None,
    };
    (number >= 0.0 && number.is_finite()).then_some(number)
}

/// The value as thousandths of a core.
pub fn cpu_milli(value: &Value) -> Option<u64> {
    quantity::cpu_milli(quantity_text(value)?)
}

/// The value as bytes.
pub fn memory_bytes(value: &Value) -> Option<u64> {
    quantity::memory_bytes(quantity_text(value)?)
}

/// The value as whole per cent.
pub fn percent(value: &Value) -> Option<u32> {
    quantity::percent(value.as_text()?)
}

/// The value as nanoseconds.
pub fn duration_ns(value: &Value) -> Option<u64> {
    quantity::duration_ns(value.as_text()?)
}

/// The value as whole seconds.
pub fn seconds(value: &Value) -> Option<u32> {
    let ns = duration_ns(value)?;
    let whole = ns.is_multiple_of(1_000_000_000);
    whole.then(|| u32::try_from(ns / 1_000_000_000).ok()).flatten()
}

/// The text of a share, a duration or a bare number, which has no quotes.
pub fn measure(value: &Value) -> Option<&str> {
    let text = quantity_text(value)?;
    let bare = quantity::decimal(text, 6).is_some();
    let quoted = matches!(value.scalar, Scalar::Text(_));
    (bare != quoted && quantity::measure(text).is_some()).then_some(text)
}

/// A quantity's text; numbers may stand without quotes.
pub fn quantity_text(value: &Value) -> Option<&str> {
    match &value.scalar {
        Scalar::Text(text) => Some(text),
        Scalar::Integer(_) | Scalar::Number(_) => Some(&value.written),
        Scalar::Boolean(_) | Scalar::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_must_be_near() {
        let known = ["image", "resources", "replicas"];
        assert_eq!(nearest("imgae", known.into_iter()), Some("image"));
        assert_eq!(nearest("replica", known.into_iter()), Some("replicas"));
        assert_eq!(nearest("volume", known.into_iter()), None);
    }
}
