//! Group nodes, the predecessors of subgraphs (rule G).
//!
//! `extra.groupNodes` has for each group its nodes, the links between them by position, and the outputs that also lead
//! outside. A node of type `workflow>NAME`, or `workflow/NAME` in older files, is an instance: it shows the widgets and
//! the unlinked sockets of all nodes of the group, by names that a prefix keeps apart where two would be the same. The
//! editor replaces each instance at the root by an instance of a new subgraph whose nodes are those of the group, with
//! the instance's values; their ids and then its own are the next that are free. Whether the instance was muted or
//! bypassed is lost on the way, and so is what primitive nodes inside would push.

use crate::text::index::Index;
use crate::workflow::load::file::{Document, LinkRow, id_text};
use crate::workflow::load::links;
use crate::workflow::model::arena::{Arena, Pen};
use crate::workflow::model::error::{ConvertError, UnknownType};
use crate::workflow::model::ids::{self, Ids};
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::object_info::{Class, ObjectInfo};
use crate::workflow::model::spec::{self, Kind, Spec};
use crate::workflow::model::value::Value;

/// Under this key a node made here has the values of its widgets, by name.
pub(crate) const VALUES: &str = "\u{0}values";

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
pub(crate) fn expand<'d>(root: &mut Json<'d>, object_info: &ObjectInfo, pen: &Pen<'d>) -> Result<(), ConvertError> {
    let instances = instances(root, object_info);
    if instances.is_empty() {
        return Ok(());
    }
    let arena = Arena::default();
    // The file as it is decides which ids are free; what is made here takes only free ones.
    let before = root.clone();
    let id_pen = arena.pen();
    let mut ids = ids::assign(&Document::read(&before)?, &id_pen).1;
    for (at, name) in instances {
        let [definition, node, links] = expand_one(root, object_info, at, name, &mut ids, &id_pen);
        let parse = |text: String| Json::parse(pen.keep(text), pen).unwrap_or(Json::Null);
        if let Some(Json::Array(nodes)) = get_mut(root, "nodes") {
            // Positions of other instances stay as they are.
            nodes[at] = parse(node);
        }
        put(root, "links", parse(links));
        if !matches!(root.get("definitions"), Json::Object(_)) {
            put(root, "definitions", parse("{}".to_owned()));
        }
        if let Some(definitions) = get_mut(root, "definitions") {
            if !matches!(definitions.get("subgraphs"), Json::Array(_)) {
                put(definitions, "subgraphs", parse("[]".to_owned()));
            }
            if let Some(Json::Array(subgraphs)) = get_mut(definitions, "subgraphs") {
                subgraphs.push(parse(definition));
            }
        }
    }
    Ok(())
}

fn get_mut<'j, 'a>(object: &'j mut Json<'a>, key: &str) -> Option<&'j mut Json<'a>> {
    match object {
        Json::Object(pairs) => pairs.iter_mut().rev().find(|(other, _)| *other == key).map(|(_, value)| value),
        _ => None,
    }
}

fn put<'a>(object: &mut Json<'a>, key: &'static str, value: Json<'a>) {
    if let Json::Object(pairs) = object {
        // Of equal keys the last counts.
        pairs.push((key, value));
    }
}

/// The name of the group that a type is an instance of.
fn group_name(class_type: &str) -> Option<&str> {
    class_type.strip_prefix("workflow>").or_else(|| class_type.strip_prefix("workflow/"))
}

/// The nodes of a group.
fn inner_nodes<'d>(root: &'d Json<'d>, name: &str) -> &'d [Json<'d>] {
    root.get("extra").get("groupNodes").get(name).list("nodes")
}

/// The type of an inner node that nothing can be made of.
fn unknown_type<'d>(node: &'d Json<'d>, object_info: &ObjectInfo) -> Option<&'d str> {
    match node.str_at("type").unwrap_or("") {
        "Reroute" | "PrimitiveNode" | "Note" | "MarkdownNote" => None,
        class_type => (!object_info.has(class_type)).then_some(class_type),
    }
}

