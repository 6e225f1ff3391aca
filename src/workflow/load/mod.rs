//! What the editor does when it opens a workflow file.

pub(crate) mod build;
pub(crate) mod dynamic;
pub(crate) mod file;
pub(crate) mod group_class;
pub(crate) mod group_nodes;
pub(crate) mod ids;
pub(crate) mod links;
pub(crate) mod promoted;
pub(crate) mod proxy_widgets;
pub(crate) mod repair;
pub(crate) mod settle;
pub(crate) mod sockets;
pub(crate) mod values;
pub(crate) mod widgets;
