use super::*;
use crate::protocol::binary::BinaryFrame;
use crate::protocol::binary::{HEADER_LENGTH, Header};
use crate::protocol::frame::Frame;

/// Runs are numbers here; run 1 follows `mine`.
fn open_endpoint() -> Endpoint<u32> {
    let mut endpoint = Endpoint::default();
    endpoint.join(1);
    endpoint.accept(1, &Rc::from("mine"));
    endpoint.open(&1);
    endpoint.socket_opened();
    drain(&mut endpoint);
    endpoint
}

fn drain(endpoint: &mut Endpoint<u32>) -> Vec<Effect<u32>> {
    std::iter::from_fn(|| endpoint.poll_effect()).collect()
}

/// Who gets a text frame, and who is told of it.
fn text(endpoint: &mut Endpoint<u32>, now: f64, text: &str) -> (Vec<u32>, Vec<u32>) {
    let mut found = None;
    Frame::read(text, &mut |frame| {
        let route = endpoint.route_frame(now, frame);
        found = Some((route.recipients().copied().collect(), route.others));
    });
    found.expect("a frame")
}

fn named(endpoint: &mut Endpoint<u32>, now: f64, kind: &str, prompt_id: &str) -> (Vec<u32>, Vec<u32>) {
    text(endpoint, now, &format!(r#"{{"type": "{kind}", "data": {{"node": "1", "prompt_id": "{prompt_id}"}}}}"#))
}

fn bare_progress(endpoint: &mut Endpoint<u32>, now: f64) -> Vec<u32> {
    text(endpoint, now, r#"{"type": "progress", "data": {"value": 1, "max": 2}}"#).0
}

fn preview(endpoint: &mut Endpoint<u32>, now: f64, metadata: Option<&str>) -> Vec<u32> {
    let mut bytes = Vec::new();
    match metadata {
        None => bytes.extend([0, 0, 0, 1, 0, 0, 0, 1]),
        Some(text) => {
            bytes.extend([0, 0, 0, 4]);
            bytes.extend((text.len() as u32).to_be_bytes());
            bytes.extend(text.bytes());
        }
    }
    bytes.extend([0xff, 0xd8, 0xff]);
    let header = Header::read(&bytes[..HEADER_LENGTH], bytes.len()).expect("a header");
    let frame = BinaryFrame::new(&header, &bytes[header.metadata.clone()], &bytes[header.image..]).expect("a preview");
    endpoint.route_binary(now, &frame).recipients().copied().collect()
}

#[test]
fn with_one_run_on_the_socket_unnamed_frames_of_another_prompt_reach_nobody() {
    let mut endpoint = open_endpoint();
    named(&mut endpoint, 0.0, "executing", "mine");
    assert_eq!(bare_progress(&mut endpoint, 1.0), [1]);
    assert_eq!(preview(&mut endpoint, 2.0, None), [1]);
    let (recipients, others) = named(&mut endpoint, 3.0, "executing", "theirs");
    assert_eq!((recipients, others), (vec![], vec![1]), "the run is told that the frame is not its own");
    assert!(bare_progress(&mut endpoint, 4.0).is_empty());
    assert!(preview(&mut endpoint, 5.0, None).is_empty());
    named(&mut endpoint, 6.0, "executing", "mine");
    assert_eq!(preview(&mut endpoint, 7.0, None), [1]);
}

#[test]
fn the_end_of_a_prompt_and_a_new_connection_end_its_claim_on_unnamed_frames() {
    for kind in ["execution_success", "execution_error", "execution_interrupted"] {
        let mut endpoint = open_endpoint();
        named(&mut endpoint, 0.0, "executing", "mine");
        named(&mut endpoint, 1.0, kind, "mine");
        assert!(preview(&mut endpoint, 2.0, None).is_empty(), "{kind}");
    }
    let mut endpoint = open_endpoint();
    named(&mut endpoint, 0.0, "executing", "mine");
    endpoint.socket_closed();
    endpoint.open(&1);
    endpoint.socket_opened();
    assert!(bare_progress(&mut endpoint, 1.0).is_empty());
}

#[test]
fn a_preview_with_metadata_goes_to_the_run_that_it_names() {
    let mut endpoint = open_endpoint();
    endpoint.join(2);
    endpoint.accept(2, &Rc::from("other"));
    named(&mut endpoint, 0.0, "executing", "mine");
    assert_eq!(preview(&mut endpoint, 1.0, Some(r#"{"prompt_id": "other"}"#)), [2]);
    assert_eq!(preview(&mut endpoint, 2.0, None), [2], "and so do the unnamed ones after it");
    assert!(preview(&mut endpoint, 3.0, Some(r#"{"prompt_id": "theirs"}"#)).is_empty());
}

#[test]
fn each_run_gets_its_own_frames_and_all_get_those_for_everybody() {
    let mut endpoint = open_endpoint();
    for (run, id) in [(2, "other"), (3, "mine")] {
        endpoint.join(run);
        endpoint.accept(run, &Rc::from(id));
    }
    endpoint.join(4);
    assert_eq!(named(&mut endpoint, 0.0, "executing", "mine").0, [1, 3]);
    assert_eq!(named(&mut endpoint, 0.0, "executing", "other").0, [2]);
    assert_eq!(named(&mut endpoint, 0.0, "executing", "unknown").0, [4], "perhaps of the unanswered submission");
    let mut everybody = text(&mut endpoint, 0.0, r#"{"type": "status", "data": {}}"#).0;
    everybody.sort();
    assert_eq!(everybody, [1, 2, 3, 4]);
    endpoint.leave(&1);
    assert_eq!(named(&mut endpoint, 0.0, "executing", "mine").0, [3]);
}

#[test]
fn runs_are_told_of_other_prompts_frames_at_once_when_their_own_stop_and_then_once_a_second() {
    let mut endpoint = open_endpoint();
    endpoint.join(2);
    endpoint.accept(2, &Rc::from("other"));
    assert_eq!(named(&mut endpoint, 0.0, "executing", "mine").1, [2]);
    assert!(named(&mut endpoint, 10.0, "executing", "mine").1.is_empty());
    assert_eq!(named(&mut endpoint, 20.0, "executing", "other").1, [1]);
    assert!(named(&mut endpoint, 999.0, "executing", "other").1.is_empty());
    assert_eq!(named(&mut endpoint, 1_000.0, "executing", "other").1, [1]);
    // A clock that was set back by an hour does not keep them uninformed for an hour.
    assert_eq!(named(&mut endpoint, -3_600_000.0, "executing", "other").1, [1]);
}

#[test]
fn a_replacement_waits_for_the_old_connection_and_tells_the_other_runs() {
    let mut endpoint = open_endpoint();
    endpoint.join(2);
    endpoint.accept(2, &Rc::from("other"));
    endpoint.replace(&1);
    assert_eq!(drain(&mut endpoint), [Effect::Close, Effect::Closed(2)]);
    endpoint.open(&2);
    endpoint.replace(&2);
    assert_eq!(drain(&mut endpoint), []);
    endpoint.socket_closed();
    assert_eq!(drain(&mut endpoint), [Effect::Connect]);
    endpoint.socket_opened();
    assert_eq!(drain(&mut endpoint), [Effect::Send(FEATURE_FLAGS), Effect::Opened(1), Effect::Opened(2)]);
}

#[test]
fn the_last_run_closes_the_socket_and_the_next_one_waits_for_that() {
    let mut endpoint = open_endpoint();
    endpoint.leave(&1);
    assert_eq!(drain(&mut endpoint), [Effect::Close]);
    endpoint.join(2);
    endpoint.open(&2);
    assert_eq!(drain(&mut endpoint), []);
    endpoint.socket_closed();
    assert_eq!(drain(&mut endpoint), [Effect::Connect]);
    // Where that one leaves too, nothing is opened.
    endpoint.leave(&2);
    endpoint.join(3);
    endpoint.open(&3);
    endpoint.leave(&3);
    endpoint.socket_closed();
    assert_eq!(drain(&mut endpoint), [Effect::Close]);
    assert_eq!(endpoint.state(), State::Idle);
}

#[test]
fn a_socket_without_its_headers_that_never_opens_is_impossible() {
    for (has_opened, impossible) in [(false, true), (true, false)] {
        let mut endpoint = Endpoint::default();
        endpoint.join(1);
        endpoint.open(&1);
        endpoint.socket_lacks_headers();
        if has_opened {
            endpoint.socket_opened();
            endpoint.socket_closed();
            endpoint.open(&1);
        }
        drain(&mut endpoint);
        endpoint.socket_closed();
        assert_eq!(matches!(drain(&mut endpoint)[..], [Effect::Impossible(1, _)]), impossible);
    }
}

#[test]
fn a_watcher_gets_every_frame_and_keeps_the_socket_open() {
    let mut endpoint = open_endpoint();
    endpoint.watch(9);
    assert_eq!(named(&mut endpoint, 0.0, "executing", "mine").0, [1, 9]);
    assert_eq!(named(&mut endpoint, 0.0, "executing", "theirs").0, [9]);
    assert_eq!(bare_progress(&mut endpoint, 1.0), [9]);
    assert_eq!(preview(&mut endpoint, 2.0, Some(r#"{"prompt_id": "mine"}"#)), [1, 9]);
    assert_eq!(text(&mut endpoint, 3.0, r#"{"type": "status", "data": {}}"#).0, [1, 9]);
    endpoint.leave(&1);
    assert_eq!(drain(&mut endpoint), []);
    endpoint.socket_closed();
    assert_eq!(drain(&mut endpoint), [Effect::Closed(9)]);
    endpoint.open(&9);
    endpoint.socket_opened();
    endpoint.leave(&9);
    assert_eq!(drain(&mut endpoint), [Effect::Connect, Effect::Send(FEATURE_FLAGS), Effect::Opened(9), Effect::Close]);
}
