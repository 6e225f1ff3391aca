use super::*;

fn saved_as(prefix: &str, now: Option<LocalTime>) -> (Value, usize) {
    let nodes = json!([source(1, &[7]), {"id": 2, "type": "SaveImage", "widgets_values": [prefix],
        "inputs": [{"name": "images", "type": "IMAGE", "link": 7}]}]);
    let options = ConvertOptions { now, ..Default::default() };
    let conversion = try_convert(&workflow(nodes, json!([[7, 1, 0, 2, 0, "IMAGE"]])), &options).unwrap();
    (prompt(&conversion)["2"]["inputs"]["filename_prefix"].clone(), conversion.warnings.len())
}

#[test]
fn are_those_of_the_time_that_is_given() {
    let now = LocalTime { year: 2026, month: 3, day: 7, hour: 16, minute: 5, second: 9 };
    let (name, warnings) = saved_as("%date:yyyy-MM-dd%/%date:yy-M-d h-mm-ss%", Some(now));
    assert_eq!((name, warnings), (json!("2026-03-07/26-3-7 16-05-09"), 0));
}

#[test]
fn stay_as_they_are_without_a_time_and_warn() {
    assert_eq!(saved_as("%date:yyyy%", None), (json!("%date:yyyy%"), 1));
}
