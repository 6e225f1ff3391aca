//! `GET /object_info/{class}`: what a COMBO input of a class offers.

use crate::protocol::json::Raw;

/// Why there are no choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoChoices {
    /// The answer is none of ComfyUI.
    Malformed,
    NoClass,
    /// The class has no such input; these it has.
    NoInput(Vec<String>),
    /// The input is of this type.
    NoCombo(String),
}

/// The choices of an input as JSON text, a list. Reads both forms of a COMBO, `[[…], {…}]` and
/// `["COMBO", {"options": […]}]`, among required and optional inputs.
pub fn choices(text: &str, class_type: &str, input: &str) -> Result<String, NoChoices> {
    let classes = Raw::read(text).ok().filter(|classes| classes.is_object()).ok_or(NoChoices::Malformed)?;
    let inputs = classes.find(class_type).ok_or(NoChoices::NoClass)?.get("input");
    let groups = ["required", "optional"].map(|group| inputs.get(group));
    let Some(found) = groups.iter().find_map(|group| group.find(input)) else {
        let names = groups.iter().flat_map(|group| group.entries()).map(|(name, _)| name.into_owned());
        return Err(NoChoices::NoInput(names.collect()));
    };
    let parts = found.items();
    let kind = parts.first().copied().unwrap_or(Raw::NULL);
    let options = parts.get(1).copied().unwrap_or(Raw::NULL).get("options");
    match (kind.is_list(), kind.string()) {
        (true, _) => Ok(kind.text().to_owned()),
        (false, Some(name)) if name == "COMBO" && options.is_list() => Ok(options.text().to_owned()),
        // Its choices come from a route of their own.
        (false, Some(name)) if name == "COMBO" => Ok("[]".to_owned()),
        (false, name) => Err(NoChoices::NoCombo(name.unwrap_or_default().into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = r#"{"Loader": {"input": {
        "required": {"name": [["a.safetensors", "b.safetensors"], {"tooltip": "x"}], "strength": ["FLOAT", {"min": 0}]},
        "optional": {"mode": ["COMBO", {"options": ["fast", 2]}], "remote": ["COMBO", {"remote": {"route": "/x"}}]}
    }}}"#;

    #[test]
    fn both_forms_of_a_combo_have_choices_optional_or_not() {
        assert_eq!(choices(INFO, "Loader", "name").unwrap(), r#"["a.safetensors", "b.safetensors"]"#);
        assert_eq!(choices(INFO, "Loader", "mode").unwrap(), r#"["fast", 2]"#);
        assert_eq!(choices(INFO, "Loader", "remote").unwrap(), "[]");
    }

    #[test]
    fn what_has_no_choices_says_why() {
        let names = ["name", "strength", "mode", "remote"].map(str::to_owned).to_vec();
        assert_eq!(choices(INFO, "Loader", "nane"), Err(NoChoices::NoInput(names)));
        assert_eq!(choices(INFO, "Loader", "strength"), Err(NoChoices::NoCombo("FLOAT".to_owned())));
        assert_eq!(choices("{}", "Loader", "name"), Err(NoChoices::NoClass));
        assert_eq!(choices("<html>", "Loader", "name"), Err(NoChoices::Malformed));
    }
}
