use super::*;

#[test]
fn an_input_whose_origin_is_muted() {
    let mut source = source(1, &[7]);
    source["mode"] = json!(2);
    let conversion = converted(workflow(json!([source, show(2, 7)]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
    assert_eq!(super::warnings(&conversion), [("2", "image", "link")]);
    assert_eq!(conversion.warnings[0].message, "left out: it comes from a muted node");
}

#[test]
fn an_input_that_comes_through_a_bypassed_node_without_a_fitting_one() {
    let mut source = source(1, &[7]);
    source["mode"] = json!(4);
    let conversion = converted(workflow(json!([source, show(2, 7)]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
    assert_eq!(super::warnings(&conversion), [("2", "image", "link")]);
    assert!(conversion.warnings[0].message.contains("bypassed"));
}

#[test]
fn a_pattern_in_a_file_name_that_stands_for_nothing() {
    let save = json!({"id": 2, "type": "SaveImage", "widgets_values": ["a_%Nobody.steps%_%what%_%width%_%batch_num"],
        "inputs": [{"name": "images", "type": "IMAGE", "link": 7}]});
    let conversion = converted(workflow(json!([source(1, &[7]), save]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
    // The server resolves %width% itself.
    assert_eq!(
        super::warnings(&conversion),
        [("2", "filename_prefix", "file_name"), ("2", "filename_prefix", "file_name")]
    );
    assert!(conversion.warnings[0].message.contains("%Nobody.steps%"));
    let kept = &prompt(&conversion)["2"]["inputs"]["filename_prefix"];
    assert_eq!(kept, "a_%Nobody.steps%_%what%_%width%_%batch_num");
}

#[test]
fn nothing_where_nothing_surprises() {
    let conversion = converted(with_instance(0));
    assert_eq!(conversion.warnings, []);
}
