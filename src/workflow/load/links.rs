//! Links inside one graph: from which output to which input.
//!
//! Rule L2: the link table is the truth. At most one link ends at an input: of several the first stays, unless only a
//! later one is named by an input; of links with the same id the first. Rule L3: an input of the file that names a link
//! says where it ends, by the input's name, because sockets may stand elsewhere now; a link that no input names ends at
//! the slot number of the table.

use crate::text::index::{Index, sorted};
use crate::workflow::load::dynamic::group_of;
use crate::workflow::load::file::{LinkRow, id_text};
use crate::workflow::model::arena::Arena;
use crate::workflow::model::graph::Graph;
use crate::workflow::model::link::{End, Link};
use crate::workflow::model::node::{Input, Node};
use crate::workflow::model::saved::SavedGraph;

/// Reads a link table.
pub(crate) fn read<'d>(graph: &mut Graph<'d>, raw: &'d SavedGraph<'d>, is_definition: bool, arena: &'d Arena) {
    let rows: Vec<LinkRow> = raw.links.iter().map(|row| LinkRow::new(row, arena)).collect();
    let by_id = Index::new(rows.iter().map(|row| row.id));
    let saved = raw.nodes.iter().flat_map(|node| node.inputs.iter());
    let saved = saved.map(|input| &input.link).filter(|link| !link.is_null());
    let named = Index::new(saved.map(|link| id_text(link, arena)));
    let is_named = |row: usize| named.first(rows[row].id).is_some();
    let is_first: Vec<bool> = rows.iter().enumerate().map(|(at, row)| by_id.first(row.id) == Some(at)).collect();

    // Which row stays for each row: of those that end at the same input one does.
    let mut stays: Vec<usize> = (0..rows.len()).collect();
    let key = |row: usize| (rows[row].target, rows[row].target_slot);
    let order = sorted(rows.len(), &|a, b| key(a) < key(b));
    let mut group: Option<(usize, usize)> = None;
    for row in order {
        if !is_first[row] {
            continue;
        }
        // The place in the list is that of the first of the group, whichever of them stays.
        match &mut group {
            Some((first, chosen)) if key(*first) == key(row) => {
                stays[row] = *first;
                let (old, new) = (&rows[*chosen], &rows[row]);
                let same = old.origin == new.origin && old.origin_slot.same(new.origin_slot);
                if !same && is_named(row) && !is_named(*chosen) {
                    *chosen = row;
                    stays[*first] = row;
                }
            }
            _ => group = Some((row, row)),
        }
    }
    let end = |id: &str, boundary: &str| match graph.by_id.first(id) {
        _ if is_definition && id == boundary => End::Boundary,
        Some(at) => End::Node(at),
        None => End::Missing,
    };
    let mut links = Vec::with_capacity(rows.len());
    let mut link_ids = Vec::with_capacity(rows.len());
    let mut places = vec![usize::MAX; rows.len()];
    for (at, row) in rows.iter().enumerate() {
        if !is_first[at] {
            continue;
        }
        let first = stays[at];
        if first < at {
            // A reference to a removed link means the one that stays.
            link_ids.push((row.id, places[first]));
            continue;
        }
        let chosen = &rows[first];
        places[at] = links.len();
        link_ids.push((row.id, links.len()));
        links.push(Link {
            order: chosen.id.parse().unwrap_or(u64::MAX),
            origin: end(chosen.origin, "-10"),
            origin_slot: chosen.origin_slot,
            ty: chosen.ty,
            target: end(chosen.target, "-20"),
            target_slot: Some(chosen.target_slot),
            gone: false,
        });
    }
    graph.links = links;
    graph.link_ids = Index::of(link_ids);
}

/// For each node, the links that end at it and their slots.
pub(crate) fn ends_by_node(graph: &Graph) -> Vec<Vec<(usize, usize)>> {
    let mut ends: Vec<Vec<(usize, usize)>> = vec![Vec::new(); graph.nodes.len()];
    for (at, link) in graph.links.iter().enumerate() {
        if let Some((node, slot)) = link.target_node() {
            ends[node].push((at, slot));
        }
    }
    ends
}

/// Puts links onto the inputs at the slots of the table. Those beyond the last input are left in `ends`.
pub(crate) fn attach(node: &mut Node, ends: &mut Vec<(usize, usize)>) {
    ends.retain(|(link, slot)| match node.inputs.get_mut(*slot) {
        Some(input) => {
            input.link = Some(*link);
            false
        }
        None => true,
    });
}

/// A link that inputs of the file name.
struct Named<'d> {
    link: usize,
    names: Vec<&'d str>,
    /// The input where it ends now.
    slot: Option<usize>,
    /// It could not be moved, and is not tried again.
    stays: bool,
    /// Another link took its input while no input had its name: it is cut.
    cut: bool,
}

