//! `GET /queue`: the prompts that run and wait. The answer contains whole prompts; only the needed fields are read.

use std::borrow::Cow;

use crate::protocol::json::Raw;
use crate::text::index::sorted;

/// The position of a prompt in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueuePosition {
    /// It runs.
    Running,
    /// It waits; 1 is the next to run. The server's list is a heap, so the position comes from the prompts' numbers.
    Waiting(usize),
    /// It is not in the queue.
    Absent,
}

/// The answer of the queue about one prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueAnswer {
    /// Its position.
    pub position: QueuePosition,
    /// Number of prompts that run.
    pub running: usize,
    /// Number of prompts that wait.
    pub pending: usize,
    /// The prompt as JSON text, where the queue has it.
    pub prompt: Option<String>,
    /// Time of the request (Unix, milliseconds), where one request answered for several prompts.
    pub asked: Option<f64>,
}

/// The positions of all prompts in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Numbers of prompts that run and that wait.
    counts: (usize, usize),
    /// Prompt ids, sorted; those that wait with their numbers.
    positions: Vec<(String, Option<f64>)>,
    /// The numbers of the prompts that wait, sorted.
    numbers: Vec<f64>,
}

/// An entry of the queue: `[number, prompt_id, prompt, extra_data, outputs]`, possibly with more fields.
struct Entry<'a> {
    number: f64,
    id: Cow<'a, str>,
    prompt: Option<Raw<'a>>,
}

impl<'a> Entry<'a> {
    fn read(fields: Raw<'a>) -> Option<Self> {
        let fields = fields.items();
        Some(Entry {
            number: fields.first()?.number().unwrap_or(f64::MAX),
            id: fields.get(1)?.id()?,
            prompt: fields.get(2).copied(),
        })
    }
}

impl QueueAnswer {
    /// Reads the answer to `GET /queue`. `None` where it is not a queue.
    pub fn read(text: &str, prompt_id: &str) -> Option<QueueAnswer> {
        let lists = lists(text)?;
        let own = lists.iter().flatten().filter_map(|fields| Entry::read(*fields)).find(|entry| entry.id == prompt_id);
        let prompt = own.and_then(|entry| entry.prompt).map(|prompt| prompt.text().to_owned());
        Some(QueueAnswer { prompt, asked: None, ..Queue::of(lists).answer(prompt_id, 0.0) })
    }
}

/// The entries that run and those that wait.
fn lists(text: &str) -> Option<[Vec<Raw<'_>>; 2]> {
    let queue = Raw::read(text).ok()?;
    let list = |key| Some(queue.get(key)).filter(|list| list.is_list()).map(Raw::items);
    Some([list("queue_running")?, list("queue_pending")?])
}

impl Queue {
    /// Reads the answer to `GET /queue`. `None` where it is not a queue.
    pub fn read(text: &str) -> Option<Queue> {
        lists(text).map(Queue::of)
    }

    fn of([running, pending]: [Vec<Raw>; 2]) -> Queue {
        let counts = (running.len(), pending.len());
        let mut positions: Vec<(String, Option<f64>)> = Vec::new();
        for (list, waits) in [(running, false), (pending, true)] {
            let entries = list.into_iter().filter_map(Entry::read);
            positions.extend(entries.map(|entry| (entry.id.into_owned(), waits.then_some(entry.number))));
        }
        let order = sorted(positions.len(), &|a, b| positions[a].0 < positions[b].0);
        let positions: Vec<_> = order.into_iter().map(|at| std::mem::take(&mut positions[at])).collect();
        let numbers: Vec<f64> = positions.iter().filter_map(|(_, number)| *number).collect();
        let order = sorted(numbers.len(), &|a, b| numbers[a] < numbers[b]);
        Queue { counts, positions, numbers: order.into_iter().map(|at| numbers[at]).collect() }
    }

    /// The answer about one prompt, without the prompt itself. `asked`: time of the request.
    pub fn answer(&self, prompt_id: &str, asked: f64) -> QueueAnswer {
        let at = self.positions.partition_point(|(id, _)| **id < *prompt_id);
        let position = match self.positions.get(at).filter(|(id, _)| id == prompt_id) {
            None => QueuePosition::Absent,
            Some((_, None)) => QueuePosition::Running,
            Some((_, Some(own))) => QueuePosition::Waiting(1 + self.numbers.partition_point(|number| number < own)),
        };
        let (running, pending) = self.counts;
        QueueAnswer { position, running, pending, prompt: None, asked: Some(asked) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_comes_from_the_numbers_not_from_the_order() {
        let text = r#"{"queue_running": [[1, "r", {}, {}, []]],
            "queue_pending": [[2, "a", {}], [9, "mine", {"1": {}}], [4, "b"], [-3, "front"]]}"#;
        let answer = QueueAnswer::read(text, "mine").unwrap();
        assert_eq!((answer.position, answer.running, answer.pending), (QueuePosition::Waiting(4), 1, 4));
        assert_eq!(answer.prompt, Some(r#"{"1": {}}"#.to_owned()));
        assert_eq!(QueueAnswer::read(text, "front").unwrap().position, QueuePosition::Waiting(1));
        assert_eq!(QueueAnswer::read(text, "r").unwrap().position, QueuePosition::Running);
        assert_eq!(QueueAnswer::read(text, "gone").unwrap().position, QueuePosition::Absent);
    }

    #[test]
    fn a_queue_read_once_for_many_prompts_gives_the_same_answer_for_each() {
        let text = r#"{"queue_running": [[1, "r", {}, {}, []], 7],
            "queue_pending": [[2, "a", {}], [9, "mine", {"1": {}}], [4, 5], [-3, "front"], null]}"#;
        let queue = Queue::read(text).unwrap();
        for id in ["r", "a", "mine", "5", "front", "gone"] {
            let alone = QueueAnswer::read(text, id).unwrap();
            assert_eq!(queue.answer(id, 12.5), QueueAnswer { prompt: None, asked: Some(12.5), ..alone }, "{id}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_queue_is_refused() {
        for text in ["", "{}", "[]", "<html>", r#"{"queue_running": 1, "queue_pending": []}"#] {
            assert_eq!(QueueAnswer::read(text, "p"), None, "{text}");
            assert_eq!(Queue::read(text), None, "{text}");
        }
    }

    #[test]
    fn odd_entries_are_counted_but_not_matched() {
        let text = r#"{"queue_running": [null, [], [1], {}], "queue_pending": [["x", 7, {}]]}"#;
        let answer = QueueAnswer::read(text, "7").unwrap();
        assert_eq!((answer.position, answer.running), (QueuePosition::Waiting(1), 4));
    }
}
