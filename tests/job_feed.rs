//! Jobs of the Comfy API v2: what recorded streams of the real proxy become, cut anywhere, and how a run takes them.

mod support;

use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::v2::job;
use comfyui_autoflow::protocol::v2::job_feed::{JobFeed, JobFrame};
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::event::{DetectedBy, End, EventKind};
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::setup::{FrameSource, RunSetup};
use serde_json::{Value, json};
use support::{Input, Stage, read_binary, running};

/// A recording, and the id of its job.
fn recording(name: &str) -> (Value, String) {
    let path = format!("{}/tests/api-v2/recordings/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let recording: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let job: Value = serde_json::from_str(body(&recording, "submitted")).unwrap();
    (recording, job["id"].as_str().unwrap().to_owned())
}

fn body<'a>(recording: &'a Value, what: &str) -> &'a str {
    recording[what]["body"].as_str().unwrap()
}

fn stream(recording: &Value) -> String {
    recording["stream"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect()
}

/// Frames in short: type, node, value; `preview`.
fn short(heard: &[JobFrame]) -> Vec<String> {
    let mut list: Vec<String> = heard
        .iter()
        .filter_map(|heard| match heard {
            JobFrame::Text(text) => {
                let frame: Value = serde_json::from_str(text).unwrap();
                let data = &frame["data"];
                let node = data.get("node").or(data.get("node_id")).map(|node| format!(" {node}")).unwrap_or_default();
                Some(format!("{}{node}", frame["type"].as_str().unwrap()))
            }
            JobFrame::Binary(bytes) => {
                assert!(read_binary(bytes).is_some());
                Some("preview".to_owned())
            }
            JobFrame::Heartbeat => None,
        })
        .collect();
    list.dedup();
    list
}

fn hear_all(recording: &Value, id: &str, size: usize) -> Vec<JobFrame> {
    let mut feed = JobFeed::new(id);
    feed.connect();
    let characters: Vec<char> = stream(recording).chars().collect();
    let mut heard: Vec<JobFrame> = Vec::new();
    for part in characters.chunks(size) {
        heard.extend(feed.push(&part.iter().collect::<String>()));
    }
    heard.extend(feed.end(body(recording, "ended")).expect("an end"));
    heard
}

#[test]
fn a_stream_becomes_the_frames_of_a_run_wherever_it_is_cut() {
    let (recording, id) = recording("succeeded");
    let whole = hear_all(&recording, &id, usize::MAX);
    let told = short(&whole);
    let executing = told.iter().filter(|frame| frame.starts_with("executing")).count();
    assert_eq!(told[0], "execution_start");
    assert!(told.contains(&"progress \"3\"".to_owned()) && told.contains(&"preview".to_owned()), "{told:?}");
    assert_eq!(told[told.len() - 2..], ["executed \"9\"", "executing null"]);
    assert!(executing >= 2, "{told:?}");
    for size in [1, 2, 3, 7, 100, 4096] {
        assert_eq!(hear_all(&recording, &id, size), whole, "{size}");
    }
}

#[test]
fn lines_may_end_as_they_like_and_unknown_fields_mean_nothing() {
    let (recording, id) = recording("succeeded");
    let mut feed = JobFeed::new(&id);
    let text = stream(&recording);
    let mut heard = feed.push(&text);
    let mut other = JobFeed::new(&id);
    let changed = text.replace("event: ", "id: 7\nretry: 10\nevent:").replace('\n', "\r\n");
    assert_eq!(other.push(&format!(": hello\r\n\r\n{changed}")).split_off(1), heard);
    heard = feed.push(": keepalive\n\n");
    assert_eq!(heard, [JobFrame::Heartbeat]);
    assert_eq!(feed.push("event: status\ndata: {\"status\"\n\n"), [JobFrame::Heartbeat], "no JSON");
    assert_eq!(feed.push("data: 3\n\n"), [JobFrame::Heartbeat]);
}

#[test]
fn a_stream_that_breaks_off_leaves_no_half_event_to_the_next() {
    let mut feed = JobFeed::new("j");
    feed.push("event: progress\ndata: {\"current_node\":\"1\",\"st");
    feed.connect();
    let heard = feed.push("event: status\ndata: {\"status\":\"running\"}\n\n");
    assert_eq!(short(&heard), ["execution_start"]);
}

#[test]
fn the_start_is_told_once_over_all_streams() {
    let mut feed = JobFeed::new("j");
    let running = "event: status\ndata: {\"status\":\"running\"}\n\n";
    assert_eq!(short(&feed.push(running)), ["execution_start"]);
    feed.connect();
    assert_eq!(short(&feed.push(running)), [""; 0]);
}

#[test]
fn a_node_begins_once_and_a_step_without_one_is_none() {
    let mut feed = JobFeed::new("j");
    let step = |fields: &str| format!("event: progress\ndata: {{\"value\":0.5{fields}}}\n\n");
    let mut all = String::new();
    for fields in
        ["", ",\"current_node\":null", ",\"current_node\":\"5\"", ",\"current_node\":\"5\",\"step\":1,\"steps\":4"]
    {
        all.push_str(&step(fields));
    }
    all.push_str(&step(",\"current_node\":\"6\",\"step\":null,\"steps\":null"));
    let told = short(&feed.push(&all));
    assert_eq!(told, ["execution_start", "executing \"5\"", "progress \"5\"", "executing \"6\""]);
    let again = feed.push(&step(",\"current_node\":\"6\""));
    assert_eq!(again, []);
}

#[test]
fn a_preview_that_names_no_node_is_of_the_one_that_runs() {
    let mut stage = staged(&json!({"1": {"inputs": {}}}), "j");
    let mut feed = JobFeed::new("j");
    let preview = |node: &str| {
        format!(
            "event: preview\ndata: {{\"node_id\":\"{node}\",\"content_type\":\"image/png\",\"data_base64\":\"/9j/\"}}\n\n"
        )
    };
    let running = "event: progress\ndata: {\"current_node\":\"1\"}\n\n";
    play(&mut stage, &feed.push(&[running, &preview(""), &preview("7")].concat()));
    let nodes: Vec<Option<String>> = stage
        .told
        .iter()
        .filter_map(|told| match &told.event.kind {
            EventKind::Preview { node, .. } => Some(node.as_ref().map(ToString::to_string)),
            _ => None,
        })
        .collect();
    assert_eq!(nodes, [Some("1".to_owned()), Some("7".to_owned())]);
    let broken = "event: preview\ndata: {\"node_id\":\"1\",\"data_base64\":\"?\"}\n\n";
    assert_eq!(feed.push(broken), []);
}

#[test]
fn a_place_in_the_queue_is_no_sign_of_the_run() {
    let mut feed = JobFeed::new("j");
    let heard = feed.push("event: status\ndata: {\"status\":\"queued\",\"queue_position\":2}\n\n");
    let [JobFrame::Text(text)] = &heard[..] else { panic!("{heard:?}") };
    let frame: Value = serde_json::from_str(text).unwrap();
    assert_eq!(frame["data"], json!({"status": {"exec_info": {"queue_remaining": 2}}}));
    assert_eq!(frame["v2"], json!({"event": "status", "data": {"status": "queued", "queue_position": 2}}));
}

#[test]
fn the_files_of_a_node_are_told_together_and_one_that_comes_later_with_those_before() {
    let output = |node: &str, id: &str| {
        format!(
            "event: output\ndata: {{\"node_id\":\"{node}\",\"name\":\"{id}.png\",\"type\":\"image\",\"id\":\"{id}\"}}\n\n"
        )
    };
    let names = |heard: Vec<JobFrame>| -> Vec<String> {
        let frames = heard.iter().filter_map(|heard| match heard {
            JobFrame::Text(text) => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        });
        let executed = frames.filter(|frame| frame["type"] == "executed");
        let files = |frame: Value| {
            let images = frame["data"]["output"]["images"].as_array().unwrap().clone();
            images.iter().map(|image| image["filename"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        executed.map(files).collect()
    };
    let mut feed = JobFeed::new("j");
    let step = "event: progress\ndata: {\"current_node\":\"5\"}\n\n";
    assert_eq!(names(feed.push(&[output("1", "a"), output("1", "b")].concat())), [""; 0], "another may follow");
    assert_eq!(names(feed.push(&output("2", "c"))), ["a.png b.png"]);
    assert_eq!(names(feed.push(step)), ["c.png"]);
    // A stream that begins anew tells all of them again.
    feed.connect();
    assert_eq!(names(feed.push(&[&output("1", "a"), &output("1", "b"), step].concat())), [""; 0]);
    assert_eq!(names(feed.push(&[&output("1", "d"), step].concat())), ["a.png b.png d.png"]);
}

#[test]
fn a_job_that_goes_on_has_no_end_and_an_expired_one_is_unknown() {
    let (recording, id) = recording("succeeded");
    for status in ["queued", "running", "canceling", "expired", "warming_up"] {
        let job = json!({"id": id, "status": status, "outputs": []}).to_string();
        assert_eq!(JobFeed::new(&id).end(&job), None, "{status}");
        assert_eq!(HistoryAnswer::read(&job::as_history(&job, &id), &id), Some(HistoryAnswer::Unknown), "{status}");
    }
    for other in ["<html>", "[]", "null", "{\"detail\": 1}"] {
        assert_eq!(HistoryAnswer::read(&job::as_history(other, &id), &id), None, "{other}");
    }
    let history = job::as_history(body(&recording, "ended"), &id).into_owned();
    let Some(HistoryAnswer::Ended(item)) = HistoryAnswer::read(&history, &id) else { panic!("{history}") };
    assert_eq!(item.outputs.iter().map(|(node, _)| node.as_str()).collect::<Vec<_>>(), ["9"]);
}

fn staged<'s>(prompt: &Value, id: &str) -> Stage<'s> {
    let prompt = prompt.to_string();
    let setup = RunSetup { frames: FrameSource::Stream, ..RunSetup::new(&prompt, id) };
    let mut stage = Stage::with(setup, Box::new(running));
    stage.input(Input::Submitting);
    stage.input(Input::Accepted(id));
    stage.input(Input::SocketOpened);
    stage
}

fn play(stage: &mut Stage, heard: &[JobFrame]) {
    for one in heard {
        match one {
            JobFrame::Text(text) => stage.text(text),
            JobFrame::Binary(bytes) => stage.binary(bytes),
            JobFrame::Heartbeat => stage.input(Input::OtherPromptFrame),
        }
    }
}

#[test]
fn each_recorded_run_comes_to_its_own_end_by_a_frame() {
    for (name, end, node) in
        [("succeeded", End::Completed, None), ("failed", End::Error, Some("3")), ("canceled", End::Interrupted, None)]
    {
        let (recording, id) = recording(name);
        let mut stage = staged(&recording["prompt"], &id);
        play(&mut stage, &hear_all(&recording, &id, 50));
        // The queue was heard of before the start: outputs may have been missed, so the job is asked once more.
        let history = job::as_history(body(&recording, "ended"), &id).into_owned();
        stage.serve(Box::new(move |_, _| HistoryAnswer::read(&history, &id).map(Answer::History)));
        stage.wait(500.0);
        assert_eq!(stage.finished, Some(Finish::Ended(end)), "{name}: {:?}", stage.lines());
        let terminal = stage.terminal();
        assert_eq!(terminal.event.detected_by, None, "{name}");
        assert_eq!(terminal.data.get("node_id").and_then(Value::as_str), node, "{name}");
        let progress: Vec<f64> = stage.told.iter().map(|told| told.event.progress.nodes_progress).collect();
        assert!(progress.is_sorted(), "{name}: {progress:?}");
    }
}

#[test]
fn a_stream_that_is_lost_before_the_end_leaves_it_to_the_job() {
    for (name, end) in [("succeeded", End::Completed), ("failed", End::Error), ("canceled", End::Interrupted)] {
        let (recording, id) = recording(name);
        let mut stage = staged(&recording["prompt"], &id);
        let mut feed = JobFeed::new(&id);
        let text = stream(&recording);
        let half = text.split_at(text.len() / 2).0;
        play(&mut stage, &feed.push(half));
        let history = job::as_history(body(&recording, "ended"), &id).into_owned();
        stage.serve(Box::new(move |_, _| Some(support::history(&history, &id))));
        stage.input(Input::SocketClosed);
        stage.wait(60_000.0);
        assert_eq!(stage.finished, Some(Finish::Ended(end)), "{name}: {:?}", stage.lines());
        assert_eq!(stage.terminal().event.detected_by, Some(DetectedBy::History), "{name}");
    }
}

#[test]
fn a_queue_that_moves_without_a_frame_makes_no_stream_stale() {
    let replaced = |frames| {
        let setup = RunSetup { frames, ..RunSetup::new(r#"{"1": {"inputs": {}}}"#, "j") };
        let mut stage = Stage::with(setup, Box::new(running));
        stage.input(Input::Submitting);
        stage.input(Input::Accepted("j"));
        stage.input(Input::SocketOpened);
        let place = |at: usize| json!({"status": "queued", "queue_position": at}).to_string();
        let mut at = 9;
        stage.serve(Box::new(move |_, probe| {
            use comfyui_autoflow::protocol::dialect::JobStatus;
            use comfyui_autoflow::session::run::polling::Probe;
            if probe == Probe::History {
                return Some(Answer::History(HistoryAnswer::Unknown));
            }
            at = (at - 1).max(1);
            Some(Answer::Queue(JobStatus::read(&place(at))?.as_queue()))
        }));
        stage.wait(30_000.0);
        stage.replaced
    };
    assert_eq!(replaced(FrameSource::Stream), 0);
    assert!(replaced(FrameSource::Socket { took_over: false }) > 0);
}
