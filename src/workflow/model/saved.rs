//! A workflow file as the editor saves it: the fields that a conversion reads, borrowed from the text.

use crate::workflow::model::json::Json;
use crate::workflow::model::lenient::{Entries, List, Text, fields};

fields! {
    /// The root of a file, or a subgraph definition.
    SavedGraph {
        "id" => id: Text<'a>,
        "name" => name: Text<'a>,
        "nodes" => nodes: List<SavedNode<'a>>,
        "links" => links: List<SavedLink<'a>>,
        /// Of a definition: its own inputs and outputs.
        "inputs" => inputs: List<SavedSlot<'a>>,
        "outputs" => outputs: List<SavedSlot<'a>>,
        "definitions" => definitions: SavedDefinitions<'a>,
        "extra" => extra: SavedExtra<'a>,
        /// The frames around nodes.
        "groups" => frames: List<SavedFrame<'a>>,
        /// The highest node id that the editor had given.
        "last_node_id" => last_node_id: Json<'a>,
        "state" => state: SavedState<'a>,
    }
}

fields! {
    SavedDefinitions {
        "subgraphs" => subgraphs: List<SavedGraph<'a>>,
    }
}

fields! {
    /// What version 1 files say about the ids that were given.
    SavedState {
        "lastNodeId" => last_node_id: Json<'a>,
    }
}

fields! {
    SavedExtra {
        "groupNodes" => group_nodes: Entries<'a, SavedGroup<'a>>,
        /// Links that the Use Everywhere pack had in the graph when it was saved.
        "links_added_by_ue" => added_links: List<Json<'a>>,
    }
}

fields! {
    /// A frame around nodes, which the editor calls a group.
    SavedFrame {
        "title" => title: Text<'a>,
        /// Left, top, width and height.
        "bounding" => bounding: Json<'a>,
    }
}

fields! {
    /// A node.
    SavedNode {
        "id" => id: Json<'a>,
        "type" => class_type: Text<'a>,
        "title" => title: Json<'a>,
        "mode" => mode: Json<'a>,
        "inputs" => inputs: List<SavedSlot<'a>>,
        "outputs" => outputs: List<SavedSlot<'a>>,
        "properties" => properties: Json<'a>,
        "widgets_values" => values: Json<'a>,
        "widgets_values_named" => named_values: Json<'a>,
        "pos" => pos: Json<'a>,
        "size" => size: Json<'a>,
        "flags" => flags: Json<'a>,
        "color" => color: Text<'a>,
        ;
        /// Of a node that was made of a group node: the values of its widgets by name.
        given: Vec<(String, Json<'a>)>
    }
}

fields! {
    /// An input or an output of a node or of a definition.
    SavedSlot {
        "name" => name: Text<'a>,
        "label" => label: Text<'a>,
        "localized_name" => localized_name: Text<'a>,
        "type" => ty: Json<'a>,
        /// The link that ends at an input.
        "link" => link: Json<'a>,
        /// The links of an input or output of a definition.
        "linkIds" => link_ids: List<Json<'a>>,
        /// The widget beside an input.
        "widget" => widget: SavedWidget<'a>,
    }
}

fields! {
    SavedWidget {
        "name" => name: Text<'a>,
    }
}

fields! {
    /// A row of a link table (rule L1): a list at the root of 0.4 files, an object inside of subgraphs and in version 1
    /// files; both are read everywhere.
    SavedLink list {
        "id" => id: Json<'a>,
        "origin_id" => origin: Json<'a>,
        "origin_slot" => origin_slot: Json<'a>,
        "target_id" => target: Json<'a>,
        "target_slot" => target_slot: Json<'a>,
        "type" => ty: Text<'a>,
    }
}

fields! {
    /// The definition of a group node.
    SavedGroup {
        "nodes" => nodes: List<SavedNode<'a>>,
        /// `[position, slot, position, slot, …, type]`
        "links" => links: List<Json<'a>>,
        /// `[position, slot, type]`
        "external" => external: List<Json<'a>>,
        "config" => config: Json<'a>,
    }
}
