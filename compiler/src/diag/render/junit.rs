//! Diagnostics as a test report in the XML of `JUnit`: a suite for each spec, in it a case for each rule that found
//! something, or the one case `check` that passed.

use std::collections::BTreeMap;

use super::{Findings, Places, severity};
use crate::diag::{Diagnostic, Rule, Severity};

/// The report; a rule that only warns passes and keeps its words, unless warnings fail.
pub fn text(specs: &[Findings], warnings_fail: bool) -> String {
    let suites: Vec<Suite> = specs.iter().map(|found| suite(found, warnings_fail)).collect();
    let (cases, failures) =
        suites.iter().fold((0, 0), |sum, suite| (sum.0 + suite.cases, sum.1 + suite.failures));
    let body: String = suites.into_iter().map(|suite| suite.text).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"specc check\" tests=\"{cases}\" failures=\"{failures}\" errors=\"0\">\n{body}</testsuites>\n"
    )
}

struct Suite {
    cases: usize,
    failures: usize,
    text: String,
}

fn suite(found: &Findings, warnings_fail: bool) -> Suite {
    let mut places = Places::new(found.sources);
    let mut by_rule: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in found.diagnostics.sorted() {
        by_rule.entry(diagnostic.rule.code).or_default().push(diagnostic);
    }
    let spec = escaped(found.spec);
    let fails = |rule: &Rule| warnings_fail || rule.severity == Severity::Error;
    let failures = by_rule.values().filter(|found| fails(found[0].rule)).count();
    let mut body = String::new();
    for diagnostics in by_rule.values() {
        body.push_str(&case(&spec, diagnostics, fails(diagnostics[0].rule), &mut places));
    }
    if by_rule.is_empty() {
        body = format!("    <testcase classname=\"{spec}\" name=\"check\"/>\n");
    }
    let cases = by_rule.len().max(1);
    let counts = format!("tests=\"{cases}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\"");
    let text = format!("  <testsuite name=\"{spec}\" {counts}>\n{body}  </testsuite>\n");
    Suite { cases, failures, text }
}

/// Everything that one rule found in one spec.
fn case(spec: &str, found: &[&Diagnostic], fails: bool, places: &mut Places) -> String {
    let rule = found[0].rule;
    let lines: String = found.iter().map(|diagnostic| line(diagnostic, places)).collect();
    let message = escaped(&found[0].message);
    let lines = escaped(&lines).replace("&#10;", "\n");
    let body = if fails {
        let kind = severity(rule.severity);
        format!("<failure type=\"{kind}\" message=\"{message}\">{lines}</failure>")
    } else {
        format!("<system-out>{lines}</system-out>")
    };
    let name = escaped(&format!("{} {}", rule.code, rule.name));
    format!("    <testcase classname=\"{spec}\" name=\"{name}\">\n      {body}\n    </testcase>\n")
}

fn line(diagnostic: &Diagnostic, places: &mut Places) -> String {
    let mut place = String::new();
    if let Some(label) = diagnostic.labels.first() {
        let region = places.region(label);
        place = format!("{}:{}:{}: ", places.path(label), region.line, region.column);
    }
    let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{place}{}: {}{hint}\n", severity(diagnostic.rule.severity), diagnostic.message)
}

/// Safe between tags and in attributes; XML 1.0 has no way to write most control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Without these, a reader makes spaces of them in an attribute.
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use crate::diag::Format;
    use crate::diag::render::testing::shown;

    #[test]
    fn a_suite_for_each_spec_and_a_case_for_each_rule() {
        insta::assert_snapshot!(shown(Format::Junit { warnings_fail: false }), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="specc check" tests="3" failures="1" errors="0">
          <testsuite name="shop, 1:2" tests="2" failures="1" errors="0" skipped="0">
            <testcase classname="shop, 1:2" name="S0201 unknown-key">
              <failure type="error" message="bell �">shop, 1:2/名 %.kdl:1:5: error: bell �
        shop, 1:2/名 %.kdl:2:3: error: `a, b: 100%` is&#13;
        no &lt;key&gt; &quot;&amp;&quot; ]]&gt; (50% off)
        </failure>
            </testcase>
            <testcase classname="shop, 1:2" name="S0308 missing-readiness">
              <system-out>shop, 1:2/名 %.kdl:2:3: warning: no probe
        </system-out>
            </testcase>
          </testsuite>
          <testsuite name="clean &amp; &lt;fine&gt;" tests="1" failures="0" errors="0" skipped="0">
            <testcase classname="clean &amp; &lt;fine&gt;" name="check"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_warning_fails_where_it_is_denied() {
        let (passes, fails) =
            (shown(Format::Junit { warnings_fail: false }), shown(Format::Junit { warnings_fail: true }));
        assert_eq!((passes.matches("<failure ").count(), fails.matches("<failure ").count()), (1, 2));
        assert!(passes.contains("failures=\"1\"") && fails.contains("failures=\"2\""), "{fails}");
    }
}
