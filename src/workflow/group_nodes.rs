//! Group nodes, the predecessors of subgraphs (rule G).
//!
//! `extra.groupNodes` has for each group its nodes, the links between them by position, and the outputs that also lead
//! outside. A node of type `workflow>NAME`, or `workflow/NAME` in older files, is an instance: it shows the widgets and
//! the unlinked sockets of all nodes of the group, by names that a prefix keeps apart where two would be the same. The
//! editor replaces each instance at the root by an instance of a new subgraph whose nodes are those of the group, with
//! the instance's values; their ids and then its own are the next that are free. Whether the instance was muted or
//! bypassed is lost on the way, and so is what primitive nodes inside would push.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::file::{Document, LinkRow, id_text};
use super::ids::Ids;
use super::json::{self, Json};
use super::links;
use super::node::{Node, Role};
use super::object_info::{Class, ObjectInfo};
use super::spec::{Control, Kind, Spec, type_name};

/// Under this key a node made here has the values of its widgets, by name.
pub(crate) const VALUES: &str = "\u{0}values";

/// A node inside of a group, by position.
type Inner = usize;

/// A group as the class of a node.
struct Group {
    class: Class,
    /// The outer name of each inner widget.
    widgets: Vec<(Inner, String, String)>,
    /// The inner socket of each outer slot.
    inputs: Vec<(Inner, String)>,
    /// The inner output of each outer one.
    outputs: Vec<(Inner, usize)>,
}

/// Replaces the instances of group nodes at the root by instances of subgraphs.
pub(crate) fn expand(root: &mut Json, object_info: &ObjectInfo) {
    let instances = instances(root, object_info);
    if instances.is_empty() {
        return;
    }
    let mut ids = match Document::read(root) {
        Ok(document) => Ids::after(&document),
        Err(_) => return,
    };
    for (at, name) in instances {
        expand_one(root, object_info, at, &name, &mut ids);
    }
}

/// The name of the group that a type stands for.
fn group_name(class_type: &str) -> Option<&str> {
    class_type.strip_prefix("workflow>").or_else(|| class_type.strip_prefix("workflow/"))
}

/// The instances at the root whose groups can be made: position and name of the group.
fn instances(root: &Json, object_info: &ObjectInfo) -> Vec<(usize, String)> {
    let groups = root.get("extra").get("groupNodes");
    if groups.pairs().is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, node) in root.get("nodes").items().iter().enumerate() {
        let Some(name) = node.get("type").str().and_then(group_name) else {
            continue;
        };
        let nodes = groups.get(name).get("nodes").items();
        let known = |node: &Json| {
            let class_type = node.get("type").str().unwrap_or("");
            is_editors_own(class_type) || object_info.has(class_type)
        };
        if !nodes.is_empty() && nodes.iter().all(known) {
            found.push((at, name.to_owned()));
        }
    }
    found
}

fn is_editors_own(class_type: &str) -> bool {
    matches!(class_type, "Reroute" | "PrimitiveNode" | "Note" | "MarkdownNote")
}

/// Links inside of a group.
struct Inside<'j> {
    /// From position and slot to position and slot, with the type.
    links: Vec<(Inner, usize, Inner, usize, &'j Json<'j>)>,
    /// Outputs that also lead outside.
    external: HashSet<(Inner, usize)>,
}

impl<'j> Inside<'j> {
    fn read(group: &'j Json<'j>) -> Self {
        let links = group.get("links").items().iter().filter_map(|link| match link.items() {
            [from, from_slot, to, to_slot, rest @ ..] => Some((
                from.index()?,
                from_slot.index()?,
                to.index()?,
                to_slot.index()?,
                rest.get(1).unwrap_or(&json::NULL),
            )),
            _ => None,
        });
        let external = group.get("external").items().iter().filter_map(|external| match external.items() {
            [node, slot, ty, ..] if !ty.is_null() => Some((node.index()?, slot.index()?)),
            _ => None,
        });
        Inside { links: links.collect(), external: external.collect() }
    }

