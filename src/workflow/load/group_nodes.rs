//! Group nodes, the predecessors of subgraphs (rule G).
//!
//! `extra.groupNodes` has for each group its nodes, the links between them by position, and the outputs that also lead
//! outside. A node of type `workflow>NAME`, or `workflow/NAME` in older files, is an instance: it shows the widgets and
//! the unlinked sockets of all nodes of the group, by names that a prefix keeps apart where two would be the same. The
//! editor replaces each instance at the root by an instance of a new subgraph whose nodes are those of the group, with
//! the instance's values; their ids and then its own are the next that are free. Whether the instance was muted or
//! bypassed is lost on the way, and so is what primitive nodes inside would push.

use crate::text::index::{Index, Name};
use crate::workflow::load::file::{Document, LinkRow, id_text};
use crate::workflow::load::links;
use crate::workflow::model::arena::{Arena, Pen};
use crate::workflow::model::error::UnknownType;
use crate::workflow::model::ids::{self, Ids};
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::lenient::{Entries, List, Text};
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::object_info::{Class, ObjectInfo};
use crate::workflow::model::saved::{SavedGraph, SavedGroup, SavedLink, SavedNode, SavedSlot};
use crate::workflow::model::spec::{self, Kind, Spec};
use crate::workflow::model::value::Value;

/// A node inside of a group, by position.
type Inner = usize;

/// A group as the class of a node.
#[derive(Default)]
struct Group {
    class: Class,
    /// The inner and the outer name of each widget.
    widgets: Vec<(Inner, Box<str>, String)>,
    /// The inner socket of each outer slot.
    inputs: Vec<(Inner, Box<str>)>,
    /// The inner output of each outer one.
    outputs: Vec<(Inner, usize)>,
    /// Names that are taken, and how often they were asked for.
    names: Vec<(String, usize)>,
}

/// Replaces the instances of group nodes at the root by instances of subgraphs.
pub(crate) fn expand<'d>(root: &mut SavedGraph<'d>, object_info: &ObjectInfo, pen: &Pen<'d>) {
    let groups = std::mem::take(&mut root.extra.group_nodes);
    let instances = instances(root, &groups, object_info);
    if !instances.is_empty() {
        // The file as it is decides which ids are free; what is made here takes only free ones.
        let before = root.clone();
        let arena = Arena::default();
        let before_pen = arena.pen();
        let mut expander = Expander::new(&before, object_info, &before_pen, pen);
        for at in instances {
            if let Some((name, group)) = group_of(&before.nodes[at], &groups) {
                expander.expand(root, at, name, group);
            }
        }
    }
    root.extra.group_nodes = groups;
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

/// The type of an inner node that nothing can be made of.
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
        !nodes.is_empty() && nodes.iter().all(|node| unknown_type(node, object_info).is_none())
    };
    root.nodes.iter().enumerate().filter(|(_, node)| can_be_made(node)).map(|(at, _)| at).collect()
}

/// Puts the unknown types inside of group nodes in the place of the group nodes.
pub(crate) fn name_inner(types: Vec<UnknownType>, root: &SavedGraph, object_info: &ObjectInfo) -> Vec<UnknownType> {
    let mut named: Vec<UnknownType> = Vec::new();
    for group in types {
        let saved = group_name(&group.class_type).and_then(|name| root.extra.group_nodes.get(name));
        let nodes = saved.map_or(&[][..], |saved| &saved.nodes);
        if nodes.is_empty() {
            named.push(group);
            continue;
        }
        for class_type in nodes.iter().filter_map(|node| unknown_type(node, object_info)) {
            match named.iter_mut().find(|known| known.class_type == class_type) {
                Some(known) if known.nodes.last() == group.nodes.last() => {}
                Some(known) => known.nodes.extend_from_slice(&group.nodes),
                None => named.push(UnknownType { class_type: class_type.to_owned(), nodes: group.nodes.clone() }),
            }
        }
    }
    named
}

/// The links inside of a group.
struct Inside<'j> {
    /// From position and slot to position and slot, with the type.
    links: Vec<(Inner, usize, Inner, usize, &'j Json<'j>)>,
    /// Outputs that also lead outside.
    external: Vec<(Inner, usize)>,
}

