//! A line that redraws itself: nodes, steps, the whole, time left, the place in the queue, and how it ended.
//!
//! ```text
//!  45% ━━━━━━━━━╸──────────  KSampler (3) 12/20  3 of 7 nodes  0:08  ~0:10 left
//! ✓ done in 0:23  7 nodes, 3 cached
//! ```

mod draw;
mod estimate;
mod run;
mod style;
mod titles;

pub use style::BarStyle;
pub use titles::Titles;

use crate::print::event::{EventView, wanted};
use crate::print::printed::Printed;
use run::Run;

/// Redraws are at least this far apart in event time, in seconds, unless something else than a step has changed.
const REDRAW_S: f64 = 0.05;

/// Draws the runs whose events it is given; the one that spoke last is on the line.
#[derive(Debug)]
pub struct Bar {
    style: BarStyle,
    event_types: Option<Vec<String>>,
    runs: Vec<Run>,
    /// What is on the terminal's last line, empty where that is a fresh one.
    line: String,
    drawn_at: f64,
}

impl Bar {
    /// A bar before its first event. Only events of these types redraw it; it still reads the others, and always shows the
    /// end.
    pub fn new(style: BarStyle, event_types: Option<Vec<String>>) -> Self {
        Self { style, event_types, runs: Vec::new(), line: String::new(), drawn_at: f64::NEG_INFINITY }
    }

    /// Columns of the terminal from now on.
    pub fn resize(&mut self, columns: usize) {
        self.style.width = columns;
    }

    /// The output for an event, if there is any.
    pub fn print(&mut self, event: &impl EventView) -> Option<Printed> {
        let (event_type, show) = wanted(event, self.event_types.as_deref())?;
        let prompt_id = event.text("prompt_id").unwrap_or_default();
        let index = self.runs.iter().position(|run| run.prompt_id == prompt_id).unwrap_or_else(|| {
            self.runs.push(Run::new(prompt_id));
            self.runs.len() - 1
        });
        let run = &mut self.runs[index];
        let news = run.take(&event_type, event);
        let several = self.runs.len() > 1;
        if let Some(end) = &self.runs[index].end {
            let line = draw::end_line(&self.style, &self.runs[index], end, several);
            self.runs.remove(index);
            return Some(self.close_with(&[line]));
        }
        if event_type == "refused" && show {
            let text = event.text("data.message").unwrap_or_default();
            let lines: Vec<String> = text.lines().map(|line| draw::bad(&self.style, line)).collect();
            return Some(self.close_with(&lines));
        }
        let now = event.number("ts").unwrap_or(f64::INFINITY);
        // A clock that was set back must not stop the drawing.
        let due = !(0.0..REDRAW_S).contains(&(now - self.drawn_at));
        if !show || !(due || news.at_once) {
            return None;
        }
        if !self.style.redraw && !news.worth_a_line {
            return None;
        }
        let line = draw::progress_line(&self.style, &self.runs[index], several);
        if line == self.line {
            return None;
        }
        self.drawn_at = now;
        self.line.clone_from(&line);
        Some(if self.style.redraw { Printed::Terminal(format!("\r{line}\x1b[K")) } else { Printed::Line(line) })
    }

    /// The output that ends an unfinished line, when a run is abandoned before its end.
    pub fn finish(&mut self) -> Option<Printed> {
        self.runs.clear();
        let line = std::mem::take(&mut self.line);
        (self.style.redraw && !line.is_empty()).then(|| Printed::Terminal("\n".to_owned()))
    }

    fn close_with(&mut self, lines: &[String]) -> Printed {
        self.line.clear();
        self.drawn_at = f64::NEG_INFINITY;
        if !self.style.redraw {
            return Printed::Line(lines.join("\n"));
        }
        Printed::Terminal(lines.iter().map(|line| format!("\r{line}\x1b[K\n")).collect())
    }
}

#[cfg(test)]
mod tests;
