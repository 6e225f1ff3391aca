//! The properties of nodes, as they are once a file is loaded (`setup_ue_properties_onload`, `convert_if_pre_116`).
//!
//! Files from before 7.0 have no `version` among them. A node of the pack then has its regular expressions in
//! `widgets_values[0..3]` and its restrictions among the properties of the node itself. Of other nodes only the table of
//! widgets counts.

use crate::workflow::model::json::{self, Json};
use crate::workflow::model::node::{Mode, Node};
use crate::workflow::packs::use_everywhere::nodes::is_own;

/// Whether a node sends anything.
pub(super) fn broadcasts(node: &Node) -> bool {
    node.mode == Mode::Active && (is_own(node) || node.property("ue_convert").truthy())
}

fn table<'d>(node: &Node<'d>) -> &'d Json<'d> {
    node.property("ue_properties")
}

/// Whether the properties are of version 7.0 or later: the pack compares only how many numbers there are.
fn is_current(node: &Node) -> bool {
    let version = table(node).get("version");
    version.str().is_some_and(|version| version.contains('.')) || version.number() == Some(7.0)
}

/// A property of a node that sends.
pub(super) fn of_sender<'d>(node: &Node<'d>, name: &str) -> &'d Json<'d> {
    if !is_own(node) || is_current(node) {
        return table(node).get(name);
    }
    let widget = |at: usize| node.raw.values.items().get(at).unwrap_or(&json::NULL);
    match name {
        "title_regex" => widget(0),
        "input_regex" => widget(1),
        "group_regex" => widget(2),
        "group_restricted" | "color_restricted" => node.property(name),
        _ => &json::NULL,
    }
}

/// Which inputs of a node may receive.
pub(super) struct Connectable<'d> {
    /// `None` where every widget that the file lists as an input may.
    widgets: Option<&'d Json<'d>>,
    refused: &'d Json<'d>,
}

impl<'d> Connectable<'d> {
    /// `None` where the node takes nothing at all.
    pub fn of(node: &Node<'d>, is_root: bool) -> Option<Self> {
        if node.property("rejects_ue_links").truthy() {
            return None;
        }
        let (own, older) = (table(node).get("widget_ue_connectable"), node.property("widget_ue_connectable"));
        let is_current = is_current(node);
        let widgets = match (own.truthy(), older.truthy()) {
            (true, _) => Some(own),
            (false, true) => Some(if is_current { own } else { older }),
            // The pack looks through the nodes of the root only.
            (false, false) => {
                if is_root {
                    None
                } else {
                    Some(&json::NULL)
                }
            }
        };
        let refused = if is_current { table(node).get("input_ue_unconnectable") } else { &json::NULL };
        Some(Connectable { widgets, refused })
    }

    /// How many entries are looked through for an input.
    pub fn entries(&self) -> usize {
        self.widgets.map_or(0, |widgets| widgets.pairs().len()) + self.refused.pairs().len()
    }

    pub fn widget(&self, name: &str, is_listed: bool) -> bool {
        self.widgets.map_or(is_listed, |widgets| widgets.get(name).truthy())
    }

    pub fn socket(&self, name: &str) -> bool {
        !self.refused.get(name).truthy()
    }
}
