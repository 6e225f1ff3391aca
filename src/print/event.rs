//! Access to single fields of an event.

use crate::text::number::shortest;

/// A value inside an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// `null`, or missing.
    Absent,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// The length of a list.
    List(usize),
    /// An object.
    Object,
}

/// Reads single fields of an event.
///
/// A path is one key or several joined by dots (`data.exception_message`). The event itself is at the empty path.
pub trait EventView {
    /// The value at a path.
    fn field(&self, path: &str) -> Field;

    /// The value at a path as compact JSON; `None` where it is missing. The event itself is written without `raw`, which
    /// repeats it, and a preview's `data.image` as `{"size", "type"}` instead of bytes.
    fn json(&self, path: &str) -> Option<String>;

    /// The text at a path.
    fn text(&self, path: &str) -> Option<String> {
        match self.field(path) {
            Field::Text(text) => Some(text),
            Field::Number(number) => Some(shortest(number)),
            Field::Absent | Field::Bool(_) | Field::List(_) | Field::Object => None,
        }
    }

    /// The number at a path.
    fn number(&self, path: &str) -> Option<f64> {
        match self.field(path) {
            Field::Number(number) if number.is_finite() => Some(number),
            _ => None,
        }
    }

    /// The length of the list at a path, 0 where there is none.
    fn count(&self, path: &str) -> usize {
        match self.field(path) {
            Field::List(length) => length,
            _ => 0,
        }
    }
}

/// The type of an event, and whether it is among these types; `None` for what is no event.
pub(super) fn wanted(event: &impl EventView, types: Option<&[String]>) -> Option<(String, bool)> {
    let Field::Text(event_type) = event.field("type") else { return None };
    let is_wanted = types.is_none_or(|types| types.contains(&event_type));
    Some((event_type, is_wanted))
}

#[cfg(test)]
impl EventView for serde_json::Value {
    fn field(&self, path: &str) -> Field {
        use serde_json::Value;
        match at(self, path) {
            None | Some(Value::Null) => Field::Absent,
            Some(Value::Bool(value)) => Field::Bool(*value),
            Some(Value::Number(number)) => Field::Number(number.as_f64().unwrap_or(f64::NAN)),
            Some(Value::String(text)) => Field::Text(text.clone()),
            Some(Value::Array(items)) => Field::List(items.len()),
            Some(Value::Object(_)) => Field::Object,
        }
    }

    fn json(&self, path: &str) -> Option<String> {
        let value = at(self, path)?;
        match value {
            serde_json::Value::Object(event) if path.is_empty() && event.contains_key("raw") => {
                let kept: serde_json::Map<_, _> = event
                    .iter()
                    .filter(|(key, _)| *key != "raw")
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                Some(serde_json::Value::Object(kept).to_string())
            }
            _ => Some(value.to_string()),
        }
    }
}

#[cfg(test)]
fn at<'a>(value: &'a serde_json::Value, path: &str) -> Option<&'a serde_json::Value> {
    if path.is_empty() { Some(value) } else { path.split('.').try_fold(value, |value, key| value.get(key)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_reaches_into_objects() {
        let event = json!({"type": "error", "data": {"node_id": 3, "message": "no", "list": [1, 2]}, "none": null});
        assert_eq!(event.field("type"), Field::Text("error".into()));
        assert_eq!(event.field("data"), Field::Object);
        assert_eq!(event.field("data.list"), Field::List(2));
        assert_eq!(event.field("none"), Field::Absent);
        assert_eq!(event.field("type.deeper"), Field::Absent);
        assert_eq!(event.text("data.node_id").as_deref(), Some("3"));
    }
}
