//! `GET /queue`: which prompts run and wait. A queue holds whole prompts, so only what is needed is read.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::json;

/// Where a prompt stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It runs.
    Running,
    /// It waits; 1 is the next to run. The server's list is a heap, so the place comes from the prompts' numbers.
    Waiting(usize),
    /// It is not there.
    Absent,
}

/// What the queue says of one prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueAnswer {
    /// Where the prompt stands.
    pub place: Place,
    /// How many prompts run.
    pub running: usize,
    /// How many wait.
    pub pending: usize,
    /// The prompt itself, where the queue has it.
    pub prompt: Option<Value>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    queue_running: Vec<&'a RawValue>,
    #[serde(borrow)]
    queue_pending: Vec<&'a RawValue>,
}

/// `[number, prompt_id, prompt, extra_data, outputs]`; newer servers may add to it.
struct Entry<'a>(f64, String, Option<&'a RawValue>);

impl<'a> Entry<'a> {
    fn read(raw: &'a RawValue) -> Option<Self> {
        let fields: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
        let number = serde_json::from_str(fields.first()?.get()).unwrap_or(f64::MAX);
        let id = json::id_text(&serde_json::from_str(fields.get(1)?.get()).ok()?)?;
        Some(Entry(number, id, fields.get(2).copied()))
    }
}

impl QueueAnswer {
    /// Reads the answer to `GET /queue`. `None` where it is none.
    pub fn read(text: &str, prompt_id: &str) -> Option<QueueAnswer> {
        let clean = json::without_nan(text);
        let wire: Wire = serde_json::from_str(&clean).ok()?;

        let (running, pending) = (wire.queue_running.len(), wire.queue_pending.len());
        let prompt_of = |entry: &Entry| entry.2.and_then(|prompt| serde_json::from_str(prompt.get()).ok());
        let mut answer = QueueAnswer { place: Place::Absent, running, pending, prompt: None };
        if let Some(entry) = wire.queue_running.iter().filter_map(|raw| Entry::read(raw)).find(|e| e.1 == prompt_id) {
            answer.place = Place::Running;
            answer.prompt = prompt_of(&entry);
            return Some(answer);
        }
        let waiting: Vec<Entry> = wire.queue_pending.iter().filter_map(|raw| Entry::read(raw)).collect();
        if let Some(own) = waiting.iter().find(|entry| entry.1 == prompt_id) {
            answer.place = Place::Waiting(1 + waiting.iter().filter(|entry| entry.0 < own.0).count());
            answer.prompt = prompt_of(own);
        }
        Some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_comes_from_the_numbers_not_from_the_order() {
        let text = r#"{"queue_running": [[1, "r", {}, {}, []]],
            "queue_pending": [[2, "a", {}], [9, "mine", {"1": {}}], [4, "b"], [-3, "front"]]}"#;
        let answer = QueueAnswer::read(text, "mine").unwrap();
        assert_eq!((answer.place, answer.running, answer.pending), (Place::Waiting(4), 1, 4));
        assert_eq!(answer.prompt, Some(serde_json::json!({"1": {}})));
        assert_eq!(QueueAnswer::read(text, "front").unwrap().place, Place::Waiting(1));
        assert_eq!(QueueAnswer::read(text, "r").unwrap().place, Place::Running);
        assert_eq!(QueueAnswer::read(text, "gone").unwrap().place, Place::Absent);
    }

    #[test]
    fn what_is_no_queue_is_no_answer() {
        for text in ["", "{}", "[]", "<html>", r#"{"queue_running": 1, "queue_pending": []}"#] {
            assert_eq!(QueueAnswer::read(text, "p"), None, "{text}");
        }
    }

    #[test]
    fn odd_entries_are_counted_but_not_matched() {
        let text = r#"{"queue_running": [null, [], [1], {}], "queue_pending": [["x", 7, {}]]}"#;
        let answer = QueueAnswer::read(text, "7").unwrap();
        assert_eq!((answer.place, answer.running), (Place::Waiting(1), 4));
    }
}
