//! The lines of a bar, fitted to the terminal.

use crate::print::bar::run::{End, Run};
use crate::print::bar::style::BarStyle;
use crate::text::columns::{fit, one_line, width};
use crate::text::number::shortest;

const GAP: &str = "  ";
/// Columns of the bar itself.
const BAR_MIN: usize = 10;
const BAR_MAX: usize = 30;
/// Columns of a node's title or of a message where there is little room, and where there is some.
const TITLE_MIN: usize = 8;
const TITLE_MAX: usize = 20;
/// Messages of failures can hold whole listings.
const MESSAGE: usize = 500;

#[derive(Clone, Copy)]
enum Colour {
    Plain,
    Good,
    Bad,
    Live,
    Dim,
}

impl BarStyle {
    fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Good => "32",
            Colour::Bad => "31",
            Colour::Live => "36",
            Colour::Dim => "2",
            Colour::Plain => "",
        };
        match self.colour && !code.is_empty() && !text.is_empty() {
            true => ["\x1b[", code, "m", text, "\x1b[0m"].concat(),
            false => text.to_owned(),
        }
    }

    fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// The title that the prompt gives a node, else its class, and its id.
    fn title(&self, id: &str) -> String {
        // A node made while running, `12.0.0.1`, belongs to the one whose id comes before the dot.
        let visible = id.split('.').next().unwrap_or(id);
        match self.titles.get(id).or_else(|| self.titles.get(visible)) {
            Some("") | None => "node ".to_owned() + visible,
            Some(title) => [title, " (", visible, ")"].concat(),
        }
    }
}

/// The line of a run that waits or works.
pub(super) fn progress_line(style: &BarStyle, run: &Run, several: bool) -> String {
    // The last column stays free: some terminals wrap when it is written.
    let columns = style.width.saturating_sub(1).max(4);
    let mut parts: Vec<Part> = Vec::new();
    let mut part = |rank, shape, colour, text| parts.push(Part { text, rank, shape, colour, given: 0 });
    if several {
        part(2, Shape::Whole, Colour::Dim, label(run));
    }
    if run.started {
        part(0, Shape::Whole, Colour::Plain, percent(run.whole));
        part(5, Shape::Bar, Colour::Live, " ".repeat(BAR_MIN));
    } else {
        part(0, Shape::Whole, Colour::Plain, "waiting".to_owned());
        if let Some((position, waiting)) = run.queue {
            let of = if waiting < position { String::new() } else { " of ".to_owned() + &shortest(waiting) };
            part(1, Shape::Whole, Colour::Plain, ["position ", &shortest(position), &of, " in the queue"].concat());
        }
    }
    if let Some(trouble) = &run.connection {
        // What the node does is not known now.
        let is_lost = !trouble.starts_with("polling");
        part(1, Shape::Cut, if is_lost { Colour::Bad } else { Colour::Dim }, trouble.clone());
    } else {
        if let Some(node) = &run.node {
            part(1, Shape::Cut, Colour::Plain, style.title(node));
        }
        if run.steps > 0.0 {
            part(3, Shape::Whole, Colour::Plain, [&shortest(run.step), "/", &shortest(run.steps)].concat());
        }
        if let Some(said) = &run.said {
            part(8, Shape::Cut, Colour::Dim, said.clone());
        }
    }
    if run.started {
        let total = run.nodes_total.max(run.nodes_done);
        part(7, Shape::Whole, Colour::Plain, format!("{} of {total} nodes", run.nodes_done));
    }
    part(6, Shape::Whole, Colour::Plain, clock(run.elapsed));
    if let Some(left) = run.time_left().filter(|_| run.connection.is_none()) {
        part(4, Shape::Whole, Colour::Plain, ["~", &clock(left), " left"].concat());
    }
    let spare = keep_what_fits(&mut parts, columns, style.either("…", "..."));
    let mut line = String::new();
    for part in parts.iter().filter(|part| !part.text.is_empty()) {
        if !line.is_empty() {
            line.push_str(GAP);
        }
        match part.shape {
            Shape::Bar => line.push_str(&bar(style, (BAR_MIN + spare).min(BAR_MAX), run.whole)),
            Shape::Whole | Shape::Cut => line.push_str(&style.paint(part.colour, &part.text)),
        }
    }
    line
}

