//! `GET /queue` as a list for people: which prompts run, and which wait, in their order.

use crate::protocol::json::{Raw, quoted};

/// `{"running": […], "pending": […]}` as JSON text. Each prompt: `promptId`, `number`, `position` (0 runs, 1 is next),
/// `prompt`, `clientId` (null where nobody is named). `None` where the answer is none of ComfyUI.
pub fn queue_list(text: &str) -> Option<String> {
    let queue = Raw::read(text).ok()?;
    let list = |key: &str| Some(queue.get(key)).filter(|list| list.is_list()).map(Raw::items);
    let (running, mut pending) = (list("queue_running")?, list("queue_pending")?);
    // The server's list is a heap: the order is that of the numbers.
    let number = |entry: &Raw| entry.items().first().and_then(|number| number.number()).unwrap_or(f64::MAX);
    pending.sort_by(|a, b| number(a).total_cmp(&number(b)));
    let running: Vec<String> = running.into_iter().filter_map(|entry| described(entry, 0)).collect();
    let waiting = pending.into_iter().filter(|entry| entry.items().len() > 1).enumerate();
    let pending: Vec<String> = waiting.filter_map(|(place, entry)| described(entry, place + 1)).collect();
    Some(["{\"running\":[", &running.join(","), "],\"pending\":[", &pending.join(","), "]}"].concat())
}

/// `[number, prompt_id, prompt, extra_data, outputs]`; newer servers may add to it.
fn described(entry: Raw, position: usize) -> Option<String> {
    let fields = entry.items();
    let id = fields.get(1)?.id()?;
    let number = fields.first().filter(|number| number.is_number()).map_or("null", |number| number.text());
    let prompt = fields.get(2).copied().filter(|prompt| prompt.is_object()).unwrap_or(Raw::NULL);
    let client = fields.get(3).copied().unwrap_or(Raw::NULL).get("client_id");
    let client = if client.is_string() { client.text() } else { "null" };
    Some(format!(
        "{{\"promptId\":{},\"number\":{number},\"position\":{position},\"clientId\":{client},\"prompt\":{}}}",
        quoted(&id),
        prompt.text()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(text: &str) -> Value {
        serde_json::from_str(&queue_list(text).unwrap()).unwrap()
    }

    #[test]
    fn prompts_wait_in_the_order_of_their_numbers() {
        let list = read(
            r#"{"queue_running": [[3, "r", {"1": {}}, {"client_id": "c"}, ["1"], {}]],
                "queue_pending": [[9, "b", {}, {}, []], [-1, "front", {}, {}, []], [4, "a", {}, {}, []]]}"#,
        );
        let running = json!({"promptId": "r", "number": 3, "position": 0, "clientId": "c", "prompt": {"1": {}}});
        assert_eq!(list["running"], json!([running]));
        let order: Vec<_> =
            list["pending"].as_array().unwrap().iter().map(|p| (&p["promptId"], &p["position"])).collect();
        assert_eq!(order, [(&json!("front"), &json!(1)), (&json!("a"), &json!(2)), (&json!("b"), &json!(3))]);
    }

    #[test]
    fn entries_that_cannot_be_read_hide_no_other() {
        let list = read(r#"{"queue_running": [], "queue_pending": [null, 3, [], [1, "a"], [2, {"x": 1}]]}"#);
        assert_eq!(list["pending"][0]["promptId"], "a");
        assert_eq!(list["pending"].as_array().unwrap().len(), 1);
        assert_eq!(queue_list("[]"), None);
    }
}
