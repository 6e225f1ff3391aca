use super::*;

fn text(random: Random) -> String {
    let options = "abcdefghijklmnopqrstuvwxyz".split("").filter(|c| !c.is_empty()).collect::<Vec<_>>().join("|");
    let text = format!("{{{options}}}").repeat(20);
    let nodes = json!([{"id": 1, "type": "Prompt", "widgets_values": [text]}]);
    let options = ConvertOptions { random, ..Default::default() };
    let conversion = try_convert(&workflow(nodes, json!([])), &options).unwrap();
    prompt(&conversion)["1"]["inputs"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn take_the_first_choice_unless_asked_otherwise() {
    assert_eq!(text(Random::First), "a".repeat(20));
}

#[test]
fn are_the_same_for_the_same_seed_and_others_for_another() {
    let one = text(Random::Seeded(1));
    assert_eq!(one, text(Random::Seeded(1)));
    assert_ne!(one, text(Random::Seeded(2)));
    let different: std::collections::BTreeSet<char> = one.chars().collect();
    assert!(different.len() > 5 && one.len() == 20, "{one}");
}