/// A line of a message that something went wrong. The blanks that it begins with stay.
pub(super) fn bad(style: &BarStyle, line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    line[..indent].to_owned() + &style.paint(Colour::Bad, &fit(&one_line(line), MESSAGE, style.either("…", "...")))
}

/// The line that stays when a run has ended.
pub(super) fn end_line(style: &BarStyle, run: &Run, end: &End, several: bool) -> String {
    let mut line = if several { style.paint(Colour::Dim, &label(run)) + GAP } else { String::new() };
    line.push_str(&match end {
        End::Completed => style.paint(Colour::Good, style.either("✓", "ok:")),
        End::Interrupted | End::Error { .. } => style.paint(Colour::Bad, style.either("✗", "failed:")),
    });
    match end {
        End::Completed => {
            let plural = if run.nodes_total == 1 { "" } else { "s" };
            let nodes = match (run.nodes_total, run.nodes_cached) {
                (0, _) => String::new(),
                (total, 0) => format!("{GAP}{total} node{plural}"),
                (total, cached) => format!("{GAP}{total} node{plural}, {cached} cached"),
            };
            line.push_str(" done in ");
            line.push_str(&clock(run.elapsed));
            line.push_str(&style.paint(Colour::Dim, &nodes));
            if run.refused > 0 {
                let plural = if run.refused == 1 { "" } else { "s" };
                line.push_str(&style.paint(Colour::Bad, &format!("{GAP}{} output{plural} refused", run.refused)));
            }
        }
        End::Interrupted => {
            line.push_str(" interrupted after ");
            line.push_str(&clock(run.elapsed));
        }
        End::Error { node, node_type, message } => {
            let place = match (node, node_type) {
                (Some(node), Some(class)) if style.titles.get(node).is_none() => [class, " (", node, "): "].concat(),
                (Some(node), _) => style.title(node) + ": ",
                (None, _) => String::new(),
            };
            line.push(' ');
            line.push_str(&place);
            line.push_str(&fit(message, MESSAGE, style.either("…", "...")));
        }
    }
    line
}

/// A piece of a line.
struct Part {
    text: String,
    /// Parts with a higher number are left out first.
    rank: u8,
    shape: Shape,
    colour: Colour,
    /// The columns it has.
    given: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Shown whole or left out.
    Whole,
    /// Can be cut.
    Cut,
    /// The bar, which takes the remaining columns; its text is a placeholder.
    Bar,
}

/// Empties the parts that do not fit, the least important first, and cuts those that can be cut where that is enough.
/// Returns the columns that are left over.
fn keep_what_fits(parts: &mut [Part], columns: usize, ellipsis: &str) -> usize {
    let mut left = columns;
    let mut gap = 0;
    for rank in 0..=8 {
        for part in parts.iter_mut().filter(|part| part.rank == rank) {
            let room = left.saturating_sub(gap);
            let mut needed = width(&part.text);
            if part.shape == Shape::Cut {
                needed = needed.min(TITLE_MAX).min(room.max(needed.min(TITLE_MIN)));
            }
            if needed > room {
                part.text.clear();
            } else {
                part.given = needed;
                left = room - needed;
                gap = GAP.len();
            }
        }
    }
    for part in parts.iter_mut().filter(|part| part.shape == Shape::Cut) {
        let room = part.given + left;
        part.text = fit(&part.text, room, ellipsis);
        left = room - width(&part.text);
    }
    left
}

/// Which run a line is about.
fn label(run: &Run) -> String {
    one_line(&run.prompt_id).chars().take(8).collect()
}

fn bar(style: &BarStyle, size: usize, whole: f64) -> String {
    let empty = if style.colour { style.either("━", "-") } else { style.either("─", "-") };
    let halves = (whole * size as f64 * 2.0) as usize;
    let mut filled = style.either("━", "#").repeat(halves / 2);
    let mut used = halves / 2;
    if halves % 2 == 1 && style.unicode {
        filled.push('╸');
        used += 1;
    }
    style.paint(Colour::Live, &filled) + &style.paint(Colour::Dim, &empty.repeat(size - used))
}

fn percent(whole: f64) -> String {
    // Cut, not rounded: 100 % is for what is done.
    format!("{:>3}%", (whole * 100.0) as u32)
}

fn clock(seconds: f64) -> String {
    let seconds = seconds as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
