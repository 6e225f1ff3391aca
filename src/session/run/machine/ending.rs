//! How a run comes to its one terminal event.

use std::rc::Rc;

use crate::protocol::history::HistoryItem;
use crate::session::run::effect::Finish;
use crate::session::run::event::{DetectedBy, End, EndSource, EventKind};
use crate::session::run::graph::Graph;
use crate::session::run::machine::{PendingEnd, Run};

/// How long an end that a frame brought waits for the history, which has the outputs of frames that were missed. A
/// server that does not answer within it could not deliver the files either.
const OUTPUTS_MS: f64 = 60_000.0;
/// A failure is not held back that long.
const FAILURE_MS: f64 = 15_000.0;
/// A completed run of which every frame came is not kept back longer than a slow answer takes.
const LOOKUP_MS: f64 = 5_000.0;

impl<M: Clone> Run<M> {
    /// An end read from a frame, where frames may have been missed: the history is asked first.
    pub(super) fn end_after_history(&mut self, end: Option<End>, message: M) {
        let until = self.now
            + match end {
                Some(End::Error | End::Interrupted) => FAILURE_MS,
                Some(End::Completed) | None => OUTPUTS_MS,
            };
        self.pending_end.get_or_insert(PendingEnd { end, message, until, lookup: None });
        self.polling.ask_at(self.now);
    }

    /// A completed run of which every frame came, and no output of a node that should show one. Proxies and forks leave
    /// `executed` out; the history is written by then, so that a single answer is enough.
    pub(super) fn end_after_lookup(&mut self, message: M) {
        let (until, lookup) = (self.now + LOOKUP_MS, Some(self.polling.last_id()));
        self.pending_end.get_or_insert(PendingEnd { end: Some(End::Completed), message, until, lookup });
        self.polling.ask_at(self.now);
    }

    /// The history does not have the run: one that was looked up ends as its frames said.
    pub(super) fn end_after_failed_lookup(&mut self, now: f64) -> bool {
        let lookup = self.pending_end.as_ref().and_then(|pending| pending.lookup);
        lookup.is_some_and(|before| self.polling.last_id() > before) && self.end_by_frame(now)
    }

    pub(super) fn end_by_history(&mut self, now: f64, item: Rc<HistoryItem>) {
        if !self.progress.knows_nodes()
            && let Some(prompt) = &item.prompt
        {
            self.progress.learn_graph(Graph::new(prompt));
        }
        self.is_confirmed = true;
        self.started_at.get_or_insert(now);
        self.progress.skip_all(&item.cached);
        for (node, output) in &item.outputs {
            if !self.outputs.has(node) {
                self.progress.complete_one(node);
                self.outputs.keep(node, Some(output));
                let kind = EventKind::Output { node: node.clone(), output: output.clone() };
                self.emit(now, kind, Some(DetectedBy::History));
            }
        }
        let end = End::from_outcome(item.outcome);
        match self.pending_end.take() {
            // The frame and the history agree, or the history has no messages that would distinguish an interruption
            // from an error: then the frame is the source.
            Some(PendingEnd { end: Some(said), message, .. })
                if said == end || (said == End::Interrupted && end == End::Error && item.failure.is_none()) =>
            {
                self.end(now, said, EndSource::Frame(message), None);
            }
            Some(PendingEnd { end: None, message, .. }) if end == End::Completed => {
                self.end(now, end, EndSource::Frame(message), None);
            }
            _ => self.end(now, end, EndSource::History(item), Some(DetectedBy::History)),
        }
    }

    /// The history does not answer: the end that was read from a frame counts without it.
    pub(super) fn end_without_history(&mut self, now: f64) {
        self.end_unanswered(now, EndSource::Vanished, DetectedBy::History);
    }

    /// Ends a run that no probe can clear up: as the frames said, or else with this error.
    pub(super) fn end_unanswered(&mut self, now: f64, source: EndSource<M>, by: DetectedBy) {
        if !self.end_by_frame(now) {
            self.end(now, End::Error, source, Some(by));
        }
    }

    /// The caller cancelled. Before the server has taken the prompt there is no run that could end.
    pub(super) fn on_cancelled(&mut self, now: f64) {
        if self.is_accepted() {
            self.end(now, End::Interrupted, EndSource::Cancelled, None);
        } else {
            self.finish(Finish::Abandoned);
        }
    }

    /// Ends as the frames said, if they did.
    fn end_by_frame(&mut self, now: f64) -> bool {
        let said = match (self.pending_end.take(), self.success.take()) {
            (Some(PendingEnd { end: Some(end), message, .. }), _) => Some((end, message)),
            (_, Some(message)) => Some((End::Completed, message)),
            (_, None) => None,
        };
        let Some((end, message)) = said else { return false };
        self.end(now, end, EndSource::Frame(message), None);
        true
    }

    pub(super) fn end(&mut self, now: f64, end: End, source: EndSource<M>, detected_by: Option<DetectedBy>) {
        if end == End::Completed {
            self.progress.complete_run();
        }
        self.emit(now, EventKind::End(end, source), detected_by);
        self.progress.stop();
        self.finish(Finish::Ended(end));
    }
}