    fn leads_to(&self, node: Inner, slot: usize) -> bool {
        self.links.iter().any(|(_, _, to, to_slot, _)| *to == node && *to_slot == slot)
    }

    fn comes_from(&self, node: Inner, slot: usize) -> bool {
        self.links.iter().any(|(from, from_slot, ..)| *from == node && *from_slot == slot)
    }
}

/// Gathers what a group shows.
struct Gathering<'j> {
    nodes: &'j [Json<'j>],
    config: &'j Json<'j>,
    seen: HashMap<String, usize>,
    specs: Vec<Spec>,
    group: Group,
}

impl Group {
    fn read(name: &str, group: &Json, object_info: &ObjectInfo) -> Group {
        let inside = Inside::read(group);
        let class = Class { name: name.to_owned(), title: name.to_owned(), ..Class::default() };
        let mut gathering = Gathering {
            nodes: group.get("nodes").items(),
            config: group.get("config"),
            seen: HashMap::new(),
            specs: Vec::new(),
            group: Group { class, widgets: Vec::new(), inputs: Vec::new(), outputs: Vec::new() },
        };
        let mut converted: Vec<(Inner, usize, Spec)> = Vec::new();
        for at in 0..gathering.nodes.len() {
            let Some((inputs, outputs)) = gathering.definition(at, &inside, object_info) else {
                continue;
            };
            gathering.add_inputs(at, &inputs, &inside, &mut converted);
            gathering.add_outputs(at, outputs, &inside);
        }
        for (at, slot, spec) in converted {
            if !inside.leads_to(at, slot) {
                let name = gathering.show(at, &spec);
                gathering.group.widgets.push((at, spec.name.clone(), name));
                gathering.group.inputs.push((at, spec.name));
            }
        }
        let Gathering { mut group, specs, .. } = gathering;
        group.class.listed = (0..specs.len()).collect();
        group.class.inputs = specs;
        group
    }
}

