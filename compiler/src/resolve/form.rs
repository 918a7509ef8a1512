//! What may be written as one value, and what is said about anything else.

pub use super::quantity::BoundUnit;
use super::{quantity, time_zone};
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
    /// A point in time with its offset.
    Timestamp,
    /// A side and a value, such as `">=99.9%"`.
    Bound(BoundUnit),
    /// Such as `"1.34"`.
    KubernetesVersion,
    /// Such as `"Asia/Shanghai"`.
    TimeZone,
}

/// How a reference to a Secret is written.
const SECRET: &str = "write `(secret)\"name/key\"` (in YAML: `!secret name/key`)";

impl Form {
    /// What the form is called in a message.
    pub fn describe(self) -> String {
        match self {
            Form::Text => "a text".to_owned(),
            Form::TextOrSecret => "a text or a secret".to_owned(),
            Form::Name | Form::Reference => "a name".to_owned(),
            Form::Variable => "a variable's name".to_owned(),
            Form::PortName => "a port's name".to_owned(),
            Form::Image => "a container image".to_owned(),
            Form::FileName => "a file name".to_owned(),
            Form::Host => "a host".to_owned(),
            Form::Network => "a network".to_owned(),
            Form::AbsolutePath => "an absolute path".to_owned(),
            Form::RelativePath => "a path below the spec's folder".to_owned(),
            Form::Word(words) => format!("one of {}", quoted(words)),
            Form::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Form::Number => "a number above 0".to_owned(),
            Form::Boolean => "a boolean".to_owned(),
            Form::Cpu => "a number of cores".to_owned(),
            Form::Memory => "a number of bytes".to_owned(),
            Form::Percent { max } => format!("a share from 1% to {max}%"),
            Form::CountOrPercent => "a count or a share".to_owned(),
            Form::Duration => "a duration".to_owned(),
            Form::Timestamp => "a time with its offset".to_owned(),
            Form::Bound(_) => "a bound".to_owned(),
            Form::KubernetesVersion => "a Kubernetes version".to_owned(),
            Form::TimeZone => "a time zone".to_owned(),
        }
    }

    /// A value of the form, as it is written.
    pub fn example(self) -> String {
        match self {
            Form::Text | Form::TextOrSecret => "\"text\"".to_owned(),
            Form::Name | Form::Reference => "\"name\"".to_owned(),
            Form::Variable => "\"NAME\"".to_owned(),
            Form::PortName => "\"http\"".to_owned(),
            Form::Image => "\"registry.example.com/web:1\"".to_owned(),
            Form::FileName => "\"app.ini\"".to_owned(),
            Form::Host => "\"shop.example.com\"".to_owned(),
            Form::Network => "\"10.64.0.0/16\"".to_owned(),
            Form::AbsolutePath => "\"/path\"".to_owned(),
            Form::RelativePath => "\"folder/file\"".to_owned(),
            Form::Word(words) => format!("\"{}\"", words[0]),
            Form::Integer { min, .. } => min.max(1).to_string(),
            Form::Number => "800".to_owned(),
            Form::Boolean => "#true".to_owned(),
            Form::Cpu => "\"500m\"".to_owned(),
            Form::Memory => "\"512Mi\"".to_owned(),
            Form::Percent { .. } => "\"60%\"".to_owned(),
            Form::CountOrPercent => "\"30%\"".to_owned(),
            Form::Duration => "\"5m\"".to_owned(),
            Form::Timestamp => "\"2026-11-11T00:00:00+08:00\"".to_owned(),
            Form::Bound(BoundUnit::Percent) => "\">=99.9%\"".to_owned(),
            Form::Bound(BoundUnit::Duration) => "\"<=200ms\"".to_owned(),
            Form::Bound(BoundUnit::Money) => "\"<=3000CNY\"".to_owned(),
            Form::KubernetesVersion => "\"1.34\"".to_owned(),
            Form::TimeZone => "\"Asia/Shanghai\"".to_owned(),
        }
    }

