//! The entries of `properties.proxyWidgets`.

use std::borrow::Cow;

use crate::workflow::model::json::Json;
use crate::workflow::model::node::Node;
use crate::workflow::model::python_json;
use crate::workflow::model::value::Value;

/// An entry of `proxyWidgets`.
pub(super) struct Entry<'d> {
    pub id: &'d str,
    pub widget: &'d str,
    /// Tells nested widgets of the same name apart: the id of the node inside that has it.
    pub inner: Option<&'d str>,
    /// `None` where the file has no value for it.
    pub value: Option<Value<'d>>,
}

/// Reads `proxyWidgets`, a list or its JSON text; a list that is not made as it should be counts as none.
pub(super) fn entries<'d>(node: &Node<'d>) -> Vec<Entry<'d>> {
    let property = node.property("proxyWidgets");
    // Older files have it as JSON text.
    let parsed =
        property.str().and_then(|text| python_json::read::<Json>(text, |repaired| node.arena.keep(repaired)).ok());
    let values = node.raw.values.items();
    let mut entries = Vec::new();
    for (at, entry) in parsed.as_ref().unwrap_or(property).items().iter().enumerate() {
        let keep = |text: &Cow<'d, str>| node.arena.keep_if_owned(text.clone());
        let (id, widget, inner) = match entry.items() {
            [Json::String(id), Json::String(widget)] => (id, widget, None),
            [Json::String(id), Json::String(widget), Json::String(inner)] => (id, widget, Some(keep(inner))),
            _ => return Vec::new(),
        };
        entries.push(Entry { id: keep(id), widget: keep(widget), inner, value: values.get(at).map(Value::Json) });
    }
    entries
}

/// Older names carry the ids on the way to a nested widget: `12: 3: seed`.
pub(super) fn without_prefix(entry: &mut Entry) {
    while let Some((id, rest)) = entry.widget.split_once(':') {
        let (id, rest) = (id.trim_ascii(), rest.trim_ascii_start());
        if id.is_empty() || rest.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        entry.inner = Some(id);
        entry.widget = rest;
    }
}
