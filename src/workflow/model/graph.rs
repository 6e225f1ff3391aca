//! The graphs of a workflow as the editor holds them once a file is loaded: the root and every subgraph definition.
//!
//! Definitions are made once, however many instances there are; what differs between instances is only the values of
//! their own inputs. The order in which things happen is the editor's, because later steps see what earlier ones did:
//! definitions before their users, in each graph links, nodes and values, then promoted widgets; at last, over all
//! graphs, what the editor repairs after loading.

use crate::text::index::Index;
use crate::workflow::export::primitives;
use crate::workflow::export::virtual_nodes;
use crate::workflow::load::file::{Document, id_text};
use crate::workflow::load::links::{self, End, Link};
use crate::workflow::load::promoted;
use crate::workflow::load::repair;
use crate::workflow::load::settle;
use crate::workflow::model::arena::Pen;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::ids;
use crate::workflow::model::json::Json;
use crate::workflow::model::node::{Input, Mode, Node, Role, saved_input};
use crate::workflow::model::object_info::ObjectInfo;
use crate::workflow::model::saved::{SavedNode, SavedSlot};
use crate::workflow::model::value::Value;

/// All graphs of a workflow; the last is the root.
pub(crate) struct Graphs<'d> {
    pub pen: &'d Pen<'d>,
    pub graphs: Vec<Graph<'d>>,
}

/// The root or a subgraph definition.
#[derive(Default)]
pub(crate) struct Graph<'d> {
    pub nodes: Vec<Node<'d>>,
    /// Where the node is that the file calls by this id.
    pub by_id: Index<'d>,
    pub links: Vec<Link<'d>>,
    /// Where the link is that the file calls by this id.
    pub link_ids: Index<'d>,
    /// A definition's own inputs and outputs.
    pub inputs: Vec<Boundary<'d>>,
    pub outputs: Vec<Boundary<'d>>,
    /// Primitive nodes that an input has taken the place of: node and name of the input.
    pub replaced: Vec<(usize, &'d str)>,
    /// Names of inputs that were asked for again, with the last number that kept them apart.
    pub numbers: Vec<(&'d str, usize)>,
    /// Made already.
    pub built: bool,
}

/// An input or output of a subgraph definition.
pub(crate) struct Boundary<'d> {
    pub name: &'d str,
    pub ty: &'d str,
    /// The links that lead from or to it inside, in the file's order.
    pub links: Vec<usize>,
}

impl<'d> Graphs<'d> {
    /// Loads a file.
    pub fn build(document: &Document<'d>, object_info: &'d ObjectInfo, pen: &'d Pen<'d>) -> Result<Self, ConvertError> {
        let (ids, _) = ids::assign(document, pen);
        let mut graphs = Graphs { pen, graphs: Vec::new() };
        graphs.graphs.resize_with(document.graphs.len(), Graph::default);
        for at in build_order(document) {
            let mut graph = Graph::default();
            graph.read(document, at, &ids[at], object_info, pen);
            graph.make_nodes(&graphs)?;
            links::follow_names(&mut graph);
            graph.note_targets();
            graph.built = true;
            graphs.graphs[at] = graph;
            promoted::migrate_proxies(&mut graphs, at);
        }
        for graph in &mut graphs.graphs {
            repair::drop_widgetless_inputs(graph);
            repair::repair_values(graph);
            graph.note_targets();
        }
        primitives::push_values(&mut graphs);
        settle::types(&mut graphs);
        Ok(graphs)
    }

    pub fn root(&self) -> usize {
        self.graphs.len() - 1
    }
}

/// Definitions whose instances others hold come first; where definitions hold each other in a circle, the order of the
/// file. The root is last.
fn build_order(document: &Document) -> Vec<usize> {
    let count = document.graphs.len() - 1;
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waits_for = vec![0usize; count];
    for (at, definition) in document.graphs[..count].iter().enumerate() {
        for node in definition.nodes.iter() {
            if let Some(used) = node.class_type.str().and_then(|ty| document.definitions.first(ty)) {
                waits_for[at] += 1;
                users[used].push(at);
            }
        }
    }
    let mut order: Vec<usize> = (0..count).filter(|at| waits_for[*at] == 0).collect();
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        for user in &users[at] {
            waits_for[*user] -= 1;
            if waits_for[*user] == 0 {
                order.push(*user);
            }
        }
    }
    if order.len() < count {
        order = (0..count).collect();
    }
    order.push(count);
    order
}