    /// Whether a value has the form; if not, what to write instead.
    pub fn check(self, value: &Value) -> Result<(), String> {
        match value.tag.as_deref() {
            None => {}
            Some("secret") if self == Form::TextOrSecret => {}
            // Without its tag a misspelt reference would become a plain text.
            Some(_) if self == Form::TextOrSecret => return Err(SECRET.to_owned()),
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
            Form::PortName => text.is_some_and(|text| {
                is_name(text, 15) && text.bytes().any(|b| b.is_ascii_lowercase()) && !text.contains("--")
            }),
            Form::Image => text.is_some_and(is_image),
            Form::FileName => text.is_some_and(is_file_name),
            Form::Host => text.is_some_and(is_host),
            Form::Network => text.is_some_and(is_network),
            Form::AbsolutePath => text.is_some_and(|text| text.starts_with('/') && !text.contains(':')),
            Form::RelativePath => text.is_some_and(is_below),
            Form::Word(words) => text.is_some_and(|text| words.contains(&text)),
            Form::Integer { min, max } => integer(value).is_some_and(|number| (min..=max).contains(&number)),
            Form::Number => number(value).is_some(),
            Form::Boolean => matches!(value.scalar, Scalar::Boolean(_)),
            Form::Cpu => cpu_milli(value).is_some(),
            Form::Memory => memory_bytes(value).is_some(),
            Form::Percent { max } => percent(value).is_some_and(|share| (1..=max).contains(&share)),
            Form::CountOrPercent => {
                integer(value).is_some_and(|count| (1..=100_000).contains(&count))
                    || percent(value).is_some_and(|share| (1..=100).contains(&share))
            }
            Form::Duration => duration_ns(value).is_some(),
            Form::Timestamp => text.and_then(quantity::timestamp_ns).is_some(),
            Form::Bound(unit) => text.is_some_and(|text| quantity::bound(text, unit).is_some()),
            Form::KubernetesVersion => text.is_some_and(is_version),
            Form::TimeZone => text.is_some_and(time_zone::is_known),
        }
    }