/// The instances at the root whose groups can be made: position and name of the group.
fn instances<'d>(root: &Json<'d>, object_info: &ObjectInfo) -> Vec<(usize, &'d str)> {
    let mut found = Vec::new();
    if root.get("extra").get("groupNodes").pairs().is_empty() {
        return found;
    }
    for (at, node) in root.list("nodes").iter().enumerate() {
        let Some(name) = node.str_at("type").and_then(group_name) else {
            continue;
        };
        let nodes = inner_nodes(root, name);
        if !nodes.is_empty() && nodes.iter().all(|node| unknown_type(node, object_info).is_none()) {
            found.push((at, name));
        }
    }
    found
}

/// Puts the unknown types inside of group nodes in the place of the group nodes.
pub(crate) fn name_inner(types: Vec<UnknownType>, root: &Json, object_info: &ObjectInfo) -> Vec<UnknownType> {
    let mut named: Vec<UnknownType> = Vec::new();
    for group in types {
        let nodes = group_name(&group.class_type).map_or(&[][..], |name| inner_nodes(root, name));
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
    fn read(group: &'j Json<'j>) -> Self {
        let mut inside = Inside { links: Vec::new(), external: Vec::new() };
        for link in group.list("links") {
            let cell = |at: usize| link.items().get(at).unwrap_or(&json::NULL);
            let numbers = [0, 1, 2, 3].map(|at| cell(at).index());
            if let [Some(from), Some(from_slot), Some(to), Some(to_slot)] = numbers {
                inside.links.push((from, from_slot, to, to_slot, cell(5)));
            }
        }
        for external in group.list("external") {
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
    fn read(saved: &Json, object_info: &ObjectInfo) -> Group {
        let inside = Inside::read(saved);
        let mut group = Group::default();
        let mut converted: Vec<(Inner, usize, Spec)> = Vec::new();
        for (at, node) in saved.list("nodes").iter().enumerate() {
            let Some((specs, outputs)) = definition(saved, at, &inside, object_info) else {
                continue;
            };
            let inputs = node.list("inputs");
            let mut sockets = Vec::new();
            for spec in specs {
                let name = Some(&*spec.name);
                let is_converted =
                    |input: &Json| input.str_at("name") == name && input.get("widget").str_at("name") == name;
                if Kind::of(&spec.ty).is_none() || spec.force_input {
                    sockets.push(spec);
                } else if let Some(slot) = inputs.iter().position(is_converted) {
                    converted.push((at, slot, spec));
                } else {
                    group.show_widget(saved, at, spec);
                }
            }
            for (number, spec) in sockets.into_iter().enumerate() {
                let slot = inputs.iter().position(|input| input.str_at("name") == Some(&spec.name)).unwrap_or(number);
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

    fn show_widget(&mut self, saved: &Json, at: Inner, spec: Spec) {
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
    fn name(&mut self, saved: &Json, at: Inner, input: &str) -> String {
        let node = &saved.list("nodes")[at];
        let own = node.list("inputs").iter().find(|saved| saved.str_at("name") == Some(input));
        let label = own.and_then(|saved| saved.str_at("label"));
        let class_type = node.str_at("type").unwrap_or("");
        let title = node.str_at("title");
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
fn custom<'j, 'a>(saved: &'j Json<'a>, at: Inner, side: &str, name: &str) -> &'j Json<'a> {
    saved.get("config").get(&at.to_string()).get(side).get(name)
}

/// The inputs of a node inside and the number of its outputs; `None` where it shows nothing.
fn definition(saved: &Json, at: Inner, inside: &Inside, object_info: &ObjectInfo) -> Option<(Vec<Spec>, usize)> {
    let nodes = saved.list("nodes");
    match nodes[at].str_at("type")? {
        "PrimitiveNode" => {
            let (_, _, to, _, ty) = inside.links.iter().find(|(from, slot, ..)| (*from, *slot) == (at, 0))?;
            let mut spec = Spec::bare("value", &spec::type_name(ty));
            if &*spec.ty == "COMBO" {
                let widget = nodes[at].list("outputs").first()?.get("widget").str_at("name")?;
                let class = object_info.class(nodes.get(*to)?.str_at("type")?)?;
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

/// Writes JSON text.
#[derive(Default)]
struct Text(String);

impl Text {
    fn raw(&mut self, parts: &[&str]) -> &mut Self {
        parts.iter().for_each(|part| self.0.push_str(part));
        self
    }

    fn quoted(&mut self, text: &str) -> &mut Self {
        json::write_string(text, &mut self.0);
        self
    }

    /// A comma, unless a list or an object begins here.
    fn comma(&mut self) -> &mut Self {
        if !self.0.ends_with(['[', '{']) {
            self.0.push(',');
        }
        self
    }

    /// An object that is to be continued: of equal keys the last counts.
    fn open(&mut self, object: &Json) -> &mut Self {
        object.write(&mut self.0);
        self.0.pop();
        self
    }

    /// A row of a link table.
    fn link(&mut self, id: &str, from: &str, from_slot: &str, to: &str, to_slot: usize) {
        self.comma().raw(&["["]).quoted(id).raw(&[","]).quoted(from).raw(&[",", from_slot, ","]).quoted(to);
        self.raw(&[",", &to_slot.to_string(), "]"]);
    }
}

/// The id of a link inside of a definition that is made here.
fn inner_link(number: usize) -> String {
    ["inner ", &number.to_string()].concat()
}

/// A definition, an instance of it, and the links of the root, all as JSON text.
fn expand_one<'i>(
    root: &Json,
    object_info: &ObjectInfo,
    at: usize,
    name: &str,
    ids: &mut Ids<'i>,
    id_pen: &Pen<'i>,
) -> [String; 3] {
    let saved = root.get("extra").get("groupNodes").get(name);
    let inner = saved.list("nodes");
    let inner_ids: Vec<&str> = inner.iter().map(|_| ids.mint(id_pen)).collect();
    let instance_id = ids.mint(id_pen);
    let definition_id = ["group node ", instance_id].concat();
    let group = Group::read(saved, object_info);

    // What the instance says: values of widgets, and the links that come and go.
    let arena = Arena::default();
    let pen = arena.pen();
    let raw = &root.list("nodes")[at];
    let own_id = id_text(raw.get("id"), &pen);
    let mut rows: Vec<LinkRow> = root.list("links").iter().map(|row| LinkRow::read(row, &pen)).collect();
    let mut node = Node::new(&pen, raw, own_id, "", "", Role::Class(&group.class));
    node.make_inputs(&group.class);
    let values = node.saved_values(&group.class);
    node.merge_inputs(&group.class);
    let link_ids = Index::new(rows.iter().map(|row| row.id));
    let ends = rows.iter().enumerate().filter(|(_, row)| row.target == own_id);
    let mut ends: Vec<(usize, usize)> = ends.map(|(at, row)| (at, row.target_slot)).collect();
    links::attach(&mut node, &mut ends);
    // A row count that does not fit leaves its rows as they are.
    let _ = node.restore_values(&values);
    links::follow(&mut node, &mut ends, &link_ids, false);

    // Links: inside, and across the boundary. What a primitive would push is lost, so its links are.
    let mut inner_links = Text("[".to_owned());
    let mut count = 0;
    for (from, from_slot, to, to_slot, _) in Inside::read(saved).links {
        let is_primitive = inner.get(from).is_none_or(|node| node.str_at("type") == Some("PrimitiveNode"));
        if let (false, Some(to)) = (is_primitive, inner_ids.get(to)) {
            inner_links.link(&inner_link(count), inner_ids[from], &from_slot.to_string(), to, to_slot);
            count += 1;
        }
    }
    let mut linked_inside: Vec<(Inner, &str, usize)> = Vec::new();
    let (mut inputs, mut outputs) = (Text("[".to_owned()), Text("[".to_owned()));
    let mut boundary = 0;
    for (slot, (inner_at, inner_name)) in group.inputs.iter().enumerate() {
        let Some(row) = node.inputs.get(slot).and_then(|input| input.link) else {
            continue;
        };
        rows[row].target = pen.join(&[instance_id]);
        rows[row].target_slot = boundary;
        // The socket is found by its name, wherever it stands.
        inner_links.link(&inner_link(count), "-10", &boundary.to_string(), inner_ids[*inner_at], 65_535);
        linked_inside.push((*inner_at, inner_name, count));
        inputs.comma().raw(&["{\"name\":\"in", &boundary.to_string(), "\",\"type\":\"*\",\"linkIds\":["]);
        inputs.quoted(&inner_link(count)).raw(&["]}"]);
        count += 1;
        boundary += 1;
    }
    boundary = 0;
    for row in &mut rows {
        let output = row.origin_slot.index().and_then(|slot| group.outputs.get(slot)).filter(|_| row.origin == own_id);
        let Some((inner_at, slot)) = output else {
            continue;
        };
        row.origin = pen.join(&[instance_id]);
        row.origin_slot = Value::Raw(pen.number(boundary));
        inner_links.link(&inner_link(count), inner_ids[*inner_at], &slot.to_string(), "-20", boundary);
        outputs.comma().raw(&["{\"name\":\"out\",\"type\":\"*\",\"linkIds\":["]);
        outputs.quoted(&inner_link(count)).raw(&["]}"]);
        count += 1;
        boundary += 1;
    }

    let mut definition = Text("{\"id\":".to_owned());
    definition.quoted(&definition_id).raw(&[",\"name\":"]).quoted(name);
    definition.raw(&[
        ",\"links\":",
        &inner_links.0,
        "],\"inputs\":",
        &inputs.0,
        "],\"outputs\":",
        &outputs.0,
        "],\"nodes\":[",
    ]);
    let mut taken = vec![false; node.widgets.len()];
    for (inner_at, saved) in inner.iter().enumerate() {
        definition.comma().open(saved).raw(&[",\"id\":"]).quoted(inner_ids[inner_at]).raw(&[",\"inputs\":["]);
        for input in saved.list("inputs").iter().filter(|input| matches!(input, Json::Object(_))) {
            definition.comma().open(input).comma().raw(&["\"link\":null}"]);
        }
        for (_, name, link) in linked_inside.iter().filter(|(at, ..)| *at == inner_at) {
            // Of equal names the last counts.
            definition
                .comma()
                .raw(&["{\"name\":"])
                .quoted(name)
                .raw(&[",\"link\":"])
                .quoted(&inner_link(*link))
                .raw(&["}"]);
        }
        definition.raw(&["],"]).quoted(VALUES).raw(&[":{"]);
        for (_, inner_name, outer_name) in group.widgets.iter().filter(|(at, ..)| *at == inner_at) {
            let mut widgets = node.widgets.iter().enumerate();
            let found = widgets.find(|(at, widget)| !taken[*at] && widget.name == outer_name);
            if let Some((at, widget)) = found.filter(|(_, widget)| !matches!(widget.value, Value::Undefined)) {
                taken[at] = true;
                definition.comma().quoted(inner_name).raw(&[":"]);
                widget.value.write(&mut definition.0);
            }
        }
        definition.raw(&["}}"]);
    }
    definition.raw(&["]}"]);

    let mut instance = Text("{\"id\":".to_owned());
    instance.quoted(instance_id).raw(&[",\"type\":"]).quoted(&definition_id).raw(&[",\"title\":"]);
    raw.get("title").write(&mut instance.0);
    instance.raw(&["}"]);

    let mut links = Text("[".to_owned());
    for row in &rows {
        let mut slot = String::new();
        row.origin_slot.write(&mut slot);
        links.link(row.id, row.origin, &slot, row.target, row.target_slot);
    }
    links.raw(&["]"]);
    [definition.0, instance.0, links.0]
}