impl<'j> Inside<'j> {
    fn read(group: &'j SavedGroup<'j>) -> Self {
        let mut inside = Inside { links: Vec::new(), external: Vec::new() };
        for link in group.links.iter() {
            let cell = |at: usize| link.items().get(at).unwrap_or(&json::NULL);
            let numbers = [0, 1, 2, 3].map(|at| cell(at).index());
            if let [Some(from), Some(from_slot), Some(to), Some(to_slot)] = numbers {
                inside.links.push((from, from_slot, to, to_slot, cell(5)));
            }
        }
        for external in group.external.iter() {
            if let [node, slot, ty, ..] = external.items() {
                inside.external.extend(node.index().zip(slot.index()).filter(|_| !ty.is_null()));
            }
        }
        inside
    }

    fn leads_to(&self, node: Inner, slot: usize) -> bool {
        self.links.iter().any(|(_, _, to, to_slot, _)| (*to, *to_slot) == (node, slot))
    }

    fn comes_from(&self, node: Inner, slot: usize) -> bool {
        self.links.iter().any(|(from, from_slot, ..)| (*from, *from_slot) == (node, slot))
    }
}

impl Group {
    fn read(saved: &SavedGroup, object_info: &ObjectInfo) -> Group {
        let inside = Inside::read(saved);
        let mut group = Group::default();
        let mut converted: Vec<(Inner, usize, Spec)> = Vec::new();
        for (at, node) in saved.nodes.iter().enumerate() {
            let Some((specs, outputs)) = definition(saved, at, &inside, object_info) else {
                continue;
            };
            let inputs = &node.inputs;
            let mut sockets = Vec::new();
            for spec in specs {
                let name = Some(&*spec.name);
                let is_converted = |input: &SavedSlot| input.name.str() == name && input.widget.name.str() == name;
                if Kind::of(&spec.ty).is_none() || spec.force_input {
                    sockets.push(spec);
                } else if let Some(slot) = inputs.iter().position(is_converted) {
                    converted.push((at, slot, spec));
                } else {
                    group.show_widget(saved, at, spec);
                }
            }
            for (number, spec) in sockets.into_iter().enumerate() {
                let slot = inputs.iter().position(|input| input.name.str() == Some(&spec.name)).unwrap_or(number);
                if inside.leads_to(at, slot) {
                    continue;
                }
                let name = group.name(saved, at, &spec.name);
                if !matches!(custom(saved, at, "input", &spec.name).get("visible"), Json::Bool(false)) {
                    group.inputs.push((at, spec.name.clone()));
                    group.show(&name, spec);
                }
            }
            for slot in 0..outputs {
                let is_shown = match custom(saved, at, "output", &slot.to_string()).get("visible") {
                    Json::Bool(visible) => *visible,
                    _ => !inside.comes_from(at, slot) || inside.external.contains(&(at, slot)),
                };
                if is_shown {
                    group.outputs.push((at, slot));
                }
            }
        }
        for (at, slot, spec) in converted {
            if !inside.leads_to(at, slot) {
                group.inputs.push((at, spec.name.clone()));
                group.show_widget(saved, at, spec);
            }
        }
        group.class.listed = (0..group.class.inputs.len()).collect();
        group
    }

    fn show_widget(&mut self, saved: &SavedGroup, at: Inner, spec: Spec) {
        let name = self.name(saved, at, &spec.name);
        self.widgets.push((at, spec.name.clone(), name.clone()));
        self.show(&name, spec);
    }

    /// Adds an input to the class.
    fn show(&mut self, name: &str, mut spec: Spec) {
        if matches!(&*spec.name, "seed" | "noise_seed") {
            spec.control = Some(true);
        }
        spec.name = name.into();
        spec.optional = false;
        spec::put(&mut self.class.inputs, spec);
    }

    /// A name for an input: its own, or with the title of its node before it.
    fn name(&mut self, saved: &SavedGroup, at: Inner, input: &str) -> String {
        let node = &saved.nodes[at];
        let own = node.inputs.iter().find(|saved| saved.name.str() == Some(input));
        let label = own.and_then(|saved| saved.label.str());
        let class_type = node.class_type.or_empty();
        let title = node.title.str();
        let mut name = custom(saved, at, "input", input).str_at("name").or(label).unwrap_or(input).to_owned();
        let mut key = name.clone();
        let asked = |names: &[(String, usize)], key: &str| names.iter().position(|(name, _)| name == key);
        let is_named_primitive = class_type == "PrimitiveNode" && title.is_some_and(|title| !title.is_empty());
        if is_named_primitive || asked(&self.names, &name).is_some() {
            let prefix = title.unwrap_or(class_type);
            key = [prefix, " ", input].concat();
            name = match asked(&self.names, &key) {
                Some(found) => [prefix, " ", &self.names[found].1.to_string(), " ", input].concat(),
                None => key.clone(),
            };
        }
        match asked(&self.names, &key) {
            Some(found) => self.names[found].1 += 1,
            None => self.names.push((key, 2)),
        }
        name
    }
}