    fn advice(self, value: &Value) -> String {
        let written = value.as_text().unwrap_or(&value.written);
        match self {
            Form::Text | Form::TextOrSecret if value.tag.is_some() => SECRET.to_owned(),
            Form::Text | Form::TextOrSecret if written.is_empty() => {
                "write at least one character".to_owned()
            }
            Form::Text | Form::TextOrSecret => format!("quote it: `\"{written}\"`"),
            Form::Variable => "use letters, digits and `_`, beginning with a letter or `_`".to_owned(),
            Form::Name | Form::Reference => {
                "use lower-case letters, digits and dashes, beginning with a letter, \
                at most 40 characters"
                    .to_owned()
            }
            Form::PortName => {
                "use lower-case letters, digits and single dashes, at most 15 characters".to_owned()
            }
            Form::Image => {
                "write a reference such as `registry.example.com/web:1`, without spaces".to_owned()
            }
            Form::FileName => "use letters, digits, `-`, `_` and `.`, without a folder".to_owned(),
            Form::Host => {
                "use lower-case labels of letters, digits and dashes, such as `\"shop.example.com\"`, \
                           without scheme, port or path"
                    .to_owned()
            }
            Form::Network => {
                "write an IPv4 network whose host bits are zero, such as `\"10.64.0.0/16\"`".to_owned()
            }
            Form::AbsolutePath => "begin with `/`, and leave out `:`".to_owned(),
            Form::RelativePath => "name a file below the folder of the spec, without `..`".to_owned(),
            Form::Word(words) => word_advice(words, written),
            Form::Integer { min, max } => match integer_inside(written) {
                Some(number) if (min..=max).contains(&i128::from(number)) => {
                    format!("write `{number}`, without quotes, signs or zeros in front")
                }
                Some(_) | None => format!("write a number from {min} to {max}"),
            },
            Form::Number => "write a number such as `800` or `0.5`".to_owned(),
            Form::Boolean => match written.to_ascii_lowercase().as_str() {
                "yes" | "on" | "true" | "1" => "write `#true` (in YAML: `true`)".to_owned(),
                "no" | "off" | "false" | "0" => "write `#false` (in YAML: `false`)".to_owned(),
                _ => "write `#true` or `#false` (in YAML: `true` or `false`)".to_owned(),
            },
            Form::Cpu => "write cores such as `\"500m\"`, `\"0.5\"` or `2`".to_owned(),
            Form::Memory => memory_advice(written),
            Form::Percent { max } => match integer_inside(written) {
                Some(number) if (1..=u64::from(max)).contains(&number) => format!("write `\"{number}%\"`"),
                Some(_) | None => format!("write a share from `\"1%\"` to `\"{max}%\"`"),
            },
            Form::CountOrPercent => "write a count such as `1` or a share such as `\"30%\"`".to_owned(),
            Form::Duration => match integer_inside(written) {
                Some(number) => format!("say in which unit: `\"{number}s\"`, `\"{number}m\"`"),
                None => "write a duration such as `\"30s\"`, `\"5m\"` or `\"1h30m\"`".to_owned(),
            },
            Form::Timestamp => "write a time such as `\"2026-11-11T00:00:00+08:00\"`".to_owned(),
            Form::Bound(_) => format!("write a bound such as `{}`", self.example()),
            Form::KubernetesVersion => "write major and minor, such as `\"1.34\"`, in quotes".to_owned(),
            Form::TimeZone => time_zone::advice(written),
        }
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

/// The nearest of some names, if it is near enough to be what was meant.
pub fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &'a str| (strsim::osa_distance(written, name), name);
    let (distance, name) = known.map(distance).min()?;
    (distance <= (name.chars().count() / 3).max(1)).then_some(name)
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
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
    let plain = value.written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = match value.scalar {
        Scalar::Integer(_) => integer(value)? as f64,
        Scalar::Number(number) if plain && !value.written.starts_with("00") => number,
        Scalar::Number(_) | Scalar::Text(_) | Scalar::Boolean(_) | Scalar::Null => return None,
    };
    (number > 0.0 && number.is_finite()).then_some(number)
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

/// A quantity's text; numbers may stand without quotes.
pub fn quantity_text(value: &Value) -> Option<&str> {
    match &value.scalar {
        Scalar::Text(text) => Some(text),
        Scalar::Integer(_) | Scalar::Number(_) => Some(&value.written),
        Scalar::Boolean(_) | Scalar::Null => None,
    }
}

/// The Secret's name and key in `name/key`.
pub fn secret(text: &str) -> Option<(&str, &str)> {
    let (name, key) = text.split_once('/')?;
    let name_ok = name.len() <= 253 && name.split('.').all(is_label);
    (name_ok && is_file_name(key)).then_some((name, key))
}

fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_name(text: &str, max: usize) -> bool {
    is_label(text) && text.len() <= max && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_variable(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(plain) && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Which references exist is the registry's to say; what no registry reads, no kubelet pulls.
fn is_image(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|character| character.is_whitespace() || character.is_control())
}

fn is_file_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.len() <= 180 && text.bytes().all(plain) && !text.starts_with("..") && text != "."
}

/// Whether a path stays below the folder it is relative to.
pub fn is_below(text: &str) -> bool {
    let folders = text.split('/').all(|part| !part.is_empty() && part != ".." && part != ".");
    folders && !text.contains('\\') && !text.contains(':') && !text.chars().any(char::is_control)
}

/// What an Ingress and an HTTPRoute take: at least two labels of which the last is no number.
pub fn is_host(text: &str) -> bool {
    let plain = text.strip_prefix("*.").unwrap_or(text);
    let label = |label: &str| {
        let inner =
            label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let top = plain.rsplit('.').next().unwrap_or_default();
    let several = plain.contains('.') && top.bytes().any(|byte| byte.is_ascii_lowercase());
    text.len() <= 253 && several && plain.split('.').all(label)
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let plain = !bits.is_empty()
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && (bits == "0" || !bits.starts_with('0'));
    let (Ok(address), Ok(bits)) = (address.parse::<std::net::Ipv4Addr>(), bits.parse::<u32>()) else {
        return false;
    };
    plain && bits <= 32 && address.to_bits().checked_shl(bits).unwrap_or(0) == 0
}

fn is_version(text: &str) -> bool {
    // Neither `01.34` nor `1.+34`.
    let number = |part: &str| part.parse::<u32>().ok().filter(|number| number.to_string() == part);
    let mut parts = text.split('.').map(number);
    parts.next() == Some(Some(1)) && parts.next().flatten().is_some() && parts.next().is_none()
}

fn integer_inside(written: &str) -> Option<u64> {
    let digits: String = written.trim_end_matches('%').chars().filter(|c| *c != '_').collect();
    digits.parse().ok()
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

    #[test]
    fn an_image_is_one_word() {
        let taken = ["web", "registry.example.com/shop/web:1", "web@sha256:0a"];
        assert!(taken.into_iter().all(is_image));
        assert!(!["", " web:1", "web:1 ", "web 1", "web:1\n", "we\u{7}b"].into_iter().any(is_image));
    }

    #[test]
    fn a_version_has_two_plain_numbers() {
        assert!(is_version("1.34"));
        for text in ["1", "01.34", "1.034", "1.+34", "1.34.2", "2.0", "1."] {
            assert!(!is_version(text), "{text}");
        }
    }

    #[test]
    fn a_host_has_labels_and_no_port() {
        for good in ["shop.example.com", "*.example.com", "a-1.b2.cn"] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "shop",
            "Shop.example.com",
            "shop_a.example.com",
            "a..b",
            "-a.com",
            "10.0.0.1",
            "a.com:80",
            "a.*.com",
            "http://a.com",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn a_network_has_no_host_bits() {
        for good in ["10.64.0.0/16", "0.0.0.0/0", "192.168.1.7/32"] {
            assert!(is_network(good), "{good}");
        }
        for bad in ["10.64.0.1/16", "10.64.0.0", "10.64.0.0/33", "10.64.0.0/016", "fd00::/8", "10.64.0.0/"] {
            assert!(!is_network(bad), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_a_name_and_a_key() {
        assert_eq!(secret("order-token/value"), Some(("order-token", "value")));
        assert_eq!(secret("order-token"), None);
        assert_eq!(secret("Order/value"), None);
        assert_eq!(secret("a/b/c"), None);
    }
}
