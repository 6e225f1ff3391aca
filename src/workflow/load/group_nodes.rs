//! Group nodes, the predecessors of subgraphs (rule G).
//!
//! `extra.groupNodes` has for each group its nodes, the links between them by position, and the outputs that also lead
//! outside. A node of type `workflow>NAME`, or `workflow/NAME` in older files, is an instance: it shows the widgets and
//! the unlinked sockets of all nodes of the group, by names that a prefix keeps apart where two would be the same. The
//! editor replaces each instance at the root by an instance of a new subgraph whose nodes are those of the group, with
//! the instance's values; their ids and then its own are the next that are free. Whether the instance was muted or
//! bypassed is lost, and so are the values of primitive nodes inside.

use crate::text::index::{Index, Name};
use crate::workflow::load::file::{self, Document, LinkRow, id_text};
use crate::workflow::load::group_class::{Group, Inside};
use crate::workflow::load::ids::{self, Ids};
use crate::workflow::load::links;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::error::{ConvertError, UnknownType};
use crate::workflow::model::json::Json;
use crate::workflow::model::lenient::{Entries, List, Text};
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::object_info::ObjectInfo;
use crate::workflow::model::saved::{SavedGraph, SavedGroup, SavedLink, SavedNode, SavedSlot};
use crate::workflow::model::value::Value;

/// Replaces the instances of group nodes at the root, which was read from `workflow`, by instances of subgraphs.
pub(crate) fn expand<'d>(
    root: &mut SavedGraph<'d>,
    workflow: &'d str,
    object_info: &ObjectInfo,
    arena: &'d Arena,
) -> Result<(), ConvertError> {
    let groups = std::mem::take(&mut root.extra.group_nodes);
    let instances = instances(root, &groups, object_info);
    if !instances.is_empty() {
        // The file as it is decides which ids are free; what is made here takes only free ones.
        let before = file::read(workflow, arena)?;
        let before_arena = Arena::default();
        let mut expander = Expander::new(&before, object_info, &before_arena, arena);
        let mut made = 0;
        for at in instances {
            if let Some((name, group)) = group_of(&before.nodes[at], &groups) {
                made += group.nodes.iter().map(weight).sum::<usize>();
                if made > MAX_MADE || arena.size() > MAX_TEXTS {
                    return Err(ConvertError::TooLarge("the group nodes come to more than any workflow has"));
                }
                expander.expand(root, at, name, group);
            }
        }
    }
    root.extra.group_nodes = groups;
    Ok(())
}

/// The most values that all nodes of all group nodes may have: each instance has its own.
const MAX_MADE: usize = 2_000_000;
/// The most that the texts of a conversion may take by then, in bytes.
const MAX_TEXTS: usize = 128_000_000;
/// Beyond the slots of all nodes.
const FAR_SLOT: usize = 65_535;
/// More nodes or links than any group has: such a group is not made.
const MAX_INSIDE: usize = 1000;

/// How many values a node has.
fn weight(node: &SavedNode) -> usize {
    fn values(json: &Json) -> usize {
        let inside: usize = match json {
            Json::Array(items) => items.iter().map(values).sum(),
            Json::Object(pairs) => pairs.iter().map(|(_, value)| values(value)).sum(),
            _ => 0,
        };
        1 + inside
    }
    let slots = 8 * (node.inputs.len() + node.outputs.len());
    8 + slots + values(&node.values) + values(&node.named_values) + values(&node.properties)
}

/// The groups of a file.
type Groups<'d> = Entries<'d, SavedGroup<'d>>;

/// The name of the group that a type is an instance of.
fn group_name(class_type: &str) -> Option<&str> {
    class_type.strip_prefix("workflow>").or_else(|| class_type.strip_prefix("workflow/"))
}

/// The group that a node is an instance of.
fn group_of<'n, 'd>(node: &'n SavedNode, groups: &'n Groups<'d>) -> Option<(&'n str, &'n SavedGroup<'d>)> {
    let name = group_name(node.class_type.str()?)?;
    Some((name, groups.get(name)?))
}

/// The type of an inner node that cannot be made.
fn unknown_type<'n>(node: &'n SavedNode, object_info: &ObjectInfo) -> Option<&'n str> {
    match node.class_type.or_empty() {
        "Reroute" | "PrimitiveNode" | "Note" | "MarkdownNote" => None,
        class_type => (!object_info.has(class_type)).then_some(class_type),
    }
}

