//! The graphs of a workflow as the editor holds them once a file is loaded: the root and every subgraph definition.
//!
//! Definitions are made once, however many instances there are; what differs between instances is only the values of
//! their own inputs. The order in which things happen is the editor's, because later steps see what earlier ones did:
//! definitions before their users, in each graph links, nodes and values, then promoted widgets; at last, over all
//! graphs, what the editor repairs after loading.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::ConvertError;
use super::file::{Document, LinkRow, id_text};
use super::ids;
use super::json::Json;
use super::links::{self, End, Link};
use super::node::{Input, Mode, Node, Role};
use super::object_info::{Class, ObjectInfo};
use super::{primitives, promoted, repair, settle};

/// All graphs of a workflow; the last is the root.
pub(crate) struct Graphs<'d> {
    pub graphs: Vec<Graph<'d>>,
}

/// The root or a subgraph definition.
#[derive(Default)]
pub(crate) struct Graph<'d> {
    pub nodes: Vec<Node<'d>>,
    /// Where the node is that the file calls by this id.
    pub by_id: HashMap<Cow<'d, str>, usize>,
    pub links: Vec<Link<'d>>,
    /// Where the link is that the file calls by this id.
    pub link_ids: HashMap<Cow<'d, str>, usize>,
    /// A definition's own inputs and outputs.
    pub inputs: Vec<Boundary<'d>>,
    pub outputs: Vec<Boundary<'d>>,
    /// Primitive nodes that an input has taken the place of: the input's name.
    pub replaced: HashMap<usize, Cow<'d, str>>,
    /// Made already.
    pub built: bool,
}

/// An input or output of a subgraph definition.
pub(crate) struct Boundary<'d> {
    pub name: Cow<'d, str>,
    pub ty: Cow<'d, str>,
    /// The links that lead from or to it inside, in the file's order.
    pub links: Vec<usize>,
}