impl Gathering<'_> {
    /// The inputs and the outputs of a node inside; `None` where it shows nothing.
    fn definition(&self, at: Inner, inside: &Inside, object_info: &ObjectInfo) -> Option<(Vec<Spec>, usize)> {
        let node = &self.nodes[at];
        match node.get("type").str().unwrap_or("") {
            "PrimitiveNode" => {
                let (_, _, to, _, ty) = inside.links.iter().find(|(from, slot, ..)| *from == at && *slot == 0)?;
                let widget = node.get("outputs").items().first().and_then(|out| out.get("widget").get("name").str());
                let target = self.nodes.get(*to).and_then(|node| object_info.class(node.get("type").str()?));
                let mut spec = match (ty.str(), target, widget) {
                    (Some("COMBO"), Some(class), Some(widget)) => {
                        class.inputs.iter().find(|s| s.name == widget)?.clone()
                    }
                    _ => Spec::bare("", &type_name(ty)),
                };
                spec.name = "value".to_owned();
                spec.control = Control::On;
                Some((vec![spec], 1))
            }
            "Reroute" => {
                let (is_fed, feeds) = (inside.leads_to(at, 0), inside.comes_from(at, 0));
                if is_fed && feeds && !inside.external.contains(&(at, 0)) {
                    return None;
                }
                let mut spec = Spec::bare("*", "*");
                spec.force_input = true;
                Some((vec![spec], 1))
            }
            class_type => {
                let class = object_info.class(class_type)?;
                Some((class.listed().cloned().collect(), class.outputs.len()))
            }
        }
    }

    fn add_inputs(&mut self, at: Inner, specs: &[Spec], inside: &Inside, converted: &mut Vec<(Inner, usize, Spec)>) {
        let saved = self.nodes[at].get("inputs").items();
        let mut sockets = Vec::new();
        for spec in specs {
            if !Kind::of(&spec.ty).is_some_and(|_| !spec.force_input) {
                sockets.push(spec);
                continue;
            }
            let name = Some(spec.name.as_str());
            let is_converted =
                |input: &Json| input.get("name").str() == name && input.get("widget").get("name").str() == name;
            match saved.iter().position(is_converted) {
                Some(slot) => converted.push((at, slot, spec.clone())),
                None => {
                    let outer = self.show(at, spec);
                    self.group.widgets.push((at, spec.name.clone(), outer));
                }
            }
        }
        for (number, spec) in sockets.into_iter().enumerate() {
            let slot = saved.iter().position(|input| input.get("name").str() == Some(&spec.name)).unwrap_or(number);
            if inside.leads_to(at, slot) {
                continue;
            }
            let hidden = self.custom(at, "input", &spec.name).get("visible");
            if matches!(hidden, Json::Bool(false)) {
                self.name(at, &spec.name);
                continue;
            }
            self.show(at, spec);
            self.group.inputs.push((at, spec.name.clone()));
        }
    }

    fn add_outputs(&mut self, at: Inner, count: usize, inside: &Inside) {
        for slot in 0..count {
            let visible = match self.custom(at, "output", &slot.to_string()).get("visible") {
                Json::Bool(visible) => *visible,
                _ => !inside.comes_from(at, slot) || inside.external.contains(&(at, slot)),
            };
            if visible {
                self.group.outputs.push((at, slot));
                self.group.class.outputs.push("*".to_owned());
            }
        }
    }

    fn custom(&self, at: Inner, side: &str, name: &str) -> &Json<'_> {
        self.config.get(&at.to_string()).get(side).get(name)
    }

    /// Adds an input to the class, under a name of its own.
    fn show(&mut self, at: Inner, spec: &Spec) -> String {
        let name = self.name(at, &spec.name);
        let is_seed = matches!(spec.name.as_str(), "seed" | "noise_seed");
        let mut spec = spec.clone();
        spec.name.clone_from(&name);
        spec.optional = false;
        spec.control = if is_seed { Control::On } else { spec.control };
        match self.specs.iter_mut().find(|other| other.name == name) {
            Some(other) => *other = spec,
            None => self.specs.push(spec),
        }
        name
    }

    /// A name for an input: its own, or with the title of its node before it.
    fn name(&mut self, at: Inner, input: &str) -> String {
        let node = &self.nodes[at];
        let labelled = |saved: &&Json| saved.get("name").str() == Some(input);
        let label = node.get("inputs").items().iter().find(labelled).and_then(|saved| saved.get("label").str());
        let mut name = self.custom(at, "input", input).get("name").str().or(label).unwrap_or(input).to_owned();
        let title = node.get("title").str();
        let is_named_primitive =
            node.get("type").str() == Some("PrimitiveNode") && title.is_some_and(|t| !t.is_empty());
        let mut key = name.clone();
        if is_named_primitive || self.seen.contains_key(&name) {
            let prefix = title.or(node.get("type").str()).unwrap_or("");
            key = [prefix, " ", input].concat();
            name = match self.seen.get(&key) {
                Some(count) => [prefix, " ", &count.to_string(), " ", input].concat(),
                None => key.clone(),
            };
        }
        *self.seen.entry(key).or_insert(1) += 1;
        name
    }
}

fn text(text: impl Into<String>) -> Json<'static> {
    Json::String(Cow::Owned(text.into()))
}

fn number(value: usize) -> Json<'static> {
    json::from_f64(value as f64)
}

fn object<'a>(pairs: Vec<(&'static str, Json<'a>)>) -> Json<'a> {
    Json::Object(pairs.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
}

fn link(id: usize, from: Json<'static>, from_slot: usize, to: Json<'static>, to_slot: usize) -> Json<'static> {
    Json::Array(vec![text(["inner ", &id.to_string()].concat()), from, number(from_slot), to, number(to_slot)])
}

fn set<'a>(object: &mut Json<'a>, key: &'static str, value: Json<'a>) {
    if let Json::Object(pairs) = object {
        pairs.retain(|(other, _)| other != key);
        pairs.push((Cow::Borrowed(key), value));
    }
}

