//! What a form is called, how it is written, and what to write instead of what does not have it.

use super::{BoundUnit, Form, SECRET, nearest};
use crate::document::Value;
use crate::resolve::{metric, time_zone};

/// The words for one form.
struct Words {
    called: String,
    example: String,
    advice: String,
}

impl Form {
    /// What the form is called in a message.
    pub fn describe(self) -> String {
        self.words("").called
    }

    /// A value of the form, as it is written.
    pub fn example(self) -> String {
        self.words("").example
    }

    /// What to write instead of a value that does not have the form.
    pub(super) fn advice(self, value: &Value) -> String {
        let written = value.as_text().unwrap_or(&value.written);
        if matches!(self, Form::Text | Form::TextOrSecret | Form::Secret) && value.tag.is_some() {
            return SECRET.to_owned();
        }
        self.words(written).advice
    }

    #[expect(clippy::too_many_lines, reason = "a table with an entry for each form")]
    fn words(self, written: &str) -> Words {
        match self {
            Form::Text => words("a text", "\"text\"", text_advice(written)),
            Form::TextOrSecret => words("a text or a secret", "\"text\"", text_advice(written)),
            Form::Image => words(
                "a container image",
                "\"registry.example.com/web:1\"",
                "write a reference such as `registry.example.com/web:1`, without spaces",
            ),
            Form::Host => words(
                "a host",
                "\"shop.example.com\"",
                "use lower-case labels of letters, digits and dashes, such as `\"shop.example.com\"`, \
                 without scheme, port or path",
            ),
            Form::Network => words(
                "a network",
                "\"10.64.0.0/16\"",
                "write an IPv4 network of some addresses, not of all, whose host bits are zero, such as `\"10.64.0.0/16\"`",
            ),
            Form::AbsolutePath => {
                words("an absolute path", "\"/path\"", "begin with `/`, and leave out `:` and `..`")
            }
            Form::HttpPath => words(
                "the beginning of a request's path",
                "\"/api\"",
                "begin with `/`, write other than plain characters as `%` and two digits, and leave out `//`, `.`, `..` \
                 and `%2F`",
            ),
            Form::RelativePath => words(
                "a path below the spec's folder",
                "\"folder/file\"",
                "name a file below the folder of the spec, without `..`",
            ),
            Form::Word(list) => words(
                format!("one of {}", quoted(list)),
                format!("\"{}\"", list[0]),
                word_advice(list, written),
            ),
            Form::KubernetesVersion => words(
                "a Kubernetes version",
                "\"1.34\"",
                "write major and minor, such as `\"1.34\"`, in quotes",
            ),
            Form::TimeZone => words("a time zone", "\"Asia/Shanghai\"", time_zone::advice(written)),
            Form::Name | Form::Reference => words(
                "a name",
                "\"name\"",
                "use lower-case letters, digits and dashes, beginning with a letter, at most 40 characters",
            ),
            Form::Variable => words(
                "a variable's name",
                "\"NAME\"",
                "use letters, digits and `_`, beginning with a letter or `_`",
            ),
            Form::LabelKey => words(
                "a label's key",
                "\"team\"",
                "use at most 63 letters, digits, `-`, `_` and `.`, after a prefix such as `example.com/` if any",
            ),
            Form::LabelValue => words(
                "a label's value",
                "\"orders\"",
                "use at most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
            ),
            Form::PortName => words(
                "a port's name",
                "\"http\"",
                "use lower-case letters, digits and single dashes, at most 15 characters",
            ),
            Form::FileName => {
                words("a file name", "\"app.ini\"", "use letters, digits, `-`, `_` and `.`, without a folder")
            }
            Form::Secret => words("a secret", "(secret)\"name/key\"", SECRET),
            Form::Address => {
                words("an IP address", "\"10.96.0.10\"", "write an address such as `\"10.96.0.10\"`")
            }
            Form::Domain => words(
                "a domain",
                "\"cluster.local\"",
                "write a name such as `\"cluster.local\"`, in lower case",
            ),
            Form::Url => words(
                "a web address",
                "\"https://alerts.example.com/hook\"",
                "begin with `http://` or `https://`, and leave out users, passwords and queries: they belong into a secret",
            ),
            Form::LogName => words(
                "a name in the log service",
                "\"k8s-log-shop\"",
                "use 3 to 63 lower-case letters, digits, `-` and `_`, letters or digits at both ends",
            ),
            Form::Threshold => words(
                "a count or a share",
                "\"80%\"",
                "write a count such as `1` or a share such as `\"30%\"`",
            ),
            Form::Measure => words(
                "a share, a duration or a number",
                "\"1%\"",
                "write a share such as `\"1%\"`, a duration such as `\"300ms\"`, or a number such as `0.5` without quotes",
            ),
            Form::Integer { min, max } => words(
                format!("a whole number from {min} to {max}"),
                min.max(1).to_string(),
                integer_advice(min, max, written),
            ),
            Form::Number => words("a number above 0", "800", "write a number such as `800` or `0.5`"),
            Form::NumberOrZero => {
                words("a number from 0", "800", "write a number such as `800`, `0.5` or `0`")
            }
            Form::Boolean => words("a boolean", "#true", boolean_advice(written)),
            Form::Cpu => {
                words("a number of cores", "\"500m\"", "write cores such as `\"500m\"`, `\"0.5\"` or `2`")
            }
            Form::Memory => words("a number of bytes", "\"512Mi\"", memory_advice(written)),
            Form::Percent { max } => {
                words(format!("a share from 1% to {max}%"), "\"60%\"", percent_advice(max, written))
            }
            Form::CountOrPercent => words(
                "a count or a share",
                "\"30%\"",
                "write a count such as `1` or a share such as `\"30%\"`",
            ),
            Form::MetricName => words(
                "a metric's name",
                "\"requests_per_second\"",
                "use letters, digits, `_`, `:`, `.`, `-` and `|`",
            ),
            Form::Described => words("an object", "\"Ingress/web\"", metric::described_advice()),
            Form::Amount => words(
                "an amount",
                "\"100\"",
                "write an amount above 0, such as `\"100\"`, `\"1500m\"` or `\"10k\"`",
            ),
            Form::CpuTarget => words(
                "a share or thousandths of a core",
                "\"60%\"",
                metric::target_advice(integer_inside(written), "\"300m\""),
            ),
            Form::MemoryTarget => words(
                "a share or a number of bytes",
                "\"80%\"",
                metric::target_advice(integer_inside(written), "\"600Mi\""),
            ),
            Form::Change => words(
                "a count or a share",
                "\"100%\"",
                "write a count of pods such as `4` or a share such as `\"100%\"`",
            ),
            Form::Seconds { min, max } => words(
                format!("a duration from {min} s to {max} s"),
                "\"30s\"",
                format!("write whole seconds from `\"{min}s\"` to `\"{max}s\"`"),
            ),
            Form::Duration => words("a duration", "\"5m\"", duration_advice(written)),
            Form::DurationOrWord(list) => words(
                format!("a duration, or one of {}", quoted(list)),
                "\"5ms\"",
                match nearest(written, list.iter().copied()) {
                    Some(word) => format!("did you mean `\"{word}\"`?"),
                    None => duration_advice(written),
                },
            ),
            Form::Timestamp => words(
                "a time with its offset",
                "\"2026-11-11T00:00:00+08:00\"",
                "write a time such as `\"2026-11-11T00:00:00+08:00\"`",
            ),
            Form::TimeOfDay => words(
                "a time of day",
                "\"20:30\"",
                "write hours and minutes with two digits each, such as `\"20:30\"`",
            ),
            Form::Bound(unit) => {
                let example = match unit {
                    BoundUnit::Percent => "\">=99.9%\"",
                    BoundUnit::Duration => "\"<=200ms\"",
                    BoundUnit::Money => "\"<=3000CNY\"",
                };
                words("a bound", example, format!("write a bound such as `{example}`"))
            }
        }
    }
}

