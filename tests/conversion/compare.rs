//! Whether the prompt that a workflow is converted to is the one that ComfyUI's own frontend makes of it.
//!
//! Equal means: the same node ids, and per node the same `class_type` and the same `inputs`, by JSON equality. Where the
//! frontend refuses a workflow (`{"error": …}`), an error is expected. A node that it could not make has no `class_type`
//! in its prompt; there, the error must name it, and with unknown types allowed all other nodes must be the same but for
//! links to it.

use std::fmt;

use comfyui_autoflow::workflow::{Conversion, ConvertError, ConvertOptions, LocalTime, ObjectInfo, convert};
use serde_json::{Map, Value};

/// One difference between a prompt and the frontend's.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The node; `*` where the difference is about the whole prompt.
    pub node: String,
    /// The class of the node, empty for the whole prompt.
    pub class: String,
    /// The input, empty where the difference is about the node, and what is wrong with it: `is missing`, `differs`, ….
    pub kind: String,
    /// The values.
    pub detail: String,
}

impl Difference {
    fn of_prompt(kind: &str, detail: impl fmt::Display) -> Self {
        Difference { node: "*".into(), class: String::new(), kind: kind.into(), detail: detail.to_string() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.node, self.class, self.kind)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

/// When the prompts were recorded, and another time of that day.
const RECORDED: LocalTime = LocalTime { year: 2026, month: 11, day: 29, hour: 9, minute: 39, second: 41 };
const LATER: LocalTime = LocalTime { hour: 10, minute: 50, second: 52, ..RECORDED };

/// What differs; nothing where the prompts are equal.
pub fn compare(workflow: &str, expected: &Value, object_info: &ObjectInfo) -> Vec<Difference> {
    let expected = expected.as_object().cloned().unwrap_or_default();
    let mut options = ConvertOptions { now: Some(RECORDED), ..ConvertOptions::default() };
    let converted = convert(workflow, object_info, &options);
    if let Some(error) = expected.get("error").and_then(Value::as_str) {
        return match converted {
            Ok(_) => vec![Difference::of_prompt("the frontend refuses", error)],
            Err(_) => Vec::new(),
        };
    }
    let unmade: Vec<&String> =
        expected.iter().filter(|(_, node)| node["class_type"].is_null()).map(|(id, _)| id).collect();
    // Labels are no reason to refuse a workflow.
    let are_labels =
        |conversion: &Conversion| unmade.iter().all(|id| conversion.dropped.iter().any(|one| one.node == **id));
    let converted = if unmade.is_empty() || converted.as_ref().is_ok_and(are_labels) {
        converted
    } else {
        match converted {
            Err(ConvertError::UnknownTypes(types)) => {
                let mut named: Vec<&String> = types.iter().flat_map(|unknown| &unknown.nodes).collect();
                named.sort();
                let mut wanted = unmade.clone();
                wanted.sort();
                if named != wanted {
                    let detail = format!("{named:?} instead of {wanted:?}");
                    return vec![Difference::of_prompt("unknown types", detail)];
                }
            }
            other => return vec![Difference::of_prompt("unknown types are no error", format!("{other:?}"))],
        }
        options.allow_unknown = true;
        convert(workflow, object_info, &options)
    };
    let prompt = match converted {
        Ok(conversion) => conversion.prompt,
        Err(error) => return vec![Difference::of_prompt("error", error)],
    };
    let mut expected: Map<String, Value> =
        expected.iter().filter(|(id, _)| !unmade.contains(id)).map(|(id, node)| (id.clone(), node.clone())).collect();
    for inputs in expected.values_mut().filter_map(|node| node.get_mut("inputs")?.as_object_mut()) {
        inputs.retain(|_, value| !unmade.iter().any(|id| value.get(0).and_then(Value::as_str) == Some(id)));
    }
    match serde_json::from_str::<Map<String, Value>>(prompt.as_json()) {
        Ok(prompt) => {
            // Each was recorded at another time of the day.
            let found = differences(&prompt, &expected);
            let is_text = |found: &Difference| found.kind == "filename_prefix differs";
            if !found.iter().any(is_text) {
                return found;
            }
            options.now = Some(LATER);
            let later = convert(workflow, object_info, &options).map(|conversion| conversion.prompt);
            let later = later.ok().and_then(|later| serde_json::from_str(later.as_json()).ok()).unwrap_or_default();
            set_clock(&mut expected, &prompt, &later);
            differences(&prompt, &expected)
        }
        Err(error) => vec![Difference::of_prompt("the prompt is not JSON", error)],
    }
}

/// Puts the time of `prompt` into the file names of a recorded prompt: where another time gives another digit.
fn set_clock(recorded: &mut Map<String, Value>, prompt: &Map<String, Value>, later: &Map<String, Value>) {
    for (id, node) in recorded {
        let text =
            |prompt: &Map<String, Value>| prompt.get(id)?["inputs"]["filename_prefix"].as_str().map(str::to_owned);
        let (Some(one), Some(other)) = (text(prompt), text(later)) else { continue };
        let Some(Value::String(name)) = node.get_mut("inputs").and_then(|inputs| inputs.get_mut("filename_prefix"))
        else {
            continue;
        };
        if name.chars().count() == one.chars().count() {
            let digits = name.chars().zip(one.chars().zip(other.chars()));
            *name = digits
                .map(|(recorded, (one, other))| if one != other && recorded.is_ascii_digit() { one } else { recorded })
                .collect();
        }
    }
}

fn differences(prompt: &Map<String, Value>, expected: &Map<String, Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |node: &str, class: &Value, kind: String, detail: String| {
        let class = class.as_str().unwrap_or("?").to_owned();
        found.push(Difference { node: node.to_owned(), class, kind, detail });
    };
    let none = String::new;
    for (id, node) in prompt {
        if !expected.contains_key(id) {
            add(id, &node["class_type"], "is too much".into(), none());
        }
    }
    for (id, wanted) in expected {
        let class = &wanted["class_type"];
        let Some(node) = prompt.get(id) else {
            add(id, class, "is missing".into(), none());
            continue;
        };
        if node["class_type"] != *class {
            add(id, class, format!("is {}", node["class_type"]), none());
        }
        let empty = Map::new();
        let [inputs, wanted] = [node, wanted].map(|node| node["inputs"].as_object().unwrap_or(&empty));
        for (name, value) in inputs {
            match wanted.get(name) {
                None => add(id, class, format!("{name} is too much"), value.to_string()),
                Some(wanted) if !equal(value, wanted) => {
                    add(id, class, format!("{name} differs"), format!("{value} instead of {wanted}"));
                }
                Some(_) => {}
            }
        }
        for (name, value) in wanted {
            if !inputs.contains_key(name) {
                add(id, class, format!("{name} is missing"), value.to_string());
            }
        }
    }
    found
}

/// JSON equality as JavaScript sees it: all numbers are doubles.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}
