//! Nodes whose class the server does not have.

use crate::text::index::Index;
use crate::workflow::export::dropped;
use crate::workflow::export::expand::{Expansion, NodeRef};
use crate::workflow::model::error::{ConvertError, UnknownType};
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::node::Node;
use crate::workflow::packs;

/// Fails where a node that the prompt needs is of such a class.
pub(crate) fn refuse(graphs: &Graphs, expansion: &Expansion) -> Result<(), ConvertError> {
    let places = expansion.order.iter().map(|place| (*place, expansion.node(graphs, *place)));
    let unknown: Vec<(NodeRef, &Node)> =
        places.filter(|(_, node)| dropped::reason(node) == Some(dropped::Reason::UnknownType)).collect();
    let index = Index::new(unknown.iter().map(|(_, node)| node.class_type));
    let mut types: Vec<UnknownType> = Vec::new();
    for (at, (_, node)) in unknown.iter().enumerate() {
        let alike = index.all(node.class_type);
        if alike.first().is_some_and(|(_, first)| *first == at) {
            let nodes = alike.iter().map(|(_, at)| expansion.id(graphs, unknown[*at].0)).collect();
            let core = |node: &Node| node.property("cnr_id").str() == Some("comfy-core");
            let pack_of = |node| if core(node) { Some("comfy-core") } else { packs::pack_of(node) };
            let pack = alike.iter().find_map(|(_, at)| pack_of(unknown[*at].1)).map(str::to_owned);
            types.push(UnknownType { class_type: node.class_type.to_owned(), pack, nodes });
        }
    }
    if types.is_empty() { Ok(()) } else { Err(ConvertError::UnknownTypes(types)) }
}
