//! The conversion from end to end.

use crate::text::work;
use crate::workflow::export::conversion::Conversion;
use crate::workflow::export::dropped;
use crate::workflow::export::expand::{self, Expansion};
use crate::workflow::export::options::ConvertOptions;
use crate::workflow::export::primitives;
use crate::workflow::export::prompt;
use crate::workflow::load::build;
use crate::workflow::load::file::{self, Document};
use crate::workflow::load::group_nodes;
use crate::workflow::load::settle;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::object_info::ObjectInfo;
use crate::workflow::packs;

/// Makes the prompt that ComfyUI's editor would make of a workflow.
///
/// # Errors
///
/// [`ConvertError`]: the text is no workflow, node types are unknown, or the workflow is one that the editor itself
/// refuses (links in a circle, links from nowhere).
pub fn convert(workflow: &str, object_info: &ObjectInfo, options: &ConvertOptions) -> Result<Conversion, ConvertError> {
    work::count(workflow.len());
    let arena = Arena::default();
    let mut root = file::read(workflow, &arena)?;
    group_nodes::expand(&mut root, workflow, object_info, &arena)?;
    let document = Document::new(&root);
    expand::check_size(&document)?;
    let mut graphs = build::graphs(&document, object_info, &arena)?;
    primitives::push_values(&mut graphs)?;
    settle::types(&mut graphs);
    if packs::add_links(&mut graphs) {
        settle::types(&mut graphs);
    }
    packs::note_unknown(&mut graphs);
    let expansion = Expansion::new(&graphs)?;
    let (prompt, warnings, chosen) = prompt::write(&graphs, &expansion, options).map_err(|error| match error {
        ConvertError::UnknownTypes(types) => {
            ConvertError::UnknownTypes(group_nodes::name_inner(types, &root, object_info))
        }
        error => error,
    })?;
    Ok(Conversion { prompt, warnings, dropped: dropped::list(&graphs, &expansion)?, chosen })
}