/// Moves the links of a node to the inputs whose names the file has for them (rule L3). `dangling` are links beyond the
/// last input; `into_groups` leaves members of autogrow groups alone.
///
/// The moves of one pass are made together or not at all: where one would end at an input whose link does not move away,
/// that one stays where it is, and the others are tried again without it.
pub(crate) fn follow<'d>(
    node: &mut Node<'d>,
    dangling: &mut Vec<(usize, usize)>,
    link_ids: &Index<'d>,
    into_groups: bool,
) {
    let mut named = named_links(node, dangling, link_ids, into_groups);
    let order = sorted(named.len(), &|a, b| named[a].link < named[b].link);
    let find = |named: &[Named], link: usize| {
        let at = order.partition_point(|at| named[*at].link < link);
        order.get(at).copied().filter(|at| named[*at].link == link)
    };
    // Moving a link into an autogrow group can grow it, which moves others.
    let mut passes = 0;
    while passes < named.len().min(MAX_PASSES) {
        for one in &mut named {
            one.slot = None;
        }
        for (slot, input) in node.inputs.iter().enumerate() {
            if let Some(at) = input.link.and_then(|link| find(&named, link)) {
                named[at].slot = Some(slot);
            }
        }
        // For each link whether it moves, and whether any input has its name.
        let by_name = Index::new(node.inputs.iter().map(|input| input.name));
        let mut moves: Vec<(usize, usize)> = Vec::new();
        let mut leaves = vec![false; named.len()];
        for (at, one) in named.iter().enumerate() {
            let slots = || one.names.iter().flat_map(|name| by_name.all(name)).map(|(_, slot)| *slot);
            match slots().min() {
                None => leaves[at] = true,
                Some(first) if !one.stays && !slots().any(|slot| one.slot == Some(slot)) => {
                    leaves[at] = true;
                    moves.push((at, first));
                }
                Some(_) => {}
            }
        }
        if moves.is_empty() {
            break;
        }
        let is_blocked = |slot: usize| {
            let occupant = node.inputs[slot].link;
            occupant.is_some_and(|link| find(&named, link).is_none_or(|at| !leaves[at]))
        };
        let mut held: Vec<usize> = moves.iter().filter(|(_, slot)| is_blocked(*slot)).map(|(at, _)| *at).collect();
        if held.is_empty() && (moves.iter().any(|(at, _)| named[*at].cut) || meet(&moves)) {
            held.extend(moves.iter().map(|(at, _)| *at));
        }
        if !held.is_empty() {
            held.into_iter().for_each(|at| named[at].stays = true);
            continue;
        }
        passes += 1;
        for (at, _) in &moves {
            match named[*at].slot {
                Some(slot) => node.inputs[slot].link = None,
                None => dangling.retain(|(link, _)| *link != named[*at].link),
            }
        }
        for (at, slot) in &moves {
            if let Some(former) = node.inputs[*slot].link.replace(named[*at].link).and_then(|link| find(&named, link)) {
                named[former].cut = true;
            }
        }
        if node.grown.is_empty() {
            // Nothing can have changed.
            break;
        }
        // By the slots from before: what grows at one moves the others.
        moves.into_iter().for_each(|(_, slot)| drop(node.connected(slot)));
    }
}

/// More passes than the members of any group need.
const MAX_PASSES: usize = 1000;

/// Whether two links would end at one input.
fn meet(moves: &[(usize, usize)]) -> bool {
    let order = sorted(moves.len(), &|a, b| moves[a].1 < moves[b].1);
    order.windows(2).any(|pair| moves[pair[0]].1 == moves[pair[1]].1)
}

/// The links that end at a node and that inputs of the file name, in the file's order.
fn named_links<'d>(
    node: &Node<'d>,
    dangling: &[(usize, usize)],
    link_ids: &Index<'d>,
    into_groups: bool,
) -> Vec<Named<'d>> {
    let mut here: Vec<usize> = dangling.iter().map(|(link, _)| *link).collect();
    here.extend(node.inputs.iter().filter_map(|input| input.link));
    let order = sorted(here.len(), &|a, b| here[a] < here[b]);
    let place_of = |link: usize| {
        let at = order.partition_point(|at| here[*at] < link);
        order.get(at).copied().filter(|at| here[*at] == link)
    };
    let mut named: Vec<Named> = Vec::new();
    // Of each link that ends here, where it is in the list. One that several inputs name stands where the first does.
    let mut listed = vec![usize::MAX; here.len()];
    for saved in node.raw.inputs.iter() {
        let (link, name) = (&saved.link, saved.name.or_empty());
        if link.is_null() || (into_groups && is_grown(node, name)) {
            continue;
        }
        let Some(place) = link_ids.first(id_text(link, node.arena)).and_then(place_of) else { continue };
        if let Some(one) = named.get_mut(listed[place]) {
            one.names.push(name);
        } else {
            listed[place] = named.len();
            named.push(Named { link: here[place], names: vec![name], slot: None, stays: false, cut: false });
        }
    }
    named
}

/// Whether a name is that of a member of an autogrow group.
fn is_grown(node: &Node, name: &str) -> bool {
    group_of(name).is_some_and(|group| node.grown.iter().any(|grown| grown.name == group))
}

/// Before values are brought in: links to the children of a group widget follow their names, because choosing an option
/// replaces those inputs. Autogrow groups are left to [`follow_names`].
pub(crate) fn follow_into_groups<'d>(node: &mut Node<'d>, dangling: &mut Vec<(usize, usize)>, link_ids: &Index<'d>) {
    let of_widget = |input: &Input| {
        !is_grown(node, input.name) && group_of(input.name).is_some_and(|group| node.widget_named(group).is_some())
    };
    if node.inputs.iter().any(of_widget) {
        follow(node, dangling, link_ids, true);
    }
}

/// Once all nodes have their sockets: every link follows its name.
pub(crate) fn follow_names(graph: &mut Graph) {
    let mut placed = vec![false; graph.links.len()];
    for node in &graph.nodes {
        for link in node.inputs.iter().filter_map(|input| input.link) {
            placed[link] = true;
        }
    }
    let mut ends = ends_by_node(graph);
    for (node, ends) in graph.nodes.iter_mut().zip(&mut ends) {
        // Those that the slots of the table put beyond the last input.
        ends.retain(|(link, slot)| !placed[*link] && *slot >= node.inputs.len() && !node.cut.contains(link));
        follow(node, ends, &graph.link_ids, false);
        if !node.grown.is_empty() {
            // Inputs that a group has made again came with a new widget.
            node.number_repeated_widgets();
        }
    }
}
