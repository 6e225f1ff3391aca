use super::*;

#[test]
fn say_why() {
    let conversion = converted(workflow(
        json!([
            source(1, &[7]),
            {"id": 2, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 7}],
             "outputs": [{"name": "", "type": "IMAGE", "links": [8]}]},
            show(3, 8),
            {"id": 4, "type": "Show", "mode": 2},
            {"id": 5, "type": "Show", "mode": 4},
            {"id": 6, "type": "MarkdownNote"},
            {"id": 7, "type": "PrimitiveNode"},
        ]),
        json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 2, 0, 3, 0, "IMAGE"]]),
    ));
    let mut found = dropped(&conversion);
    found.sort_unstable_by_key(|(id, ..)| *id);
    assert_eq!(
        found,
        [
            ("2", "Reroute", Reason::Virtual),
            ("4", "Show", Reason::Muted),
            ("5", "Show", Reason::Bypassed),
            ("6", "MarkdownNote", Reason::Virtual),
            ("7", "PrimitiveNode", Reason::Virtual),
        ]
    );
}

#[test]
fn of_an_active_subgraph_are_the_instance_and_what_is_virtual_inside() {
    let conversion = converted(with_instance(0));
    assert_eq!(dropped(&conversion), [("2", "definition-1", Reason::Virtual), ("2:6", "Note", Reason::Virtual)]);
    assert_eq!(prompt(&conversion)["2:5"]["inputs"]["image"], json!(["1", 0]));
}

#[test]
fn of_a_muted_subgraph_are_all_nodes_inside_too() {
    for (mode, reason) in [(2, Reason::Muted), (4, Reason::Bypassed)] {
        let conversion = converted(with_instance(mode));
        let mut found = dropped(&conversion);
        found.sort_unstable_by_key(|(id, ..)| *id);
        assert_eq!(found, [("2", "definition-1", reason), ("2:5", "Show", reason), ("2:6", "Note", reason)]);
    }
}

#[test]
fn and_those_in_the_prompt_are_all_nodes() {
    let conversion = converted(with_instance(0));
    // Two at the root, two inside.
    assert_eq!(conversion.prompt.len() + conversion.dropped.len(), 4);
}