/// What the group says about an input or output of a node inside.
fn custom<'j, 'a>(saved: &'j SavedGroup<'a>, at: Inner, side: &str, name: &str) -> &'j Json<'a> {
    saved.config.get(&at.to_string()).get(side).get(name)
}

/// The inputs of a node inside and the number of its outputs; `None` where it shows nothing.
fn definition(saved: &SavedGroup, at: Inner, inside: &Inside, object_info: &ObjectInfo) -> Option<(Vec<Spec>, usize)> {
    let nodes = &saved.nodes;
    match nodes[at].class_type.str()? {
        "PrimitiveNode" => {
            let (_, _, to, _, ty) = inside.links.iter().find(|(from, slot, ..)| (*from, *slot) == (at, 0))?;
            let mut spec = Spec::bare("value", &spec::type_name(ty));
            if &*spec.ty == "COMBO" {
                let widget = nodes[at].outputs.first()?.widget.name.str()?;
                let class = object_info.class(nodes.get(*to)?.class_type.str()?)?;
                spec = class.inputs.iter().find(|spec| *spec.name == *widget)?.clone();
                spec.name = "value".into();
            }
            spec.control = Some(true);
            Some((vec![spec], 1))
        }
        "Reroute" => {
            let is_inside = inside.leads_to(at, 0) && inside.comes_from(at, 0);
            if is_inside && !inside.external.contains(&(at, 0)) {
                return None;
            }
            Some((vec![Spec::bare("*", "*")], 1))
        }
        class_type => {
            let class = object_info.class(class_type)?;
            Some((class.listed().cloned().collect(), class.outputs.len()))
        }
    }
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
    pen: &'b Pen<'b>,
    /// Holds the texts of what is made.
    new: &'b Pen<'d>,
}

fn text<'d>(text: &str) -> Json<'d> {
    Json::String(text.to_owned().into())
}

fn name<'d>(name: &str) -> Text<'d> {
    Text(Some(name.to_owned().into()))
}

impl<'b, 'd> Expander<'b, 'd> {
    fn new(before: &'b SavedGraph<'d>, object_info: &'b ObjectInfo, pen: &'b Pen<'b>, new: &'b Pen<'d>) -> Self {
        let rows: Vec<LinkRow> = before.links.iter().map(|row| LinkRow::new(row, pen)).collect();
        Expander {
            object_info,
            before,
            link_ids: Index::new(rows.iter().map(|row| row.id)),
            by_target: Index::new(rows.iter().map(|row| row.target)),
            by_origin: Index::new(rows.iter().map(|row| row.origin)),
            rows,
            ids: ids::assign(&Document::new(before), pen).1,
            pen,
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
        });
        id
    }

    /// Puts an instance of a new definition in the place of a group node, also in the links.
    fn expand(&mut self, root: &mut SavedGraph<'d>, at: usize, group_name: &str, saved: &SavedGroup<'d>) {
        let inner_ids: Vec<&str> = saved.nodes.iter().map(|_| self.ids.mint(self.pen)).collect();
        let instance_id = self.ids.mint(self.pen);
        let definition_id = ["group node ", instance_id].concat();
        let group = Group::read(saved, self.object_info);

        // What the instance says: values of widgets, and the links that come and go.
        let arena = Arena::default();
        let pen = arena.pen();
        let instance = &self.before.nodes[at];
        let own_id = id_text(&instance.id, &pen);
        let mut node = Node::new(&pen, instance, own_id, "", "", Role::Class(&group.class));
        node.make_inputs(&group.class);
        let values = node.saved_values(&group.class);
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
            // The socket is found by its name, wherever it stands.
            let link = self.link(&mut inner_links, ("-10", slot), (inner_ids[*inner_at], 65_535));
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
