//! Estimates the remaining time of a run.
//!
//! Durations of nodes differ by a factor of a hundred (sampler and encoder), so "half of the nodes" is not half of the time.
//! The rest of the running node comes from its steps; each waiting node counts as the median duration of those that have
//! run, which a single slow node does not change.

/// Number of durations that are kept: the median of more is hardly different, and each takes its place in a sorted list.
const KNOWN: usize = 1000;

/// Durations of the nodes that have run, and the steps of the running one.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    node: Option<String>,
    node_since: f64,
    /// Time and number of the first step that was reported: before it, a model is loaded.
    first_step: Option<(f64, f64)>,
    /// Durations of finished nodes, sorted.
    durations: Vec<f64>,
}

impl Estimate {
    /// Takes the elapsed time of the run, the running node, and its step.
    pub(super) fn take(&mut self, node: Option<&str>, elapsed: f64, step: f64) {
        if node != self.node.as_deref() {
            if self.node.is_some() && self.durations.len() < KNOWN {
                let duration = elapsed - self.node_since;
                let at = self.durations.partition_point(|known| *known < duration);
                self.durations.insert(at, duration);
            }
            self.node = node.map(str::to_owned);
            self.node_since = elapsed;
            self.first_step = None;
        }
        if step > 0.0 && self.first_step.is_none_or(|(_, first)| step < first) {
            self.first_step = Some((elapsed, step));
        }
    }

    /// Remaining seconds; `None` before two steps of this node or three finished nodes.
    pub(super) fn left(&self, elapsed: f64, step: f64, steps: f64, waiting: usize) -> Option<f64> {
        self.node.as_ref()?;
        let median = self.durations.get(self.durations.len() / 2).copied().unwrap_or(0.0);
        let of_node = self.first_step.filter(|(_, first)| step > *first).map(|(since, first)| {
            let per_step = (elapsed - since) / (step - first);
            per_step * (steps - step).max(0.0)
        });
        // Nodes with steps take longer than others, so the durations of the others do not apply.
        if of_node.is_none() && (steps > 1.0 || self.durations.len() < 3) {
            return None;
        }
        let of_node = of_node.unwrap_or_else(|| (median - (elapsed - self.node_since)).max(0.0));
        Some(of_node + waiting as f64 * median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_the_running_node_tell_its_rest_without_the_loading_before_them() {
        let mut estimate = Estimate::default();
        estimate.take(Some("3"), 0.0, 0.0);
        assert_eq!(estimate.left(5.0, 0.0, 20.0, 0), None);
        estimate.take(Some("3"), 30.0, 1.0);
        assert_eq!(estimate.left(30.0, 1.0, 20.0, 0), None);
        estimate.take(Some("3"), 34.0, 5.0);
        assert_eq!(estimate.left(34.0, 5.0, 20.0, 0), Some(15.0));
    }

    #[test]
    fn nodes_that_wait_count_as_the_median_of_those_that_ran() {
        let mut estimate = Estimate::default();
        for (node, since) in [("1", 0.0), ("2", 100.0), ("3", 101.0), ("4", 103.0)] {
            estimate.take(Some(node), since, 0.0);
        }
        // 100, 1 and 2 seconds: the median is 2, half a second of which has gone by.
        assert_eq!(estimate.left(103.5, 0.0, 0.0, 3), Some(1.5 + 6.0));
        assert_eq!(estimate.left(103.5, 1.0, 20.0, 3), None, "one step tells no time, and the others are no measure");
    }

    #[test]
    fn nothing_is_guessed_while_nothing_runs() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.left(9.0, 0.0, 0.0, 4), None);
        estimate.take(Some("1"), 1.0, 2.0);
        estimate.take(None, 2.0, 0.0);
        assert_eq!(estimate.left(9.0, 0.0, 0.0, 0), None);
    }
}