fn get_mut<'j, 'a>(object: &'j mut Json<'a>, key: &str) -> Option<&'j mut Json<'a>> {
    match object {
        Json::Object(pairs) => pairs.iter_mut().rev().find(|(other, _)| other == key).map(|(_, value)| value),
        _ => None,
    }
}

fn items_mut<'j, 'a>(object: &'j mut Json<'a>, key: &str) -> Option<&'j mut Vec<Json<'a>>> {
    match get_mut(object, key)? {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn expand_one(root: &mut Json, object_info: &ObjectInfo, at: usize, name: &str, ids: &mut Ids) {
    let saved = root.get("extra").get("groupNodes").get(name);
    let group = Group::read(name, saved, object_info);
    let nodes = saved.get("nodes").items();
    let inner_ids: Vec<Json<'static>> = nodes.iter().map(|_| text(ids.mint())).collect();
    let instance_id = ids.mint().into_owned();

    // What the instance says: values of widgets, and the links that come and go.
    let raw = &root.get("nodes").items()[at];
    let own_id = id_text(raw.get("id")).into_owned();
    let rows: Vec<Option<LinkRow>> = root.get("links").items().iter().map(LinkRow::read).collect();
    let mut node = Node::new(raw, Cow::Owned(own_id.clone()), "", "", Role::Class(&group.class));
    node.make_inputs(&group.class);
    let values = node.saved_values(&group.class);
    node.merge_inputs(&group.class, raw.get("inputs").items());
    let mut link_ids = HashMap::new();
    let mut ends = Vec::new();
    for (row_at, row) in rows.iter().enumerate() {
        if let Some(row) = row {
            link_ids.entry(row.id.clone()).or_insert(row_at);
            if row.target == own_id {
                ends.push((row_at, row.target_slot));
            }
        }
    }
    links::attach(&mut node, &mut ends);
    // A row count that does not fit leaves its rows as they are.
    let _ = node.restore_values(&values);
    links::follow(&mut node, &mut ends, &link_ids, |_, _| true);

    // The definition.
    let mut inner: Vec<Json<'static>> = nodes.iter().map(|node| node.clone().into_owned()).collect();
    for (node, id) in inner.iter_mut().zip(&inner_ids) {
        set(node, "id", id.clone());
        // Links go by slot, as the editor makes them.
        for input in items_mut(node, "inputs").into_iter().flatten() {
            set(input, "link", Json::Null);
        }
    }
    let mut taken = HashSet::new();
    for (inner_at, inner_name, outer_name) in &group.widgets {
        let widgets = node.widgets.iter().enumerate();
        let mut found = widgets.filter(|(widget, other)| other.name == *outer_name && !taken.contains(widget));
        let Some((widget, value)) = found.next().and_then(|(at, widget)| Some((at, widget.value.as_deref()?))) else {
            continue;
        };
        taken.insert(widget);
        let value = (Cow::Owned(inner_name.clone()), value.clone().into_owned());
        match get_mut(&mut inner[*inner_at], VALUES) {
            Some(Json::Object(values)) => values.push(value),
            _ => set(&mut inner[*inner_at], VALUES, Json::Object(vec![value])),
        }
    }
    let mut inner_links = Vec::new();
    for (from, from_slot, to, to_slot, _) in Inside::read(saved).links {
        let is_primitive = nodes.get(from).is_none_or(|node| node.get("type").str() == Some("PrimitiveNode"));
        if let (false, Some(from), Some(to)) = (is_primitive, inner_ids.get(from), inner_ids.get(to)) {
            inner_links.push(link(inner_links.len(), from.clone(), from_slot, to.clone(), to_slot));
        }
    }
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    let mut moved: Vec<(usize, Json<'static>, usize, Json<'static>, usize)> = Vec::new();
    let instance = text(instance_id.clone());
    for (slot, (inner_at, name)) in group.inputs.iter().enumerate() {
        let Some(row_at) = node.inputs.get(slot).and_then(|input| input.link) else {
            continue;
        };
        let Some(row) = &rows[row_at] else {
            continue;
        };
        let boundary = inputs.len();
        inputs.push((boundary, *inner_at, name.clone()));
        let origin = (text(&*row.origin), row.origin_slot.index().unwrap_or(0));
        moved.push((row_at, origin.0, origin.1, instance.clone(), boundary));
    }
    for (row_at, row) in rows.iter().enumerate() {
        let Some(row) = row.as_ref().filter(|row| row.origin == own_id) else {
            continue;
        };
        let Some((inner_at, slot)) = row.origin_slot.index().and_then(|slot| group.outputs.get(slot)) else {
            continue;
        };
        let boundary = outputs.len();
        outputs.push((boundary, *inner_at, *slot));
        moved.push((row_at, instance.clone(), boundary, text(&*row.target), row.target_slot));
    }
    let definition_id = ["group node ", &instance_id].concat();
    let boundary = |name: String, link: usize| {
        let links = vec![text(["inner ", &link.to_string()].concat())];
        object(vec![("name", text(name)), ("type", text("*")), ("linkIds", Json::Array(links))])
    };
    let mut boundary_inputs = Vec::new();
    for (slot, inner_at, name) in inputs {
        // The socket is found by its name, wherever it stands.
        let id = inner_links.len();
        inner_links.push(link(id, text("-10"), slot, inner_ids[inner_at].clone(), usize::MAX >> 16));
        let named = object(vec![("name", text(name.clone())), ("link", text(["inner ", &id.to_string()].concat()))]);
        match items_mut(&mut inner[inner_at], "inputs") {
            Some(saved) => match saved.iter_mut().find(|input| input.get("name").str() == Some(&name)) {
                Some(input) => set(input, "link", named.get("link").clone()),
                None => saved.push(named),
            },
            None => set(&mut inner[inner_at], "inputs", Json::Array(vec![named])),
        }
        boundary_inputs.push(boundary(["in", &slot.to_string()].concat(), id));
    }
    let mut boundary_outputs = Vec::new();
    for (at, inner_at, slot) in outputs {
        let id = inner_links.len();
        inner_links.push(link(id, inner_ids[inner_at].clone(), slot, text("-20"), at));
        boundary_outputs.push(boundary(["out", &at.to_string()].concat(), id));
    }
    let definition = object(vec![
        ("id", text(definition_id.clone())),
        ("name", text(name)),
        ("nodes", Json::Array(inner)),
        ("links", Json::Array(inner_links)),
        ("inputs", Json::Array(boundary_inputs)),
        ("outputs", Json::Array(boundary_outputs)),
    ]);
    let new =
        object(vec![("id", instance), ("type", text(definition_id)), ("title", raw.get("title").clone().into_owned())]);

    // The root.
    drop(rows);
    drop(node);
    if let Some(nodes) = items_mut(root, "nodes") {
        // Positions of other instances stay as they are.
        nodes[at] = new;
    }
    if let Some(links) = items_mut(root, "links") {
        for (row_at, from, from_slot, to, to_slot) in moved {
            let id = LinkRow::read(&links[row_at]).map(|row| text(&*row.id)).unwrap_or(Json::Null);
            links[row_at] = Json::Array(vec![id, from, number(from_slot), to, number(to_slot)]);
        }
    }
    if get_mut(root, "definitions").is_none_or(|definitions| !matches!(definitions, Json::Object(_))) {
        set(root, "definitions", Json::Object(Vec::new()));
    }
    if let Some(definitions) = get_mut(root, "definitions") {
        if items_mut(definitions, "subgraphs").is_none() {
            set(definitions, "subgraphs", Json::Array(Vec::new()));
        }
        if let Some(subgraphs) = items_mut(definitions, "subgraphs") {
            subgraphs.push(definition);
        }
    }
}