fn words(called: impl Into<String>, example: impl Into<String>, advice: impl Into<String>) -> Words {
    Words { called: called.into(), example: example.into(), advice: advice.into() }
}

fn text_advice(written: &str) -> String {
    if written.is_empty() {
        "write at least one character".to_owned()
    } else {
        format!("quote it: `\"{written}\"`")
    }
}

fn integer_advice(min: i128, max: i128, written: &str) -> String {
    match integer_inside(written) {
        Some(number) if (min..=max).contains(&i128::from(number)) => {
            format!("write `{number}`, without quotes, signs or zeros in front")
        }
        Some(_) | None => format!("write a number from {min} to {max}"),
    }
}

fn boolean_advice(written: &str) -> &'static str {
    match written.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" | "1" => "write `#true` (in YAML: `true`)",
        "no" | "off" | "false" | "0" => "write `#false` (in YAML: `false`)",
        _ => "write `#true` or `#false` (in YAML: `true` or `false`)",
    }
}

fn percent_advice(max: u32, written: &str) -> String {
    match integer_inside(written) {
        Some(number) if (1..=u64::from(max)).contains(&number) => format!("write `\"{number}%\"`"),
        Some(_) | None => format!("write a share from `\"1%\"` to `\"{max}%\"`"),
    }
}

fn duration_advice(written: &str) -> String {
    match integer_inside(written) {
        Some(number) => format!("say in which unit: `\"{number}s\"`, `\"{number}m\"`"),
        None => "write a duration such as `\"30s\"`, `\"5m\"` or `\"1h30m\"`".to_owned(),
    }
}

fn word_advice(words: &[&str], written: &str) -> String {
    match nearest(written, words.iter().copied()) {
        Some(word) => format!("did you mean `\"{word}\"`?"),
        None => format!("write one of {}", quoted(words)),
    }
}

fn memory_advice(written: &str) -> String {
    let digits = written.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty();
    match &written[digits.len()..] {
        "MB" | "mb" | "m" | "mi" | "MiB" if number => format!("write `\"{digits}Mi\"`"),
        "GB" | "gb" | "g" | "gi" | "GiB" if number => format!("write `\"{digits}Gi\"`"),
        _ => "write bytes such as `\"512Mi\"` or `\"2Gi\"`".to_owned(),
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn integer_inside(written: &str) -> Option<u64> {
    let digits: String = written.trim_end_matches('%').chars().filter(|c| *c != '_').collect();
    digits.parse().ok()
}
