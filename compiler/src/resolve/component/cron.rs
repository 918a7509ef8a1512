//! Windows in which the clock scales a component.

use super::{field, text_field, whole_field};
use crate::app::{Cron, Field, Schedule};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::platform;
use crate::rules::{
    missing_field, schedule_day_or_weekday, schedule_descriptor, schedule_fields, schedule_never_fires,
    schedule_value,
};
use crate::source::Spanned;

pub(super) fn cron(node: &Node, diagnostics: &mut Diagnostics) -> Option<Cron> {
    let fields = [
        ("from", "\"0 50 23 10 11 *\""),
        ("until", "\"0 0 2 11 11 *\""),
        ("time-zone", "\"Asia/Shanghai\""),
        ("replicas", "200"),
    ];
    for (key, example) in fields {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let (from, until) = (schedule(node, "from", diagnostics), schedule(node, "until", diagnostics));
    Some(Cron {
        name: platform::name(node)?,
        from: from?,
        until: until?,
        time_zone: text_field(node, "time-zone")?,
        replicas: whole_field(node, "replicas")?,
    })
}

fn schedule(node: &Node, key: &str, diagnostics: &mut Diagnostics) -> Option<Spanned<Schedule>> {
    let value = field(node, key)?;
    let text = value.as_text()?;
    if text.trim_start().starts_with('@') {
        diagnostics.push(schedule_descriptor::found(text, value.span));
        return None;
    }
    let schedule = match Schedule::parse(text) {
        Ok(schedule) => schedule,
        Err(None) => {
            diagnostics.push(schedule_fields::found(text, value.span));
            return None;
        }
        Err(Some(field)) => {
            diagnostics.push(schedule_value::found(text, field, value.span));
            return None;
        }
    };
    if !schedule.ever_fires() {
        diagnostics.push(schedule_never_fires::found(&schedule, value.span));
        return None;
    }
    if !schedule.every(Field::Day) && !schedule.every(Field::Weekday) {
        diagnostics.push(schedule_day_or_weekday::found(&schedule, value.span));
        return None;
    }
    Some(Spanned::new(schedule, value.span))
}
