//! Senders that are restricted to nodes in a frame, outside of it, or of a colour (`use_everywhere_ui.js`).
//!
//! A frame, which the editor calls a group, holds the nodes whose centre it covers. Titles of frames are looked for in
//! the root, whichever graph the sender is in, and nodes there are found by their ids.

use crate::text::index::Index;
use crate::workflow::model::graph::{Graph, Graphs};
use crate::workflow::model::json::Json;
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::saved::SavedFrame;
use crate::workflow::model::value::Value;
use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};
use crate::workflow::packs::use_everywhere::properties::of_sender;
use crate::workflow::packs::use_everywhere::regex::Regex;

/// Where a sender sends to.
#[derive(Default)]
pub(super) struct Area<'d> {
    /// By node; `None` where frames do not matter.
    inside: Option<Vec<bool>>,
    /// The ids of the nodes in the frames that the sender names.
    named: Option<Index<'d>>,
    /// A colour, and whether it must be that one.
    color: Option<(Option<&'d str>, bool)>,
}

/// A regular expression, and whether it must not match.
pub(super) struct Pattern {
    pub regex: Regex,
    pub invert: bool,
}

impl Pattern {
    pub fn is_match(&self, text: &str, budget: &mut Budget) -> Result<bool, TooMuchWork> {
        Ok(self.regex.is_match(text, budget)? != self.invert)
    }
}

impl<'d> Area<'d> {
    pub fn of(
        graphs: &Graphs<'d>,
        at: usize,
        sender: usize,
        title: Option<&Pattern>,
        budget: &mut Budget,
    ) -> Result<Self, TooMuchWork> {
        let mut area = Area::default();
        let graph = &graphs.graphs[at];
        let node = &graph.nodes[sender];
        let restriction = |name: &str| Value::Json(of_sender(node, name)).arithmetic();
        let group = restriction("group_restricted");
        if group == 1.0 || group == 2.0 {
            let mut inside = vec![false; graph.nodes.len()];
            let center = center(node);
            budget.spend(frames(graph).len())?;
            for frame in frames(graph).iter().filter(|frame| covers(frame, center)) {
                mark(graph, frame, &mut inside, budget)?;
            }
            if group == 2.0 {
                inside.iter_mut().for_each(|inside| *inside = !*inside);
            }
            area.inside = Some(inside);
        }
        let color = restriction("color_restricted");
        if color == 1.0 {
            area.color = Some((color_of(node), true));
        } else if color == 2.0 {
            // The pack takes the colour of the root's node of that id.
            let root = &graphs.graphs[graphs.root()];
            let other = root.nodes.iter().find(|other| other.id == node.id);
            budget.spend(root.nodes.len())?;
            area.color = Some((other.and_then(color_of), false));
        }
        if let Some(title) = title {
            let root = &graphs.graphs[graphs.root()];
            let mut inside = vec![false; root.nodes.len()];
            for frame in frames(root) {
                if title.is_match(frame.title.or_empty(), budget)? {
                    mark(root, frame, &mut inside, budget)?;
                }
            }
            let ids = root.nodes.iter().zip(inside).enumerate();
            area.named =
                Some(Index::of(ids.filter(|(_, (_, inside))| *inside).map(|(at, (node, _))| (node.id, at)).collect()));
        }
        Ok(area)
    }

    pub fn is_everywhere(&self) -> bool {
        self.inside.is_none() && self.named.is_none() && self.color.is_none()
    }

    pub fn has(&self, graph: &Graph, node: usize) -> bool {
        self.inside.as_ref().is_none_or(|inside| inside[node])
            && self.named.as_ref().is_none_or(|ids| ids.first(graph.nodes[node].id).is_some())
            && self.color.is_none_or(|(color, same)| (color_of(&graph.nodes[node]) == color) == same)
    }
}

fn frames<'d>(graph: &Graph<'d>) -> &'d [SavedFrame<'d>] {
    graph.raw.map_or(&[], |raw| &raw.frames)
}

fn color_of<'d>(node: &Node<'d>) -> Option<&'d str> {
    node.raw.color.str()
}

/// Marks the nodes that a frame holds.
fn mark(graph: &Graph, frame: &SavedFrame, inside: &mut [bool], budget: &mut Budget) -> Result<(), TooMuchWork> {
    budget.spend(inside.len())?;
    for (node, inside) in graph.nodes.iter().zip(inside) {
        *inside |= covers(frame, center(node));
    }
    Ok(())
}

/// The height of the bar with the title, which is above the position of a node.
const TITLE: f64 = 30.0;

fn center(node: &Node) -> (f64, f64) {
    let [left, top] = pair(&node.raw.pos);
    let [width, height] = pair(&node.raw.size);
    let title = if matches!(node.role, Role::Reroute) { 0.0 } else { TITLE };
    if node.raw.flags.get("collapsed").truthy() {
        // About as wide as the title.
        let shown = (node.title.chars().count() as f64).mul_add(7.0, 2.0 * TITLE);
        return (left + width.min(shown) / 2.0, top - title + TITLE / 2.0);
    }
    (left + width / 2.0, top - title + (height + title) / 2.0)
}

/// Two numbers, as a list or as an object with their positions.
fn pair(saved: &Json) -> [f64; 2] {
    let at = |index: usize, key: &str| saved.items().get(index).unwrap_or(saved.get(key)).number().unwrap_or(0.0);
    [at(0, "0"), at(1, "1")]
}

fn covers(frame: &SavedFrame, (x, y): (f64, f64)) -> bool {
    let at = |index: usize| frame.bounding.items().get(index).and_then(Json::number).unwrap_or(0.0);
    let (left, top) = (at(0), at(1));
    x >= left && x < left + at(2) && y >= top && y < top + at(3)
}