impl<'d> Graphs<'d> {
    /// Loads a file.
    pub fn build(document: &Document<'d>, object_info: &'d ObjectInfo) -> Result<Self, ConvertError> {
        let mut ids = ids::assign(document);
        let mut graphs = Graphs { graphs: document.graphs.iter().map(|_| Graph::default()).collect() };
        for at in build_order(document) {
            let ids = std::mem::take(&mut ids[at]);
            let mut graph = Graph::read(document, at, ids, object_info);
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
        let mut uses: Vec<usize> = definition
            .get("nodes")
            .items()
            .iter()
            .filter_map(|node| document.definitions.get(node.get("type").str()?).copied())
            .collect();
        uses.sort_unstable();
        uses.dedup();
        waits_for[at] = uses.len();
        for used in uses {
            users[used].push(at);
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
        document: &Document<'d>,
        at: usize,
        ids: Vec<Option<Cow<'d, str>>>,
        object_info: &'d ObjectInfo,
    ) -> Graph<'d> {
        let raw = document.graphs[at];
        let mut graph = Graph::default();
        for (node, id) in raw.get("nodes").items().iter().zip(ids) {
            let Some(id) = id else {
                continue;
            };
            graph.by_id.entry(id_text(node.get("id"))).or_insert(graph.nodes.len());
            graph.nodes.push(Node::read(node, id, document, object_info));
        }
        let referenced = raw.get("nodes").items().iter().flat_map(|node| node.get("inputs").items());
        let referenced = referenced.map(|input| input.get("link")).filter(|link| !link.is_null()).map(id_text);
        let rows = raw.get("links").items().iter().filter_map(LinkRow::read);
        let is_definition = at + 1 < document.graphs.len();
        links::read(&mut graph, rows, referenced.collect(), is_definition);
        for (key, boundary) in [("inputs", true), ("outputs", false)] {
            let slots = raw.get(key).items().iter().filter(|_| is_definition).map(|slot| Boundary {
                name: slot.get("name").to_text(),
                ty: slot.get("type").to_text(),
                links: slot
                    .get("linkIds")
                    .items()
                    .iter()
                    .filter_map(|id| graph.link_ids.get(&id_text(id)).copied())
                    .collect(),
            });
            let slots: Vec<_> = slots.collect();
            *(if boundary { &mut graph.inputs } else { &mut graph.outputs }) = slots;
        }
        graph
    }

    /// Makes sockets, widgets and values of all nodes, in the file's order.
    fn make_nodes(&mut self, graphs: &Graphs<'d>) -> Result<(), ConvertError> {
        let mut ends = links::ends_by_node(self);
        for (at, ends) in ends.iter_mut().enumerate() {
            let node = &mut self.nodes[at];
            let saved = node.raw.get("inputs").items();
            match node.role {
                Role::Class(class) => {
                    node.make_inputs(class);
                    let values = node.saved_values(class);
                    let merged = node.merge_inputs(class, saved);
                    node.number_repeated_widgets();
                    links::attach(node, ends);
                    let links = &self.links;
                    let ids = &self.link_ids;
                    let exists = |link: &Json<'d>| ids.get(&id_text(link)).is_some_and(|at| !links[*at].gone);
                    node.grow_connected(&merged, exists);
                    links::follow_names_into_groups(node, ends, &self.link_ids);
                    node.restore_values(&values)?;
                    node.set_by_name();
                    node.number_repeated_widgets();
                }
                Role::Instance(definition) => {
                    let Some(definition) = graphs.graphs.get(definition) else {
                        continue;
                    };
                    let slots = definition.inputs.iter();
                    node.inputs = slots.map(|slot| Input::socket(slot.name.clone(), slot.ty.clone())).collect();
                    node.outputs = definition.outputs.iter().map(|slot| slot.ty.clone()).collect();
                    links::attach(node, ends);
                    promoted::bring_in(node, definition);
                }
                _ => {
                    node.inputs = saved.iter().map(saved_input).collect();
                    node.outputs =
                        node.raw.get("outputs").items().iter().map(|out| out.get("type").to_text()).collect();
                    if matches!(node.role, Role::Reroute) {
                        if node.inputs.is_empty() {
                            node.inputs.push(Input::socket(Cow::Borrowed(""), Cow::Borrowed("*")));
                        }
                        if node.outputs.is_empty() {
                            node.outputs.push(Cow::Borrowed("*"));
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

/// A socket that the file has and the class has not.
fn saved_input<'d>(saved: &'d Json<'d>) -> Input<'d> {
    let name = match saved.get("name") {
        Json::Null => Cow::Borrowed(""),
        name => name.to_text(),
    };
    let widget = saved.get("widget").get("name");
    Input { widget: widget.str().map(Cow::Borrowed), ..Input::socket(name, saved.get("type").to_text()) }
}

impl<'d> Node<'d> {
    fn read(raw: &'d Json<'d>, id: Cow<'d, str>, document: &Document<'d>, object_info: &'d ObjectInfo) -> Node<'d> {
        let class_type = raw.get("type").str().unwrap_or("");
        let role = match class_type {
            _ if document.definitions.contains_key(class_type) => Role::Instance(document.definitions[class_type]),
            "Reroute" => Role::Reroute,
            "PrimitiveNode" => Role::Primitive,
            "Note" | "MarkdownNote" => Role::Virtual,
            _ => match object_info.class(class_type) {
                Some(class) if !class.broken => Role::Class(class),
                Some(_) => Role::Unknown,
                None => super::virtual_nodes::role(class_type),
            },
        };
        let mode = match raw.get("mode").index() {
            Some(2) => Mode::Muted,
            Some(4) => Mode::Bypassed,
            _ => Mode::Active,
        };
        let title = raw.get("title").str().filter(|title| !title.is_empty()).unwrap_or(match role {
            Role::Class(class) => &class.title,
            Role::Instance(definition) => document.graphs[definition].get("name").str().unwrap_or(class_type),
            _ => class_type,
        });
        Node { mode, ..Node::new(raw, id, class_type, title, role) }
    }

    /// Brings together the sockets of the class and those of the file: the class's come first and keep their type, the
    /// file's others follow. Gives, for each socket, the link that the file names for it.
    pub fn merge_inputs(&mut self, class: &Class, saved: &'d [Json<'d>]) -> Vec<&'d Json<'d>> {
        let mut by_name: HashMap<&str, &'d Json<'d>> = HashMap::with_capacity(saved.len());
        for input in saved {
            if let Some(name) = input.get("name").str() {
                by_name.insert(name, input);
            }
        }
        let mut links: Vec<&Json> = Vec::with_capacity(saved.len());
        for input in &mut self.inputs {
            input.known = class.inputs.iter().any(|spec| spec.name == input.name);
            links.push(by_name.get(&*input.name).map_or(&super::json::NULL, |saved| saved.get("link")));
            by_name.remove(&*input.name);
        }
        for input in saved {
            let extra = match input.get("name").str() {
                Some(name) => by_name.contains_key(name),
                None => true,
            };
            if extra {
                self.inputs.push(saved_input(input));
                links.push(input.get("link"));
            }
        }
        // The file's outputs beyond those of the class stay.
        let outputs = self.raw.get("outputs").items().iter().skip(self.outputs.len());
        self.outputs.extend(outputs.map(|output| output.get("type").to_text()));
        links
    }

    /// Values that a group node had for this node.
    fn set_by_name(&mut self) {
        for (name, value) in self.raw.get(super::group_nodes::VALUES).pairs() {
            if let Some(at) = self.widget_named(name) {
                self.set_widget(at, Cow::Borrowed(value));
            }
        }
    }

    /// Autogrow groups grow behind every input that the file says is connected.
    fn grow_connected(&mut self, links: &[&Json<'d>], exists: impl Fn(&Json<'d>) -> bool) {
        if self.grown.is_empty() {
            return;
        }
        let mut at = 0;
        while at < self.inputs.len() {
            if links.get(at).is_some_and(|link| !link.is_null() && exists(link)) {
                self.connected(at);
            }
            at += 1;
        }
    }
}
