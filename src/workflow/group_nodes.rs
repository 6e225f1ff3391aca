//! Group nodes.

use super::json::Json;

/// Turns group nodes into subgraphs.
pub(crate) fn expand(_root: &mut Json) {}