impl<'d> Graph<'d> {
    /// Reads nodes, links and boundaries, with the links where the table says they end.
    fn read(
        &mut self,
        document: &Document<'d>,
        at: usize,
        ids: &[Option<&'d str>],
        object_info: &'d ObjectInfo,
        pen: &'d Pen<'d>,
    ) {
        let raw = document.graphs[at];
        let mut by_id = Vec::new();
        for (node, id) in raw.nodes.iter().zip(ids) {
            if let Some(id) = id {
                by_id.push((id_text(&node.id, pen), self.nodes.len()));
                self.nodes.push(read_node(node, id, document, object_info, pen));
            }
        }
        self.by_id = Index::of(by_id);
        let is_definition = at + 1 < document.graphs.len();
        links::read(self, raw, is_definition, pen);
        if is_definition {
            self.inputs = self.boundaries(&raw.inputs, pen);
            self.outputs = self.boundaries(&raw.outputs, pen);
        }
    }

    fn boundaries(&self, slots: &'d [SavedSlot<'d>], pen: &Pen<'d>) -> Vec<Boundary<'d>> {
        let boundary = |slot: &'d SavedSlot<'d>| Boundary {
            name: slot.name.str().unwrap_or("null"),
            ty: slot.ty.text(pen),
            links: slot.link_ids.iter().filter_map(|id| self.link_ids.first(id_text(id, pen))).collect(),
        };
        slots.iter().map(boundary).collect()
    }

    /// Makes sockets, widgets and values of all nodes, in the file's order.
    fn make_nodes(&mut self, graphs: &Graphs<'d>) -> Result<(), ConvertError> {
        let mut ends = links::ends_by_node(self);
        for (node, ends) in self.nodes.iter_mut().zip(&mut ends) {
            match node.role {
                Role::Class(class) => {
                    node.make_inputs(class);
                    let values = node.saved_values(class);
                    let saved_links = node.merge_inputs(class);
                    node.number_repeated_widgets();
                    links::attach(node, ends);
                    grow_connected(node, &saved_links, &self.link_ids);
                    links::follow_into_groups(node, ends, &self.link_ids);
                    node.restore_values(&values)?;
                    for (name, value) in &node.raw.given {
                        if let Some(at) = node.widget_named(name) {
                            node.set_widget(at, Value::Json(value));
                        }
                    }
                    node.number_repeated_widgets();
                }
                Role::Instance(definition) => {
                    let Some(definition) = graphs.graphs.get(definition) else {
                        continue;
                    };
                    for slot in &definition.inputs {
                        node.inputs.push(Input::socket(slot.name, slot.ty));
                    }
                    for slot in &definition.outputs {
                        node.outputs.push(slot.ty);
                    }
                    links::attach(node, ends);
                    promoted::bring_in(node, definition);
                }
                _ => {
                    for input in node.raw.inputs.iter() {
                        node.inputs.push(saved_input(input, node.pen));
                    }
                    node.take_saved_outputs();
                    if matches!(node.role, Role::Reroute) {
                        if node.inputs.is_empty() {
                            node.inputs.push(Input::socket("", "*"));
                        }
                        if node.outputs.is_empty() {
                            node.outputs.push("*");
                        }
                    }
                    links::attach(node, ends);
                }
            }
        }
        Ok(())
    }

    /// Writes down at which input each link ends.
    pub fn note_targets(&mut self) {
        for link in &mut self.links {
            if matches!(link.target, End::Node(_)) {
                link.target_slot = None;
            }
        }
        for node in &self.nodes {
            for (slot, input) in node.inputs.iter().enumerate() {
                if let Some(link) = input.link {
                    self.links[link].target_slot = Some(slot);
                }
            }
        }
    }
}

fn read_node<'d>(
    raw: &'d SavedNode<'d>,
    id: &'d str,
    document: &Document<'d>,
    object_info: &'d ObjectInfo,
    pen: &'d Pen<'d>,
) -> Node<'d> {
    let class_type = raw.class_type.or_empty();
    let role = match (document.definitions.first(class_type), class_type) {
        (Some(definition), _) => Role::Instance(definition),
        (None, "Reroute") => Role::Reroute,
        (None, "PrimitiveNode") => Role::Primitive,
        (None, "Note" | "MarkdownNote") => Role::Virtual,
        _ => match object_info.class(class_type) {
            Some(class) if !class.broken => Role::Class(class),
            Some(_) => Role::Unknown,
            None => virtual_nodes::role(class_type),
        },
    };
    let title = match role {
        _ if raw.title.truthy() => raw.title.text(pen),
        Role::Class(class) => &class.title,
        Role::Instance(definition) => document.graphs[definition].name.str().unwrap_or(class_type),
        _ => class_type,
    };
    let mut node = Node::new(pen, raw, id, class_type, title, role);
    node.mode = match raw.mode.index() {
        Some(2) => Mode::Muted,
        Some(4) => Mode::Bypassed,
        _ => Mode::Active,
    };
    node
}

/// Autogrow groups grow behind every input that the file says is connected.
fn grow_connected<'d>(node: &mut Node<'d>, saved_links: &[&'d Json<'d>], link_ids: &Index<'d>) {
    if node.grown.is_empty() {
        return;
    }
    let mut at = 0;
    while at < node.inputs.len() {
        let link = saved_links.get(at).filter(|link| !link.is_null());
        if link.is_some_and(|link| link_ids.first(id_text(link, node.pen)).is_some()) {
            node.connected(at);
        }
        at += 1;
    }
}
