//! The state of one run that a bar shows.

use crate::print::bar::estimate::Estimate;
use crate::print::event::{EventView, Field};
use crate::text::columns::one_line;

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    Completed,
    Interrupted,
    Error { node: Option<String>, node_type: Option<String>, message: String },
}

/// A run as of its last event.
#[derive(Debug)]
pub(super) struct Run {
    pub prompt_id: String,
    pub node: Option<String>,
    pub step: f64,
    pub steps: f64,
    pub nodes_done: usize,
    pub nodes_total: usize,
    pub nodes_cached: usize,
    /// Outputs that the server refused.
    pub refused: usize,
    pub whole: f64,
    pub elapsed: f64,
    /// The server has started it.
    pub started: bool,
    /// Position in the queue from 1, and how many wait, while the run waits.
    pub queue: Option<(f64, f64)>,
    /// What is wrong with the connection, until it is open again.
    pub connection: Option<String>,
    /// The last progress text of the node.
    pub said: Option<String>,
    pub estimate: Estimate,
    pub end: Option<End>,
}

/// How an event changes the line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct News {
    /// More than a step: drawn at once, without regard to the redraw interval.
    pub at_once: bool,
    /// Gets a new line where lines cannot be redrawn.
    pub worth_a_line: bool,
}

impl Run {
    pub(super) fn new(prompt_id: String) -> Self {
        Self {
            prompt_id,
            node: None,
            step: 0.0,
            steps: 0.0,
            nodes_done: 0,
            nodes_total: 0,
            nodes_cached: 0,
            refused: 0,
            whole: 0.0,
            elapsed: 0.0,
            started: false,
            queue: None,
            connection: None,
            said: None,
            estimate: Estimate::default(),
            end: None,
        }
    }

    /// Updates the state by an event.
    pub(super) fn take(&mut self, event_type: &str, event: &impl EventView) -> News {
        let tenth = (self.whole * 10.0) as usize;
        self.read_progress(event);
        let mut news = News { at_once: false, worth_a_line: (self.whole * 10.0) as usize > tenth };
        let node = event.text("node_current");
        if node != self.node {
            self.node = node;
            self.said = None;
            self.started = true;
            news = News { at_once: true, worth_a_line: true };
        }
        match event_type {
            "submitted" => news = News { at_once: true, worth_a_line: true },
            "refused" => self.refused = event.count("data.outputs"),
            "queue" => {
                let position = event.number("data.position");
                let waiting = event.number("data.pending").unwrap_or_else(|| event.count("data.pending") as f64);
                let queue = position.filter(|position| *position > 0.0).map(|position| (position, waiting));
                news.at_once |= queue != self.queue;
                news.worth_a_line |= queue != self.queue;
                self.queue = queue;
            }
            "execution_start" | "execution_cached" => {
                news.at_once |= !self.started;
                self.started = true;
                // `nodes_skipped` also has nodes whose frames were missed.
                self.nodes_cached = event.count("data.nodes").max(self.nodes_cached);
            }
            "progress_text" => self.said = event.text("data.text").map(|text| short(&text)),
            "connection" => {
                let state = event.text("data.state").unwrap_or_default();
                let reason = event.text("data.reason").map(|reason| short(&reason));
                self.connection = (state != "open").then(|| match reason {
                    Some(reason) if !reason.is_empty() => format!("{state}: {reason}"),
                    _ => state,
                });
                news = News { at_once: true, worth_a_line: true };
            }
            "completed" => self.end = Some(End::Completed),
            "interrupted" => self.end = Some(End::Interrupted),
            "error" => self.end = Some(failure(event)),
            _ => {}
        }
        news
    }

    fn read_progress(&mut self, event: &impl EventView) {
        let number = |path, before| event.number(path).unwrap_or(before);
        self.started |= event.count("nodes_done") > 0;
        // Events without steps have 0 and 0, which does not reset the steps of the node.
        let steps = number("node_progress_max", 0.0);
        if steps > 0.0 {
            (self.step, self.steps) = (number("node_progress_value", 0.0), steps);
        } else if event.text("node_current") != self.node {
            (self.step, self.steps) = (0.0, 0.0);
        }
        self.nodes_done = event.count("nodes_done").max(self.nodes_done);
        self.nodes_total = event.count("nodes_total").max(self.nodes_total);
        self.whole = number("nodes_progress", self.whole).clamp(0.0, 1.0);
        self.elapsed = number("time_elapsed_s", self.elapsed).max(0.0);
        self.estimate.take(event.text("node_current").as_deref(), self.elapsed, self.step);
    }

    /// Estimated remaining seconds, where an estimate is possible.
    pub(super) fn time_left(&self) -> Option<f64> {
        let running = usize::from(self.node.is_some());
        let waiting = self.nodes_total.saturating_sub(self.nodes_done + running);
        self.estimate.left(self.elapsed, self.step, self.steps, waiting)
    }
}

/// Limit of a text that is kept, in characters: it is measured for each redraw.
const LONGEST: usize = 1000;

/// A text in one line, cut to the limit.
fn short(text: &str) -> String {
    one_line(text).chars().take(LONGEST).collect()
}

fn failure(event: &impl EventView) -> End {
    let known = |path| event.text(path).map(|text| short(&text)).filter(|text| !text.is_empty());
    let message = ["data.exception_message", "data.message", "data.error.message", "data.exception_type"];
    End::Error {
        node: known("data.node_id"),
        node_type: known("data.node_type"),
        message: message.into_iter().find_map(known).unwrap_or_else(|| match event.field("detected_by") {
            Field::Text(_) => "the run failed, and its events did not arrive".to_owned(),
            _ => "the run failed".to_owned(),
        }),
    }
}
