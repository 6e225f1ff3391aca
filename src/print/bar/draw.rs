//! The lines of a bar, fitted to the terminal.

use super::BarStyle;
use super::run::{End, Run};
use crate::text::columns::{fit, one_line, width};

const GAP: &str = "  ";
/// Columns of the bar itself.
const BAR: std::ops::RangeInclusive<usize> = 10..=30;
/// Columns of a node's title or of a message: as many as it needs up to the end of the range, no fewer than its start.
const TITLE: std::ops::RangeInclusive<usize> = 8..=20;
/// Messages of failures can hold whole listings.
const MESSAGE: usize = 500;

#[derive(Clone, Copy)]
enum Colour {
    Good,
    Bad,
    Live,
    Dim,
}

impl BarStyle {
    fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Good => 32,
            Colour::Bad => 31,
            Colour::Live => 36,
            Colour::Dim => 2,
        };
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    fn title(&self, node: &str) -> String {
        // A node made while running, `12.0.0.1`, belongs to the one whose id comes before the dot.
        let visible = node.split('.').next().unwrap_or(node);
        let title = self.titles.get(node).or_else(|| self.titles.get(visible)).map(|title| one_line(title));
        match title {
            Some(title) if !title.is_empty() => format!("{title} ({visible})"),
            _ => format!("node {}", one_line(visible)),
        }
    }
}

/// The line of a run that waits or works.
pub(super) fn progress_line(style: &BarStyle, run: &Run, several: bool) -> String {
    // The last column stays free: some terminals wrap when it is written.
    let columns = style.width.saturating_sub(1).max(4);
    let mut parts = vec![Part::text(2, label(run, several)).coloured(Colour::Dim)];
    match (&run.connection, &run.node) {
        (Some(trouble), _) => {
            parts.push(Part::text(0, percent(run.whole)));
            parts.push(Part::cut(1, trouble.clone()).coloured(Colour::Bad));
        }
        (None, None) if !run.started => {
            parts.push(Part::text(0, "waiting".to_owned()));
            if let Some((position, waiting)) = run.queue {
                let of = if waiting >= position { format!(" of {waiting}") } else { String::new() };
                parts.push(Part::text(1, format!("position {position}{of} in the queue")));
            }
        }
        (None, node) => {
            parts.push(Part::text(0, percent(run.whole)));
            parts.push(Part { shape: Shape::Bar, ..Part::text(5, " ".repeat(*BAR.start())) });
            if let Some(node) = node {
                parts.push(Part::cut(1, style.title(node)));
            }
            if run.steps > 0.0 {
                parts.push(Part::text(3, format!("{}/{}", run.step, run.steps)));
            }
            if let Some(said) = &run.said {
                parts.push(Part::cut(8, said.clone()).coloured(Colour::Dim));
            }
            let total = run.nodes_total.max(run.nodes_done);
            parts.push(Part::text(7, format!("{} of {total} nodes", run.nodes_done)));
        }
    }
    parts.push(Part::text(6, clock(run.elapsed)));
    if let Some(left) = run.time_left().filter(|_| run.connection.is_none()) {
        parts.push(Part::text(4, format!("~{} left", clock(left))));
    }
    let spare = keep_what_fits(&mut parts, columns, style.either("…", "..."));
    let shown = parts.iter().filter(|part| !part.text.is_empty()).map(|part| match (part.shape, part.colour) {
        (Shape::Bar, _) => bar(style, (BAR.start() + spare).min(*BAR.end()), run.whole),
        (_, Some(colour)) => style.paint(colour, &part.text),
        (_, None) => part.text.clone(),
    });
    shown.collect::<Vec<_>>().join(GAP)
}

