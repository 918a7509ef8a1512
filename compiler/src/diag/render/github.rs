//! Diagnostics as GitHub's workflow commands: one line each, which Actions shows beside the changed lines.

use super::text::visible;
use super::{Findings, Places, severity};
use crate::diag::Diagnostic;

/// Every finding of one spec.
pub fn text(found: &Findings) -> String {
    let mut places = Places::new(found.sources);
    found.diagnostics.sorted().into_iter().map(|diagnostic| command(diagnostic, &mut places)).collect()
}

fn command(diagnostic: &Diagnostic, places: &mut Places) -> String {
    let rule = diagnostic.rule;
    let title = property(&format!("{} {}", rule.code, rule.name));
    let mut line = format!("::{} title={title}", severity(rule.severity));
    if let Some(label) = diagnostic.labels.first() {
        let (file, region) = (property(places.path(label)), places.region(label));
        line.push_str(&format!(",file={file},line={},endLine={}", region.line, region.end_line));
        // GitHub takes columns only within one line.
        if region.line == region.end_line {
            line.push_str(&format!(",col={},endColumn={}", region.column, region.end_column));
        }
    }
    let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{line}::{}{}\n", data(&diagnostic.message), data(&hint))
}

/// A line end would end the command, `%` begins an escape, and what steers a terminal is written out.
fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Within properties `:` and `,` separate too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::diag::Format;
    use crate::diag::render::testing::shown;

    #[test]
    fn what_means_something_to_github_is_escaped() {
        insta::assert_snapshot!(shown(Format::Github), @r#"
        ::error title=S0201 unknown-key,file=shop%2C 1%3A2/名 %25.kdl,line=1,endLine=1,col=5,endColumn=8::bell \u{7}
        ::warning title=S0308 missing-readiness,file=shop%2C 1%3A2/名 %25.kdl,line=2,endLine=2,col=3,endColumn=6::no probe
        ::error title=S0201 unknown-key,file=shop%2C 1%3A2/名 %25.kdl,line=2,endLine=2,col=3,endColumn=14::`a, b: 100%25` is%0D%0Ano <key> "&" ]]> (50%25 off)
        "#);
    }
}