/// Positions of the instances at the root whose groups can be made.
fn instances(root: &SavedGraph, groups: &Groups, object_info: &ObjectInfo) -> Vec<usize> {
    let can_be_made = |node: &SavedNode| {
        let nodes = group_of(node, groups).map_or(&[][..], |(_, group)| &group.nodes);
        let is_small =
            group_of(node, groups).is_some_and(|(_, group)| group.links.len().max(nodes.len()) <= MAX_INSIDE);
        !nodes.is_empty() && is_small && nodes.iter().all(|node| unknown_type(node, object_info).is_none())
    };
    root.nodes.iter().enumerate().filter(|(_, node)| can_be_made(node)).map(|(at, _)| at).collect()
}

/// Puts the unknown types inside of group nodes in the place of the group nodes.
pub(crate) fn name_inner(types: Vec<UnknownType>, root: &SavedGraph, object_info: &ObjectInfo) -> Vec<UnknownType> {
    let mut named: Vec<UnknownType> = Vec::new();
    for group in types {
        let saved = group_name(&group.class_type).and_then(|name| root.extra.group_nodes.get(name));
        let nodes = saved.map_or(&[][..], |saved| &saved.nodes);
        if nodes.is_empty() || nodes.len() > MAX_INSIDE {
            named.push(group);
            continue;
        }
        for class_type in nodes.iter().filter_map(|node| unknown_type(node, object_info)) {
            match named.iter_mut().find(|known| known.class_type == class_type) {
                Some(known) if known.nodes.last() == group.nodes.last() => {}
                Some(known) => known.nodes.extend_from_slice(&group.nodes),
                None => named.push(UnknownType {
                    class_type: class_type.to_owned(),
                    pack: None,
                    nodes: group.nodes.clone(),
                }),
            }
        }
    }
    named
}

/// Makes subgraphs of group nodes.
struct Expander<'b, 'd> {
    object_info: &'b ObjectInfo,
    /// The root as the file has it.
    before: &'b SavedGraph<'d>,
    rows: Vec<LinkRow<'b>>,
    link_ids: Index<'b>,
    /// The links that end at a node, and those that begin at one.
    by_target: Index<'b>,
    by_origin: Index<'b>,
    ids: Ids<'b>,
    arena: &'b Arena,
    /// Holds the texts of what is made.
    new: &'d Arena,
}

fn text<'d>(text: &str) -> Json<'d> {
    Json::String(text.to_owned().into())
}

fn name<'d>(name: &str) -> Text<'d> {
    Text(Some(name.to_owned().into()))
}

impl<'b, 'd> Expander<'b, 'd> {
    fn new(before: &'b SavedGraph<'d>, object_info: &'b ObjectInfo, arena: &'b Arena, new: &'d Arena) -> Self {
        let rows: Vec<LinkRow> = before.links.iter().map(|row| LinkRow::new(row, arena)).collect();
        Expander {
            object_info,
            before,
            link_ids: Index::new(rows.iter().map(|row| row.id)),
            by_target: Index::new(rows.iter().map(|row| row.target)),
            by_origin: Index::new(rows.iter().map(|row| row.origin)),
            rows,
            ids: ids::assign(&Document::new(before), arena).1,
            arena,
            new,
        }
    }

