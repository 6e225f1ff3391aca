//! What a node could send: its outputs, or what its inputs are linked to.

use crate::text::index::sorted;
use crate::workflow::model::graph::Graph;
use crate::workflow::model::link::{End, Link};
use crate::workflow::model::node::{Input, Mode, Node};
use crate::workflow::model::saved::SavedSlot;
use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};
use crate::workflow::packs::use_everywhere::properties::of_sender;

/// Something that a node could send: where it comes from, its type, and the name that the node has for it.
pub(super) struct Source<'d> {
    pub origin: End,
    pub slot: usize,
    pub ty: &'d str,
    pub name: &'d str,
}

/// Everything that a node could send.
pub(super) fn sources<'d>(graph: &Graph<'d>, at: usize, budget: &mut Budget) -> Result<Vec<Source<'d>>, TooMuchWork> {
    let node = &graph.nodes[at];
    if is_seed(node) {
        return Ok(vec![Source { origin: End::Node(at), slot: 0, ty: "INT", name: "" }]);
    }
    let mut sources = Vec::new();
    if node.property("ue_convert").truthy() {
        let refused = of_sender(node, "output_not_broadcasting");
        for (slot, ty) in node.outputs.iter().enumerate() {
            budget.spend(1 + refused.pairs().len())?;
            let saved = node.raw.outputs.get(slot);
            let name = saved.map_or(*ty, |saved| saved.name.or_empty());
            if !refused.get(name).truthy() {
                let label = saved.and_then(|saved| saved.label.str()).filter(|label| !label.is_empty());
                sources.push(Source { origin: End::Node(at), slot, ty, name: label.unwrap_or(name) });
            }
        }
        return Ok(sources);
    }
    for (slot, input) in node.inputs.iter().enumerate() {
        let Some(link) = input.link.and_then(|link| through_bypassed(graph, &graph.links[link])) else { continue };
        budget.spend(1)?;
        let Some(origin_slot) = link.origin_slot.index() else { continue };
        let prompts = ["positive", "negative"].get(slot).filter(|_| node.class_type == "Prompts Everywhere");
        let label = saved_label(node, slot, input.name);
        let name = prompts.copied().or(label).unwrap_or(input.name);
        sources.push(Source { origin: link.origin, slot: origin_slot, ty: link.ty, name });
    }
    Ok(sources)
}

/// The label of an input of the pack's nodes. Their inputs seldom move.
fn saved_label<'d>(node: &Node<'d>, slot: usize, name: &str) -> Option<&'d str> {
    let is_named = |saved: &&SavedSlot| saved.name.or_empty() == name;
    let saved = node.raw.inputs.get(slot).filter(is_named).or_else(|| node.raw.inputs.iter().find(is_named));
    saved?.label.str().filter(|label| !label.is_empty())
}

/// Follows a link through bypassed nodes by its type, to where something comes from.
fn through_bypassed<'g, 'd>(graph: &'g Graph<'d>, first: &'g Link<'d>) -> Option<&'g Link<'d>> {
    let mut link = first;
    // No more often than there are nodes: links can go in a circle.
    for _ in 0..=graph.nodes.len() {
        let End::Node(origin) = link.origin else { return Some(link) };
        let node = &graph.nodes[origin];
        if node.mode != Mode::Bypassed {
            return Some(link);
        }
        let fits = |input: &&Input| input.ty == first.ty;
        let same = link.origin_slot.index().and_then(|slot| node.inputs.get(slot)).filter(fits);
        let input = same.or_else(|| node.inputs.iter().find(fits))?;
        link = &graph.links[input.link?];
    }
    None
}

/// For each of what a node sends, whether there is another of its type.
pub(super) fn repeated(sources: &[Source]) -> Vec<bool> {
    let mut repeated = vec![false; sources.len()];
    let order = sorted(sources.len(), &|a, b| sources[a].ty < sources[b].ty);
    for pair in order.windows(2).filter(|pair| sources[pair[0]].ty == sources[pair[1]].ty) {
        pair.iter().for_each(|at| repeated[*at] = true);
    }
    repeated
}

pub(super) fn is_seed(node: &Node) -> bool {
    node.class_type == "Seed Everywhere" || of_sender(node, "seed_inputs").truthy()
}
