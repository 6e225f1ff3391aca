//! Makes the graphs of a file in the order of the editor, because later steps depend on earlier ones: definitions
//! before their users; in each graph links, nodes and values, then promoted widgets; at last, over all graphs, what the
//! editor repairs after loading.

use crate::text::index::Index;
use crate::workflow::load::file::{Document, id_text};
use crate::workflow::load::ids;
use crate::workflow::load::links;
use crate::workflow::load::promoted;
use crate::workflow::load::proxy_widgets;
use crate::workflow::load::repair;
use crate::workflow::load::sockets::saved_input;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::error::{ConvertError, has_definition};
use crate::workflow::model::graph::{Boundary, Graph, Graphs};
use crate::workflow::model::json::Json;
use crate::workflow::model::link::End;
use crate::workflow::model::node::{Input, Mode, Node, Role};
use crate::workflow::model::object_info::ObjectInfo;
use crate::workflow::model::saved::{SavedNode, SavedSlot};
use crate::workflow::model::value::Value;
use crate::workflow::packs::{self, fallback};

/// The most inputs and widgets that all nodes of a file may have: every instance has those of its definition.
const MAX_SOCKETS: usize = 2_000_000;
/// The longest id of a node, in bytes: ids are repeated wherever a node is named.
const MAX_ID: usize = 256;

/// Makes all graphs of a file.
pub(crate) fn graphs<'d>(
    document: &Document<'d>,
    object_info: &'d ObjectInfo,
    arena: &'d Arena,
) -> Result<Graphs<'d>, ConvertError> {
    let (ids, _) = ids::assign(document, arena);
    let mut graphs = Graphs { arena, graphs: Vec::new(), notes: Vec::new() };
    graphs.graphs.resize_with(document.graphs.len(), Graph::default);
    if ids.iter().flatten().flatten().any(|id| id.len() > MAX_ID) {
        return Err(ConvertError::TooLarge("the id of a node is longer than 256 bytes"));
    }
    let mut sockets = 0;
    for at in build_order(document) {
        let mut graph = Graph::default();
        graph.read(document, at, &ids[at], object_info, arena);
        graph.make_nodes(&graphs, &mut sockets)?;
        links::follow_names(&mut graph);
        graph.note_targets();
        graph.built = true;
        graphs.graphs[at] = graph;
        proxy_widgets::migrate_all(&mut graphs, at);
    }
    for graph in &mut graphs.graphs {
        repair::drop_widgetless_inputs(graph);
        repair::repair_values(graph);
        graph.note_targets();
    }
    Ok(graphs)
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
        arena: &'d Arena,
    ) {
        let raw = document.graphs[at];
        self.raw = Some(raw);
        let mut by_id = Vec::new();
        for (node, id) in raw.nodes.iter().zip(ids) {
            if let Some(id) = id {
                by_id.push((id_text(&node.id, arena), self.nodes.len()));
                self.nodes.push(read_node(node, id, document, object_info, arena));
            }
        }
        self.by_id = Index::of(by_id);
        let is_definition = at + 1 < document.graphs.len();
        links::read(self, raw, is_definition, arena);
        if is_definition {
            self.inputs = self.boundaries(&raw.inputs, arena);
            self.outputs = self.boundaries(&raw.outputs, arena);
        }
    }

    fn boundaries(&self, slots: &'d [SavedSlot<'d>], arena: &'d Arena) -> Vec<Boundary<'d>> {
        let boundary = |slot: &'d SavedSlot<'d>| Boundary {
            name: slot.name.str().unwrap_or("null"),
            label: slot.label.or_empty(),
            ty: slot.ty.text(arena),
            links: slot.link_ids.iter().filter_map(|id| self.link_ids.first(id_text(id, arena))).collect(),
        };
        slots.iter().map(boundary).collect()
    }

    /// Makes sockets, widgets and values of all nodes, in the file's order.
    fn make_nodes(&mut self, graphs: &Graphs<'d>, sockets: &mut usize) -> Result<(), ConvertError> {
        let mut ends = links::ends_by_node(self);
        for (node, ends) in self.nodes.iter_mut().zip(&mut ends) {
            match node.role {
                Role::Class(class) => {
                    let pack = packs::for_class(node.class_type);
                    node.make_inputs(class, &fallback::custom_widgets(node));
                    match pack {
                        Some(pack) => pack.make_widgets(node),
                        None => fallback::add_named_widgets(node),
                    }
                    let values = node.saved_values(class, pack);
                    let saved_links = node.merge_inputs(class);
                    node.number_repeated_widgets();
                    links::attach(node, ends);
                    grow_connected(node, &saved_links, &self.link_ids);
                    links::follow_into_groups(node, ends, &self.link_ids);
                    node.restore_values(&values)?;
                    if let Some(pack) = pack {
                        pack.configure(node);
                    }
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
                        node.inputs.push(saved_input(input, node.arena));
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
            *sockets += node.inputs.len() + node.widgets.len();
            if *sockets > MAX_SOCKETS {
                return Err(ConvertError::TooLarge("the nodes have more than 2,000,000 inputs"));
            }
        }
        Ok(())
    }

    /// Records at which input each link ends.
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
    arena: &'d Arena,
) -> Node<'d> {
    let class_type = raw.class_type.or_empty();
    let role = match (document.definitions.first(class_type), class_type) {
        (Some(definition), _) => Role::Instance(definition),
        (None, "Reroute") => Role::Reroute,
        (None, "PrimitiveNode") => Role::Primitive,
        (None, "Note" | "MarkdownNote") => Role::Virtual,
        _ => packs::role(class_type).unwrap_or_else(|| match object_info.class(class_type) {
            Some(class) if !class.broken => Role::Class(class),
            None if is_label(raw, class_type) => Role::Virtual,
            _ => Role::Unknown,
        }),
    };
    let title = match role {
        _ if raw.title.truthy() => raw.title.text(arena),
        Role::Class(class) => &class.title,
        Role::Instance(definition) => document.graphs[definition].name.str().unwrap_or(class_type),
        _ => class_type,
    };
    let mut node = Node::new(arena, raw, id, class_type, title, role);
    node.mode = match raw.mode.index() {
        Some(2) => Mode::Muted,
        Some(4) => Mode::Bypassed,
        _ => Mode::Active,
    };
    node
}

/// Whether a node of an unknown type is a label or a picture that a pack draws: a node that takes part in a prompt has an
/// input or an output. What is inside of a subgraph or group node without a definition is not known. Files that are written
/// by hand, without positions, may leave the sockets out.
fn is_label(raw: &SavedNode, class_type: &str) -> bool {
    raw.inputs.is_empty() && raw.outputs.is_empty() && !raw.pos.is_null() && !has_definition(class_type)
}

/// Autogrow groups grow behind every input that the file says is connected.
fn grow_connected<'d>(node: &mut Node<'d>, saved_links: &[&'d Json<'d>], link_ids: &Index<'d>) {
    if node.grown.is_empty() {
        return;
    }
    let mut at = 0;
    while at < node.inputs.len() {
        let link = saved_links.get(at).filter(|link| !link.is_null());
        if link.is_some_and(|link| link_ids.first(id_text(link, node.arena)).is_some()) {
            node.connected(at);
        }
        at += 1;
    }
}
