//! The pack's own nodes.

use crate::workflow::model::node::Node;

/// Whether a node is one of the pack's that broadcast.
pub(super) fn is_own(node: &Node) -> bool {
    node.class_type.starts_with("Anything Everywhere")
        || matches!(node.class_type, "Seed Everywhere" | "Prompts Everywhere")
}
