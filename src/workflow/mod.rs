//! From the editor's workflow to the prompt that `POST /prompt` takes.
//!
//! The measure is ComfyUI's own frontend (comfyui-frontend-package 1.58.1): the same nodes and the same values as its
//! "Export (API)". The rules below were observed by asking it; each file states those that it implements, and
//! `tests/conversion` holds workflows for each with the frontend's answers. Where a rule and the frontend disagree, the
//! frontend is right.
//!
//! Which inputs are widgets, and what they take from `widgets_values`:
//!
//! - **W1** Types that make a widget; `forceInput` leaves a bare socket (`spec`, `node`).
//! - **W2** The order of inputs (`object_info`).
//! - **W3** Which widgets take a place in the list, and which reach the prompt, are two different things (`widgets`,
//!   `values`).
//! - **W4** Missing values become defaults, extra ones are ignored, nothing is validated, clamped or rounded (`values`);
//!   what the editor repairs nevertheless (`repair`).
//! - **W5** Dummies in files from before 1.16; values saved by name (`values`).
//! - **W6** `widgets_values_named` counts only on classes with `fallbackWidgetsValuesNames` (`values`, `object_info`).
//!
//! Making the prompt:
//!
//! - **P1** Primitive nodes push their value (`primitives`, `limits`).
//! - **P2** Subgraph instances become the nodes inside them; order and ids (`expand`, `ids`).
//! - **P3** What is not in the prompt: muted, bypassed and virtual nodes (`dropped`, `packs`).
//! - **P4** Values first: lists and curves are wrapped, texts resolved (`prompt`, `text`, `names`).
//! - **P5** Then links, over the values (`prompt`).
//! - **P6** Types that the object info does not know are reported all at once, never guessed (`prompt`, `error`).
//!
//! Where links lead:
//!
//! - **L1** Both forms of link tables (`file`).
//! - **L2** The table is the truth (`links`). **L3** An input that names its link says where it ends (`links`).
//! - **L4** Through Reroutes, bypassed nodes and the boundaries of subgraphs (`resolve`).
//! - **L5** Types of sockets settle once a file is loaded, which decides what fits (`settle`).
//!
//! And: **S2** promoted widgets (`promoted`), **D** dynamic inputs (`dynamic`), **G** group nodes (`group_nodes`).
//!
//! A workflow is read into `json`, its parts are found by `file`, group nodes become subgraphs, `graph` makes every
//! graph with its nodes and links, `expand` lists the nodes, and `prompt` writes them.

mod export;
mod load;
mod model;
mod packs;

pub use export::conversion::{Chosen, Conversion, Prompt, Warning};
pub use export::convert::convert;
pub use export::dropped::{Dropped, Reason};
pub use export::options::{ConvertOptions, LocalTime, Random};
pub use model::error::{ConvertError, Malformed, UnknownType};
pub use model::object_info::ObjectInfo;
