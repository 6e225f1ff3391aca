//! How a run comes to its one terminal event.

use std::rc::Rc;

use crate::protocol::history::HistoryItem;
use crate::session::run::event::{DetectedBy, End, EndSource, FrameText, What};
use crate::session::run::graph::Graph;
use crate::session::run::machine::{Finish, Run};

/// An end that was read in a frame while frames may have been missed: the history has the outputs that they brought,
/// and it tells errors that came in them.
#[derive(Debug)]
pub(super) struct Ending {
    /// How it ended, where the frame tells.
    end: Option<End>,
    /// The frame.
    text: Rc<str>,
    /// How long the history is waited for.
    pub(super) until: f64,
    /// Where no frame was missed the history is asked once: the answer to a probe after this one counts.
    lookup: Option<u32>,
}

/// How long an end waits for outputs that may have been missed, and for the history to say how it was: as long as the
/// server does not answer, its files could not be had either.
const OUTPUTS_MS: f64 = 60_000.0;
/// A failure is not kept back that long.
const FAILURE_MS: f64 = 15_000.0;
/// A completed run of which every frame came is not kept back longer than a slow answer takes.
const LOOKUP_MS: f64 = 5_000.0;

impl Run {
    /// An end read in a frame, where frames may have been missed: the history first.
    pub(super) fn end_after_history(&mut self, end: Option<End>, text: &str) {
        let until = self.now
            + match end {
                Some(End::Error | End::Interrupted) => FAILURE_MS,
                Some(End::Completed) | None => OUTPUTS_MS,
            };
        self.ending.get_or_insert_with(|| Ending { end, text: Rc::from(text), until, lookup: None });
        self.polling.ask_at(self.now);
    }

    /// A completed run of which every frame came, and no output of a node that should show one. Proxies and forks leave
    /// `executed` out; the history has been written, so that one answer says all.
    pub(super) fn end_after_lookup(&mut self, text: &str) {
        let until = self.now + LOOKUP_MS;
        let ending =
            Ending { end: Some(End::Completed), text: Rc::from(text), until, lookup: Some(self.polling.last_id()) };
        self.ending.get_or_insert(ending);
        self.polling.ask_at(self.now);
    }

    /// The history does not have the run: one that was looked up ends as its frames said.
    pub(super) fn end_after_failed_lookup(&mut self, now: f64) -> bool {
        let lookup = self.ending.as_ref().and_then(|ending| ending.lookup);
        lookup.is_some_and(|before| self.polling.last_id() > before) && self.end_by_frame(now)
    }

    pub(super) fn end_by_history(&mut self, now: f64, item: Rc<HistoryItem>) {
        if !self.progress.knows_nodes()
            && let Some(prompt) = &item.prompt
        {
            self.progress.learn_graph(Graph::new(prompt));
        }
        self.started_at.get_or_insert(now);
        self.progress.skip_all(&item.cached);
        for (node, output) in &item.outputs {
            if !self.outputs.has(node) {
                self.progress.complete_one(node);
                self.outputs.keep(node, Some(output));
                let what = What::Output { node: node.clone(), output: output.clone() };
                self.emit(now, what, Some(DetectedBy::History));
            }
        }
        let end = End::of(item.outcome);
        match self.ending.take() {
            // The frame has said the same, or a history without messages can not tell it better: then it is the source.
            Some(Ending { end: Some(said), text, .. })
                if said == end || (said == End::Interrupted && end == End::Error && item.failure.is_none()) =>
            {
                self.end(now, said, EndSource::Frame(FrameText::Kept(text)), None);
            }
            Some(Ending { end: None, text, .. }) if end == End::Completed => {
                self.end(now, end, EndSource::Frame(FrameText::Kept(text)), None);
            }
            _ => self.end(now, end, EndSource::History(item), Some(DetectedBy::History)),
        }
    }

    /// The history does not answer: the end that was read in a frame counts without it.
    pub(super) fn end_without_history(&mut self, now: f64) {
        self.end_unanswered(now, EndSource::Vanished, DetectedBy::History);
    }

    /// No answer will tell how it ended: as the frames said, or else as this error.
    pub(super) fn end_unanswered(&mut self, now: f64, source: EndSource, by: DetectedBy) {
        if !self.end_by_frame(now) {
            self.end(now, End::Error, source, Some(by));
        }
    }

    /// The caller wants no more of it. Before the server has taken the prompt there is no run that could end.
    pub(super) fn on_cancelled(&mut self, now: f64) {
        if self.is_accepted() {
            self.end(now, End::Interrupted, EndSource::Cancelled, None);
        } else {
            self.finish(Finish::Abandoned);
        }
    }

    /// Ends as the frames said, if they did.
    fn end_by_frame(&mut self, now: f64) -> bool {
        let said = match (self.ending.take(), self.success.take()) {
            (Some(Ending { end: Some(end), text, .. }), _) => Some((end, text)),
            (_, Some(text)) => Some((End::Completed, text)),
            (_, None) => None,
        };
        let Some((end, text)) = said else { return false };
        self.end(now, end, EndSource::Frame(FrameText::Kept(text)), None);
        true
    }

    pub(super) fn end(&mut self, now: f64, end: End, source: EndSource, detected_by: Option<DetectedBy>) {
        if end == End::Completed {
            self.progress.complete_run();
        }
        self.emit(now, What::End(end, source), detected_by);
        self.progress.stop();
        self.finish(Finish::Ended(end));
    }
}
