//! The short way of a `progress` frame must do what the long one does.

use std::fmt::Debug;

use comfyui_autoflow::protocol::frame::{Body, Frame};
use comfyui_autoflow::session::run::effect::Effect;
use comfyui_autoflow::session::run::machine::Run;
use comfyui_autoflow::session::run::snapshot::Snapshot;

/// A run that took a frame by the short way, and what must come of the long one.
pub struct ShortWay<M> {
    run: Run<M>,
    /// Time, time since the submission and since the node began, steps and their maximum, share.
    says: [f64; 6],
}

impl<M: Clone + Debug> ShortWay<M> {
    /// None where the run leaves this frame to the long way.
    pub fn of(run: &Run<M>, now: f64, frame: &Frame) -> Option<ShortWay<M>> {
        let Body::Progress { node: Some(node), value, max } = &frame.body else { return None };
        let mut short = run.clone();
        let repeated = short.repeat_progress(now, node, *value, *max)?;
        // The timer is left as it was set.
        let timer = run.poll_timeout().expect("a timer of a run that waits");
        assert!(short.poll_timeout().is_none_or(|at| at >= timer), "the timer would ring too late");
        let says = [repeated.at, repeated.elapsed_ms, repeated.node_ms, *value, *max, repeated.nodes_progress];
        Some(ShortWay { run: short, says })
    }

    /// `run`: the same, which took the frame by the long way. `last`: what the event before said.
    pub fn assert_same(&self, run: &Run<M>, last: &Snapshot) {
        let mut long = run.clone();
        let Some(Effect::Emit(event)) = long.poll_effect() else { panic!("the long way tells of no event") };
        assert!(long.poll_effect().is_none(), "the long way has further effects");
        let seen = &event.progress;
        let steps = [seen.node_progress_value, seen.node_progress_max, seen.nodes_progress];
        assert_eq!(self.says, [[event.at, event.elapsed_ms, event.node_ms], steps].concat()[..]);
        let mut same = last.clone();
        (same.node_progress_value, same.node_progress_max, same.nodes_progress) = (steps[0], steps[1], steps[2]);
        assert_eq!(same, *seen, "more than the steps has changed");
        assert_eq!(format!("{:?}", self.run), format!("{long:?}"));
    }
}