    fn number(&self, number: usize) -> Json<'d> {
        Json::Number(self.new.number(number))
    }

    /// A link inside of the definition that is made.
    fn link(&self, links: &mut Vec<SavedLink<'d>>, from: (&str, usize), to: (&str, usize)) -> Json<'d> {
        let id = text(&["inner ", &links.len().to_string()].concat());
        links.push(SavedLink {
            id: id.clone(),
            origin: text(from.0),
            origin_slot: self.number(from.1),
            target: text(to.0),
            target_slot: self.number(to.1),
            ty: Text::default(),
        });
        id
    }

    /// Puts an instance of a new definition in the place of a group node, also in the links.
    fn expand(&mut self, root: &mut SavedGraph<'d>, at: usize, group_name: &str, saved: &SavedGroup<'d>) {
        let inner_ids: Vec<&str> = saved.nodes.iter().map(|_| self.ids.mint(self.arena)).collect();
        let instance_id = self.ids.mint(self.arena);
        let definition_id = ["group node ", instance_id].concat();
        let group = Group::read(saved, self.object_info);

        // What the instance says: values of widgets, and the links that come and go.
        let arena = Arena::default();
        let instance = &self.before.nodes[at];
        let own_id = id_text(&instance.id, &arena);
        let mut node = Node::new(&arena, instance, own_id, "", "", Role::Class(&group.class));
        node.make_inputs(&group.class, &|_| None);
        let values = node.saved_values(&group.class, None);
        node.merge_inputs(&group.class);
        let links = root.links.0.get_or_insert_default();
        // Of several instances with one id the first has the links.
        let own = |entries: &[(Name, usize)], is_taken: &dyn Fn(usize) -> bool| {
            entries.iter().map(|(_, row)| *row).filter(|row| !is_taken(*row)).collect::<Vec<usize>>()
        };
        let incoming = own(self.by_target.all(own_id), &|row| links[row].target != self.before.links[row].target);
        let outgoing = own(self.by_origin.all(own_id), &|row| links[row].origin != self.before.links[row].origin);
        let mut ends: Vec<(usize, usize)> = incoming.iter().map(|row| (*row, self.rows[*row].target_slot)).collect();
        links::attach(&mut node, &mut ends);
        // A row count that does not fit leaves its rows as they are.
        let _ = node.restore_values(&values);
        links::follow(&mut node, &mut ends, &self.link_ids, false);

        let mut inner: Vec<SavedNode> = saved.nodes.to_vec();
        for (node, id) in inner.iter_mut().zip(&inner_ids) {
            node.id = text(id);
            for input in node.inputs.0.iter_mut().flatten() {
                input.link = Json::Null;
            }
        }
        let (mut inputs, mut outputs, mut inner_links) = (Vec::new(), Vec::new(), Vec::new());
        let boundary = |link| SavedSlot { ty: text("*"), link_ids: List(Some(vec![link])), ..SavedSlot::default() };
        // What a primitive would push is lost, so its links are.
        for (from, from_slot, to, to_slot, _) in Inside::read(saved).links {
            let is_primitive = saved.nodes.get(from).is_none_or(|node| node.class_type.str() == Some("PrimitiveNode"));
            if let (false, Some(to)) = (is_primitive, inner_ids.get(to)) {
                self.link(&mut inner_links, (inner_ids[from], from_slot), (to, to_slot));
            }
        }
        for (slot, (inner_at, inner_name)) in group.inputs.iter().enumerate() {
            let Some(row) = node.inputs.get(slot).and_then(|input| input.link) else {
                continue;
            };
            let slot = inputs.len();
            links[row].target = text(instance_id);
            links[row].target_slot = self.number(slot);
            // The socket is found by its name, wherever it stands. No two links may end at the same slot of a node.
            let link = self.link(&mut inner_links, ("-10", slot), (inner_ids[*inner_at], FAR_SLOT + slot));
            inputs.push(SavedSlot { name: name(&["in", &slot.to_string()].concat()), ..boundary(link.clone()) });
            // Of equal names the last counts.
            let socket = SavedSlot { name: name(inner_name), link, ..SavedSlot::default() };
            inner[*inner_at].inputs.0.get_or_insert_default().push(socket);
        }
        for row in outgoing {
            let output = self.rows[row].origin_slot.index().and_then(|slot| group.outputs.get(slot));
            let Some((inner_at, inner_slot)) = output else {
                continue;
            };
            let slot = outputs.len();
            links[row].origin = text(instance_id);
            links[row].origin_slot = self.number(slot);
            let link = self.link(&mut inner_links, (inner_ids[*inner_at], *inner_slot), ("-20", slot));
            outputs.push(SavedSlot { name: name("out"), ..boundary(link) });
        }
        let mut taken = vec![false; node.widgets.len()];
        for (inner_at, inner) in inner.iter_mut().enumerate() {
            for (_, inner_name, outer_name) in group.widgets.iter().filter(|(at, ..)| *at == inner_at) {
                let mut widgets = node.widgets.iter().enumerate();
                let found = widgets.find(|(at, widget)| !taken[*at] && widget.name == outer_name);
                if let Some((at, widget)) = found.filter(|(_, widget)| !matches!(widget.value, Value::Undefined)) {
                    taken[at] = true;
                    inner.given.push((inner_name.to_string(), widget.value.copy(self.new)));
                }
            }
        }
        root.definitions.subgraphs.0.get_or_insert_default().push(SavedGraph {
            id: name(&definition_id),
            name: name(group_name),
            nodes: List(Some(inner)),
            links: List(Some(inner_links)),
            inputs: List(Some(inputs)),
            outputs: List(Some(outputs)),
            ..SavedGraph::default()
        });
        // Positions of other instances stay as they are.
        root.nodes.0.get_or_insert_default()[at] = SavedNode {
            id: text(instance_id),
            class_type: name(&definition_id),
            title: instance.title.clone(),
            ..SavedNode::default()
        };
    }
}
