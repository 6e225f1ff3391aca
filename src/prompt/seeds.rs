//! The seeds of a prompt: inputs called `seed`, or something that ends with it, that hold a number.

use crate::prompt::path::InputRef;
use crate::protocol::json::Raw;

/// The largest seed that is chosen. Node classes differ in what they take; every class seen takes this much.
pub const LARGEST: u32 = i32::MAX as u32;

/// The inputs that hold seeds, in the prompt's order. A seed that is linked from a primitive node is that node's value.
pub fn find(prompt: Raw) -> Vec<InputRef> {
    let nodes = prompt.entries();
    let mut found = Vec::new();
    for (id, node) in &nodes {
        for (name, value) in node.get("inputs").entries() {
            if !is_seed(&name) {
                continue;
            }
            let seed = if value.is_number() {
                Some(InputRef { node: id.to_string(), input: name.into_owned() })
            } else {
                let origin = value.items().first().and_then(|id| id.id());
                let origin = origin.and_then(|id| nodes.iter().find(|(other, _)| *other == id));
                origin
                    .filter(|(_, node)| is_primitive(*node))
                    .map(|(id, _)| InputRef { node: id.to_string(), input: "value".to_owned() })
            };
            found.extend(seed.filter(|seed| !found.contains(seed)));
        }
    }
    found
}

fn is_seed(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("seed")
}

fn is_primitive(node: Raw) -> bool {
    node.string_at("class_type").contains("Primitive") && node.get("inputs").get("value").is_number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_of_inputs_that_are_called_so() {
        let prompt = r#"{
            "3": {"class_type": "KSampler", "inputs": {"seed": 18446744073709551615, "steps": 20}},
            "4": {"class_type": "RandomNoise", "inputs": {"noise_seed": 5}},
            "5": {"class_type": "KSampler", "inputs": {"seed": ["7", 0]}},
            "6": {"class_type": "KSampler", "inputs": {"seed": ["7", 0], "variation_seed": ["4", 0]}},
            "7": {"class_type": "PrimitiveInt", "inputs": {"value": 9}},
            "8": {"class_type": "Text", "inputs": {"seed": "text", "seed_mode": 3}}
        }"#;
        let found = find(Raw::read(prompt).unwrap());
        let found: Vec<String> = found.iter().map(|seed| format!("{}.{}", seed.node, seed.input)).collect();
        assert_eq!(found, ["3.seed", "4.noise_seed", "7.value"]);
    }
}
