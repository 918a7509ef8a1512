//! The figures of a simulation that the platform writes.

use super::component::field;
use super::form::{self, Form};
use super::schema::PROFILE;
use crate::app::{Figure, Profile, ProfileName};
use crate::document::{Node, Value};

/// The profile of a cluster, with what is written inside it.
pub fn profile(node: Option<&Node>) -> Profile {
    let Some(node) = node else { return Profile::default() };
    let figure = |name: &'static str, form: Form| {
        let value = field(node, name)?;
        Some(Figure { name, value: number(form, value)?, text: form::quantity_text(value)?.to_owned() })
    };
    let fields =
        PROFILE.children.iter().filter_map(|child| Some((child.name, child.arguments.first()?.form)));
    Profile {
        name: node.identity().and_then(ProfileName::from_word).unwrap_or_default(),
        written: fields.filter_map(|(name, form)| figure(name, form)).collect(),
    }
}

/// A figure in the unit of its form.
fn number(form: Form, value: &Value) -> Option<u64> {
    if form == Form::Duration {
        form::duration_ns(value)
    } else if form == Form::Memory {
        form::memory_bytes(value)
    } else if form == Form::Number {
        // CNY an hour in nano-yuan a second.
        form::number(value).map(|price| (price * 1e9 / 3_600.0).round() as u64)
    } else if matches!(form, Form::Percent { .. }) {
        form::percent(value).map(u64::from)
    } else {
        form::integer(value).and_then(|count| u64::try_from(count).ok())
    }
}
