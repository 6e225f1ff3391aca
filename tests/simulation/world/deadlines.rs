//! How long a run may take to notice its end.

use super::{Verdict, World};
use crate::simulation::server::Job;

impl World {
    /// A run ends soon after its prompt has ended on the server, once the network works; before that it keeps asking.
    pub(super) fn check_deadlines(&self) -> Verdict {
        for (at, player) in self.players.iter().enumerate() {
            if player.observer.finished.is_some() || player.run.is_none() || !player.accepted {
                continue;
            }
            let settings = &self.scenario.runs[at].settings;
            let longest = settings.poll_interval_ms.max(settings.idle_timeout_ms.min(5_000.0));
            let slack = 10.0 * self.network.round_trip() + 20.0 * self.scenario.timer_lag + 10.0;
            let gap = settings.idle_timeout_ms + longest + 15_000.0 + slack;
            if self.now - player.busy_at > gap {
                return Err(format!(
                    "run {at} has neither heard nor asked anything for {} ms",
                    self.now - player.busy_at
                ));
            }
            // Ten minutes and sixty tries, once for the socket that looks open and once without it.
            let gone = self.network.is_down(self.now).is_some() || !self.server.up;
            let since = player.heard_at.max(player.began).max(player.accepted_at);
            if gone && self.now - since > 2.0 * (600_000.0 + 60.0 * (15_000.0 + longest)) + gap {
                return Err(format!("run {at} waits for a server that was last heard of at {since:.0}"));
            }
            let over = player.job.and_then(|job| {
                let job = &self.server.jobs[job];
                let fate = job.fate.map(|(_, at)| at + self.until_history(job));
                [fate, job.gone].into_iter().flatten().reduce(f64::min)
            });
            let over = match (over, player.job) {
                // A prompt that the server never had.
                (None, None) => Some(player.began),
                (over, _) => over,
            };
            let Some(over) = over else { continue };
            let since = over
                .max(player.began)
                .max(player.accepted_at)
                .max(self.scenario.heals_at)
                .max(self.network.last_trouble);
            let patience = if self.scenario.calm {
                settings.idle_timeout_ms + 4.0 * settings.poll_interval_ms + slack
            } else if self.expired.is_some() {
                // Only the socket is left: its silence and that of its replacement are waited for, by each of the runs
                // that share it.
                let silences = 4.0 + self.players.len() as f64;
                gap + 8.0 * longest + silences * (settings.idle_timeout_ms * 12.0).max(60_000.0)
            } else if self.scenario.dialect.unreadable_until.is_infinite() {
                gap + 8.0 * longest + 62_000.0
            } else {
                // A probe may join a lost question of the shared watch just before it counts as lost.
                gap + 15_000.0 + 3.0 * longest
            };
            if self.now > since + patience {
                return Err(format!(
                    "run {at} was over at {over:.0}, the network well at {since:.0}, and it still waits"
                ));
            }
        }
        Ok(())
    }

    /// How long after its end the history of a job is written.
    pub(super) fn until_history(&self, job: &Job) -> f64 {
        job.prompt.script.iter().rev().take(2).map(|(delay, _)| delay).sum::<f64>() + 5.0
    }
}