/// The line that stays when a run has ended.
pub(super) fn end_line(style: &BarStyle, run: &Run, end: &End, several: bool) -> String {
    let elapsed = clock(run.elapsed);
    let good = style.paint(Colour::Good, style.either("✓", "ok:"));
    let bad = style.paint(Colour::Bad, style.either("✗", "failed:"));
    let ended = match end {
        End::Completed => {
            let nodes = match (run.nodes_total, run.nodes_cached) {
                (0, _) => String::new(),
                (1, cached) => format!("{GAP}1 node{}", if cached > 0 { ", cached" } else { "" }),
                (total, 0) => format!("{GAP}{total} nodes"),
                (total, cached) => format!("{GAP}{total} nodes, {cached} of them cached"),
            };
            format!("{good} done in {elapsed}{}", style.paint(Colour::Dim, &nodes))
        }
        End::Interrupted => format!("{bad} interrupted after {elapsed}"),
        End::Error { node, node_type, message } => {
            let place = match (node, node_type) {
                (Some(node), _) if style.titles.contains_key(node) => format!("{}: ", style.title(node)),
                (Some(node), Some(class)) => format!("{class} ({node}): "),
                (Some(node), None) => format!("node {node}: "),
                (None, _) => String::new(),
            };
            format!("{bad} {place}{}", fit(message, MESSAGE, style.either("…", "...")))
        }
    };
    match label(run, several) {
        label if label.is_empty() => ended,
        label => format!("{}{GAP}{ended}", style.paint(Colour::Dim, &label)),
    }
}

/// A piece of a line.
struct Part {
    text: String,
    /// The lower it is, the longer the part stays as room gets scarce.
    rank: u8,
    shape: Shape,
    colour: Option<Colour>,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Whole or not at all.
    Whole,
    /// Can be cut.
    Cut,
    /// The bar, which takes what is left over; its text holds its place.
    Bar,
}

impl Part {
    fn text(rank: u8, text: String) -> Self {
        Self { text, rank, shape: Shape::Whole, colour: None }
    }

    fn cut(rank: u8, text: String) -> Self {
        Self { shape: Shape::Cut, ..Self::text(rank, text) }
    }

    fn coloured(self, colour: Colour) -> Self {
        Self { colour: Some(colour), ..self }
    }
}

/// Empties the parts that do not fit, the least important first, and cuts those that can be cut where that is enough.
/// Returns the columns that are left over.
fn keep_what_fits(parts: &mut [Part], columns: usize, ellipsis: &str) -> usize {
    let mut order: Vec<usize> = (0..parts.len()).filter(|index| !parts[*index].text.is_empty()).collect();
    order.sort_by_key(|index| parts[*index].rank);
    let mut left = columns;
    let mut cuts = Vec::new();
    for (place, index) in order.into_iter().enumerate() {
        let room = left.saturating_sub(if place > 0 { GAP.len() } else { 0 });
        let full = width(&parts[index].text);
        let needed = match parts[index].shape {
            Shape::Cut => full.min(*TITLE.end()).min(room.max(full.min(*TITLE.start()))),
            Shape::Whole | Shape::Bar => full,
        };
        if needed > room {
            parts[index].text.clear();
            continue;
        }
        left = room - needed;
        if needed < full {
            cuts.push((index, needed));
        }
    }
    for (index, given) in cuts {
        parts[index].text = fit(&parts[index].text, given + left, ellipsis);
        left = given + left - width(&parts[index].text);
    }
    left
}

/// Which run a line is about, where there are several.
fn label(run: &Run, several: bool) -> String {
    if several { one_line(&run.prompt_id).chars().take(8).collect() } else { String::new() }
}

fn bar(style: &BarStyle, size: usize, whole: f64) -> String {
    let (full, half, empty) =
        if style.unicode { ("━", "╸", if style.colour { "━" } else { "─" }) } else { ("#", "", "-") };
    let halves = (whole * size as f64 * 2.0) as usize;
    let mut filled = full.repeat(halves / 2);
    let mut used = halves / 2;
    if halves % 2 == 1 && !half.is_empty() {
        filled.push_str(half);
        used += 1;
    }
    style.paint(Colour::Live, &filled) + &style.paint(Colour::Dim, &empty.repeat(size - used))
}

fn percent(whole: f64) -> String {
    // Cut, not rounded: 100 % is for what is done.
    format!("{:>3}%", (whole * 100.0) as u32)
}

fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
