//! Every recording of a real server, played to the machine: what the callback is told, event by event.

mod support;

use comfyui_autoflow::protocol::submission::{Accepted, Rejected};
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::event::{DetectedBy, End, EndSource, EventKind};
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;
use comfyui_autoflow::session::run::settings::Settings;
use comfyui_autoflow::session::run::setup::{FrameSource, RunSetup};
use serde_json::{Value, json};
use support::recording::{self, Recording, Said, Submitted};
use support::{Input, Server, Stage, Told, assert_same_lines, history, queue, read_binary};

/// When the answer to `POST /prompt` reaches the run.
#[derive(Clone, Copy, PartialEq)]
enum Post {
    /// Where the recording has it: before the first frame.
    InTime,
    /// After everything else that the server said.
    Late,
}

/// Plays a recording to the runs of all its prompts, on one socket, and lets a minute pass after its end.
fn play(recording: &Recording, post: Post) -> Vec<Stage<'_>> {
    let submitted = recording.submitted();
    let mut stages: Vec<Stage> = submitted.iter().map(|prompt| stage(recording, prompt)).collect();
    stages.iter_mut().for_each(|stage| stage.input(Input::SocketOpened));
    let last = recording.said.iter().map(|(at, _)| *at).fold(0.0, f64::max);
    for (at, said) in &recording.said {
        for (stage, prompt) in stages.iter_mut().zip(&submitted) {
            stage.wait_until(*at);
            match said {
                Said::Text(frame) => stage.text(&frame.to_string()),
                Said::Binary(bytes) => stage.binary(bytes),
                Said::Submission { body, .. } if body["prompt_id"] == prompt.prompt_id.as_str() => {
                    stage.input(Input::Submitting);
                    if post == Post::InTime {
                        accept(stage, body);
                    }
                }
                Said::Submission { .. } | Said::History(_) | Said::Other => {}
            }
        }
    }
    for (stage, prompt) in stages.iter_mut().zip(&submitted) {
        if post == Post::Late {
            stage.wait_until(last);
            accept(stage, &json!({"prompt_id": prompt.prompt_id}));
        }
        stage.wait_until(last + 60_000.0);
    }
    stages
}

fn accept(stage: &mut Stage, body: &Value) {
    let accepted = Accepted::read(&body.to_string()).expect("the server took it");
    stage.input(Input::Accepted(&accepted.prompt_id));
}

fn stage<'r>(recording: &'r Recording, prompt: &Submitted) -> Stage<'r> {
    Stage::new(Settings::default(), &prompt.prompt, &prompt.prompt_id, server(recording, prompt.prompt_id.clone()))
}

/// Answers as the recorded server would have: the prompt is in the queue until its history stands.
fn server(recording: &Recording, prompt_id: String) -> Server<'_> {
    let history_of = recording.history_of(&prompt_id);
    Box::new(move |now, probe| {
        let ended = history_of.filter(|(at, _)| now >= *at);
        Some(match (probe, ended) {
            (Probe::History, Some((_, body))) => history(&body.to_string(), &prompt_id),
            (Probe::History, None) => history("{}", &prompt_id),
            (Probe::Queue, ended) => {
                let entry = json!([1, prompt_id, {}, {}, []]);
                let entries = if ended.is_some() { json!([]) } else { json!([entry]) };
                queue(&json!({"queue_running": entries, "queue_pending": []}).to_string(), &prompt_id)
            }
        })
    })
}

/// What the callback of a prompt must be told: the frames of the recording that are its own, every `status` after the
/// submission, its previews; before them the submission, after them the end.
fn expected(recording: &Recording, prompt: &Submitted) -> Vec<String> {
    let mut lines =
        vec![format!("{} submitted null", prompt.at), format!("{} connection open \"the socket is open\"", prompt.at)];
    let (mut sent, mut running, mut node) = (false, false, None);
    for (at, said) in &recording.said {
        match said {
            Said::Submission { body, .. } => sent |= body["prompt_id"] == prompt.prompt_id.as_str(),
            Said::Text(frame) if sent => {
                let (kind, data) = (frame["type"].as_str().expect("a type"), &frame["data"]);
                let own = data["prompt_id"] == prompt.prompt_id.as_str();
                if !own && kind != "status" {
                    continue;
                }
                if own {
                    running = true;
                    node = data["node"].as_str().map(str::to_owned).or(node);
                }
                lines.push(format!("{at} {kind} {data}"));
                let end = match kind {
                    "executing" if data["node"].is_null() => "completed",
                    "execution_error" => "error",
                    "execution_interrupted" => "interrupted",
                    _ => continue,
                };
                lines.push(format!("{at} {end} {data}"));
                break;
            }
            Said::Binary(bytes) if running => {
                let text = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]);
                let named = text.contains("prompt_id");
                if !named || text.contains(&prompt.prompt_id) {
                    let mime_type = if text.contains("image/png") { "image/png" } else { "image/jpeg" };
                    lines.push(format!("{at} preview {}", json!([node, mime_type])));
                }
            }
            _ => {}
        }
    }
    lines
}

/// What holds for the progress fields of every run.
fn check_progress(name: &str, told: &[Told]) {
    let mut shown = 0.0;
    for told in told {
        let seen = &told.event.progress;
        let line = told.line();
        assert!((shown..=1.0).contains(&seen.nodes_progress), "{name}: {} after {shown}: {line}", seen.nodes_progress);
        shown = seen.nodes_progress;
        let mut done: Vec<_> = seen.nodes_completed.iter().chain(seen.nodes_skipped.iter()).collect();
        done.sort();
        let mut told_done: Vec<_> = seen.nodes_done.iter().collect();
        told_done.sort();
        assert_eq!(done, told_done, "{name}: done is completed and skipped: {line}");
        assert!(done.iter().all(|id| seen.nodes_total.contains(id)), "{name}: {line}");
        if told.name == "completed" {
            assert_eq!((seen.nodes_progress, done.len()), (1.0, seen.nodes_total.len()), "{name}: {line}");
        }
    }
}

#[test]
fn every_recording_is_told_frame_by_frame_and_ends_once() {
    let mut runs = 0;
    for recording in recording::all() {
        for (stage, prompt) in play(&recording, Post::InTime).iter().zip(recording.submitted()) {
            let name = format!("{} ({})", recording.name, &prompt.prompt_id[..4]);
            // Another test has the news of a silent connection.
            let is_of_silence = |told: &&Told| told.line().contains("frames come");
            let told: Vec<Told> = stage.told.iter().filter(|told| !is_of_silence(told)).cloned().collect();
            let actual: Vec<String> = told.iter().map(Told::line).collect();
            assert_same_lines(&name, &expected(&recording, &prompt), &actual);
            assert_eq!(stage.terminal().event.detected_by, None, "{name}");
            check_progress(&name, &stage.told);
            runs += 1;
        }
    }
    assert_eq!(runs, 27, "runs in the recordings");
}

#[test]
fn frames_that_come_before_the_answer_to_the_submission_are_told_after_it() {
    for recording in recording::all() {
        for (stage, prompt) in play(&recording, Post::Late).iter().zip(recording.submitted()) {
            let name = format!("{} ({}), answered late", recording.name, &prompt.prompt_id[..4]);
            // Pictures are not kept: the next one replaces them.
            let expected: Vec<String> =
                expected(&recording, &prompt).into_iter().filter(|line| !line.contains(" preview ")).collect();
            assert_same_lines(&name, &expected, &stage.lines());
            assert_eq!(stage.terminal().event.detected_by, None, "{name}");
            assert!(stage.asked.is_empty(), "{name}: nothing needs to be asked");
        }
    }
}

/// [`Stage::text`] compares the short way with the long one.
#[test]
fn all_progress_frames_but_the_first_of_a_node_can_go_the_short_way() {
    let (mut short, mut progress, mut nodes) = (0, 0, 0);
    for recording in recording::all() {
        for stage in play(&recording, Post::InTime) {
            let seen: Vec<&Told> = stage.told.iter().filter(|told| told.name == "progress").collect();
            let is_next = |pair: &&[&Told]| pair[0].data["node"] == pair[1].data["node"];
            short += stage.short;
            progress += seen.len();
            nodes += seen.len() - seen.windows(2).filter(is_next).count();
        }
    }
    println!("{progress} progress frames of {nodes} nodes, {short} by the short way");
    assert!(short >= progress - nodes, "{short} of {progress}, of {nodes} nodes");
}

#[test]
fn only_a_silent_run_asks_the_server() {
    for recording in recording::all() {
        for stage in play(&recording, Post::InTime) {
            assert_eq!(!stage.asked.is_empty(), recording.name.contains("silent"), "{}", recording.name);
        }
    }
}

#[test]
fn silence_starts_probes_and_the_run_still_ends_by_its_own_frame() {
    for recording in recording::of("silent") {
        let stages = play(&recording, Post::InTime);
        let stage = &stages[0];
        // The last frame before the silence comes at 64, the next one at 7086.
        assert_eq!(stage.asked.first(), Some(&(5064.0, Probe::History)));
        assert!(stage.rounds() >= 3 && stage.asked.iter().all(|(at, _)| *at < 7086.0), "{:?}", stage.asked);
        let news: Vec<String> =
            stage.lines().into_iter().filter(|line| line.contains("connection") || line.contains("queue (")).collect();
        assert_eq!(
            news,
            [
                "2 connection open \"the socket is open\"",
                "5064 connection polling \"no frames come; asking the server\"",
                "7086 connection open \"frames come again\"",
            ]
        );
        assert_eq!((stage.terminal().name.as_str(), stage.terminal().event.detected_by), ("completed", None));
        assert_eq!((stage.opened, stage.replaced), (1, 0), "the socket stays open");
    }
}

#[test]
fn the_progress_of_an_ordinary_run() {
    for recording in recording::of("normal") {
        let stages = play(&recording, Post::InTime);
        let mut seen = Vec::new();
        for told in &stages[0].told {
            let progress = &told.event.progress;
            let steps = format!("{}/{}", progress.node_progress_value, progress.node_progress_max);
            let line = format!(
                "node {} at {steps}, {} of 4 done, {:.3}",
                progress.node_current.as_deref().unwrap_or("-"),
                progress.nodes_done.join(" "),
                progress.nodes_progress
            );
            if seen.last() != Some(&line) {
                seen.push(line);
            }
        }
        let mut expected =
            vec!["node - at 0/0,  of 4 done, 0.000".to_owned(), "node 1 at 0/0,  of 4 done, 0.000".into()];
        for step in 1..=6 {
            // `progress_state` brings the share first, `progress` the steps of the current node after it.
            let share = f64::from(step) / 24.0;
            expected.push(format!("node 1 at {}/{},  of 4 done, {share:.3}", step - 1, if step == 1 { 0 } else { 6 }));
            expected.push(format!("node 1 at {step}/6,  of 4 done, {share:.3}"));
        }
        expected.extend(
            [
                "node 1 at 6/6, 1 of 4 done, 0.250",
                "node 4 at 0/0, 1 of 4 done, 0.250",
                "node 4 at 0/0, 1 4 of 4 done, 0.500",
                "node 2 at 0/0, 1 4 of 4 done, 0.500",
                "node 2 at 0/0, 1 4 2 of 4 done, 0.750",
                "node 3 at 0/0, 1 4 2 of 4 done, 0.750",
                "node 3 at 0/0, 1 4 2 3 of 4 done, 1.000",
                "node - at 0/0, 1 4 2 3 of 4 done, 1.000",
            ]
            .map(str::to_owned),
        );
        assert_same_lines(&recording.name, &expected, &seen);
    }
}

#[test]
fn a_cached_run_completes_with_every_node_done_although_none_ran() {
    for recording in recording::of("cached") {
        let stages = play(&recording, Post::InTime);
        let end = stages[0].terminal();
        let seen = &end.event.progress;
        assert_eq!((end.name.as_str(), seen.nodes_progress), ("completed", 1.0));
        assert_eq!(seen.nodes_skipped.len(), seen.nodes_total.len());
        // The two output nodes showed what they had, without having run.
        assert!(seen.nodes_completed.is_empty(), "{:?}", seen.nodes_completed);
        assert_eq!(stages[0].run.outputs().count(), 2);
    }
}

#[test]
fn cached_outputs_are_skipped_and_outputs_that_run_are_completed() {
    let seen = |scenario: &str| {
        let recording = recording::of(scenario).remove(0);
        let stages = play(&recording, Post::InTime);
        let seen = stages[0].terminal().event.progress.clone();
        let outputs = stages[0].run.outputs().map(|(node, _)| node.to_owned()).collect::<Vec<_>>().join(" ");
        (seen.nodes_completed.join(" "), seen.nodes_skipped.join(" "), outputs)
    };
    assert_eq!(seen("outputs_first_run"), ("1 3 2 4".into(), "".into(), "3 4".into()));
    assert_eq!(seen("outputs_cached"), ("".into(), "1 2 3 4".into(), "3 4".into()));
}

#[test]
fn a_lazy_node_lets_the_share_grow_with_the_nodes_that_it_asks_for() {
    for recording in recording::of("lazy_switch") {
        let stages = play(&recording, Post::InTime);
        let told = &stages[0].told;
        assert!(told.iter().all(|told| told.event.progress.nodes_skipped.is_empty()), "every node runs");
        let share = |step: u32| {
            let of = |told: &&Told| told.name == "progress" && told.data["value"] == step;
            told.iter().find(of).expect("a step").event.progress.nodes_progress
        };
        // Node 1 is done, and one to twelve steps of node 2.
        for step in 1..=12 {
            assert!((share(step) - (1.0 + f64::from(step) / 12.0) / 5.0).abs() < 1e-9, "step {step}: {}", share(step));
        }
        let seen = &stages[0].terminal().event.progress;
        assert_eq!(seen.nodes_completed.join(" "), "1 2 3 4 5");
    }
}

#[test]
fn an_expanding_node_lets_the_share_grow_with_the_nodes_that_it_expanded_into() {
    for recording in recording::of("expand") {
        let stages = play(&recording, Post::InTime);
        let told = &stages[0].told;
        let share = |node: &str, step: u32| {
            let of = |told: &&Told| told.name == "progress" && told.data["node"] == node && told.data["value"] == step;
            told.iter().find(of).expect("a step").event.progress.nodes_progress
        };
        let mut before = 0.0;
        for node in ["1.0.0.1", "1.0.0.3", "1.0.0.5"] {
            for step in 1..=5 {
                assert!(share(node, step) > before, "{node}, step {step}: {} after {before}", share(node, step));
                before = share(node, step);
            }
        }
        assert!(before < 0.5, "the node itself is not done: {before}");
        for told in told {
            let seen = &told.event.progress;
            let known = seen.node_current.as_ref().is_none_or(|id| seen.nodes_total.contains(id));
            assert!(known, "the current node is one of the prompt: {}", told.line());
        }
        let steps = told.iter().find(|told| told.name == "progress").expect("steps");
        let seen = &steps.event.progress;
        assert_eq!((seen.node_current.as_deref(), seen.node_type.as_deref()), (Some("1"), Some("LabExpand")));
        assert_eq!((seen.node_progress_value, seen.node_progress_max), (1.0, 5.0));
    }
}

#[test]
fn pictures_of_a_node_that_saves_over_the_socket_are_outputs_and_previews_are_not() {
    for recording in recording::of("websocket_images") {
        let stages = play(&recording, Post::InTime);
        let stage = &stages[0];
        assert_eq!(stage.pictures, [["2", "2_0.png", "image/png"]], "{}", recording.name);
        assert_eq!(stage.names().iter().filter(|name| **name == "preview").count(), 4);
        let outputs: Vec<_> = stage.run.outputs().collect();
        let images = r#"{"images":[{"filename":"2_0.png","subfolder":"","type":"output"}]}"#;
        assert_eq!(outputs, [("2", images)]);
    }
}

#[test]
fn a_failing_node_ends_the_run_as_an_error_that_names_it() {
    for recording in recording::of("error") {
        let stages = play(&recording, Post::InTime);
        let end = stages[0].terminal();
        assert_eq!(end.name, "error");
        assert_eq!((&end.data["node_id"], &end.data["node_type"]), (&json!("2"), &json!("LabFail")));
        assert_eq!(end.data["exception_message"], "boom\n");
        assert!(end.event.progress.nodes_progress < 1.0);
        assert_eq!(end.event.progress.node_current.as_deref(), Some("2"), "the node that failed is the current one");
    }
}

#[test]
fn an_interrupted_run_ends_as_interrupted_although_an_executing_null_follows() {
    for recording in recording::of("interrupt") {
        let stages = play(&recording, Post::InTime);
        let end = stages[0].terminal();
        assert_eq!((end.name.as_str(), &end.data["node_id"]), ("interrupted", &json!("1")));
    }
}

#[test]
fn two_prompts_of_one_client_are_kept_apart() {
    for recording in recording::of("queued") {
        let stages = play(&recording, Post::InTime);
        let [first, second] = stages.as_slice() else { panic!("two runs") };
        for (stage, other) in [(first, second), (second, first)] {
            let own = stage.run.prompt_id();
            for told in &stage.told {
                let named = &told.data["prompt_id"];
                assert!(named.is_null() || *named == **own, "{}: {}", recording.name, told.line());
            }
            assert_ne!(own, other.run.prompt_id());
        }
        // Pictures name no prompt here: they belong to the one that runs.
        let previews = |stage: &Stage| stage.names().iter().filter(|name| **name == "preview").count();
        assert_eq!((previews(first), previews(second)), (15, 6));
        let waited = second.told.iter().find(|told| told.name == "execution_start").expect("a start");
        assert_eq!(waited.event.queued_ms, waited.event.at - recording.submitted()[1].at);
    }
}

#[test]
fn the_history_of_every_recording_tells_the_same_end_and_the_same_outputs() {
    for recording in recording::all() {
        for (by_frames, prompt) in play(&recording, Post::InTime).iter().zip(recording.submitted()) {
            let name = format!("{} ({}), by its history", recording.name, &prompt.prompt_id[..4]);
            let text = prompt.prompt.to_string();
            let setup = RunSetup { frames: FrameSource::None, ..RunSetup::new(&text, &prompt.prompt_id) };
            let mut stage = Stage::with(setup, server(&recording, prompt.prompt_id.clone()));
            stage.input(Input::Submitting);
            stage.input(Input::Accepted(&prompt.prompt_id));
            stage.wait_until(60_000.0);
            let (end, other) = (stage.terminal(), by_frames.terminal());
            assert_eq!((&end.name, end.event.detected_by), (&other.name, Some(DetectedBy::History)), "{name}");
            let EventKind::End(_, EndSource::History(item)) = &end.event.kind else { panic!("{name}: {}", end.line()) };
            for field in ["node_id", "node_type", "exception_message"] {
                let failure = item.failure.as_deref().unwrap_or("null");
                let told: Value = serde_json::from_str(failure).expect("an object");
                assert_eq!(told[field], other.data[field], "{name}");
            }
            let outputs = |stage: &Stage| -> Vec<(String, Value)> {
                let parse = |(id, json): (&str, &str)| (id.to_owned(), serde_json::from_str(json).expect("an output"));
                let mut outputs: Vec<_> = stage.run.outputs().map(parse).collect();
                outputs.sort_by(|a, b| a.0.cmp(&b.0));
                outputs
            };
            // What came over the socket as a result is nowhere else.
            let kept = if recording.name.ends_with("websocket_images") { Vec::new() } else { outputs(by_frames) };
            assert_eq!(outputs(&stage), kept, "{name}");
            let told: Vec<&Told> = stage.told.iter().filter(|told| told.name == "executed").collect();
            assert_eq!(told.len(), outputs(&stage).len(), "{name}: each output is told");
            assert!(told.iter().all(|told| told.event.detected_by == Some(DetectedBy::History)), "{name}");
            check_progress(&name, &stage.told);
        }
    }
}

#[test]
fn refused_submissions_say_what_is_wrong_and_leave_a_silent_run() {
    let refusal = |scenario: &str| -> Rejected {
        let recording = recording::of(scenario).remove(0);
        let mut found = None;
        let mut stage = Stage::new(Settings::default(), &json!({}), "mine", Box::new(support::unknown));
        stage.input(Input::SocketOpened);
        for (at, said) in &recording.said {
            stage.wait_until(*at);
            match said {
                Said::Text(frame) => stage.text(&frame.to_string()),
                Said::Submission { status, body, .. } => {
                    stage.input(Input::Submitting);
                    assert_eq!(*status, 400);
                    found = Some(Rejected::read(&body.to_string()));
                    stage.input(Input::Leave);
                }
                _ => {}
            }
        }
        assert_eq!((stage.told.len(), stage.finished), (0, Some(Finish::Abandoned)), "{scenario}");
        found.expect("a refusal")
    };
    let invalid = refusal("invalid");
    assert_eq!(invalid.kind, "prompt_outputs_failed_validation");
    let node_errors: Value = serde_json::from_str(&invalid.node_errors).expect("an object");
    assert_eq!(node_errors["3"]["class_type"], "SaveImage");
    assert_eq!(
        invalid.explain(),
        "Prompt outputs failed validation\n  node 3 (SaveImage): Exception when validating node: '9'"
    );
    let unknown = refusal("unknown_node");
    assert_eq!(unknown.explain(), "Cannot execute because node NoSuchNode does not exist: Node ID '#1'");
    let no_outputs = refusal("no_outputs");
    assert_eq!((no_outputs.kind.as_str(), no_outputs.message.as_str()), ("prompt_no_outputs", "Prompt has no outputs"));
}

#[test]
fn a_prompt_that_is_taken_in_part_says_which_outputs_never_run() {
    for (recording, refused) in [("partial_validation", ["5"].as_slice()), ("partly_refused", &["3"])]
        .into_iter()
        .flat_map(|(scenario, refused)| recording::of(scenario).into_iter().map(move |recording| (recording, refused)))
    {
        let body = recording.said.iter().find_map(|(_, said)| match said {
            Said::Submission { body, .. } => Some(body.to_string()),
            _ => None,
        });
        let accepted = Accepted::read(&body.expect("a submission")).expect("the server took it");
        let node_errors: Value = serde_json::from_str(&accepted.node_errors).expect("an object");
        assert_eq!(node_errors.as_object().expect("an object").keys().collect::<Vec<_>>(), refused);
        // The run itself is like any other, and the node that never ran counts as not needed.
        let stages = play(&recording, Post::InTime);
        let end = stages[0].terminal();
        assert_eq!((end.name.as_str(), end.event.progress.nodes_progress), ("completed", 1.0));
    }
}

#[test]
fn a_recorded_picture_names_its_prompt_where_features_were_announced() {
    for recording in recording::of("normal_features") {
        let pictures = recording.said.iter().filter_map(|(_, said)| match said {
            Said::Binary(bytes) => Some(bytes),
            _ => None,
        });
        let mut count = 0;
        for bytes in pictures {
            let Some(comfyui_autoflow::protocol::binary::BinaryFrame::Preview(preview)) = read_binary(bytes) else {
                panic!("{}", recording.name)
            };
            let metadata = preview.metadata.expect("metadata");
            assert_eq!(metadata.prompt_id.as_deref(), Some(recording.submitted()[0].prompt_id.as_str()));
            assert_eq!((metadata.node_id.as_deref(), preview.mime_type), (Some("1"), "image/jpeg"));
            assert_eq!(&bytes[preview.image..preview.image + 2], b"\xff\xd8");
            count += 1;
        }
        assert_eq!(count, 6);
    }
}

#[test]
fn a_run_whose_socket_is_muted_after_the_submission_is_found_by_its_history() {
    for recording in recording::all() {
        for prompt in recording.submitted() {
            let name = format!("{} ({}), muted", recording.name, &prompt.prompt_id[..4]);
            let mut stage = stage(&recording, &prompt);
            stage.input(Input::SocketOpened);
            stage.wait_until(prompt.at);
            stage.input(Input::Submitting);
            stage.input(Input::Accepted(&prompt.prompt_id));
            let (stands, _) = recording.history_of(&prompt.prompt_id).expect("a history");
            stage.wait_until(120_000.0);
            let end = stage.terminal();
            assert_eq!(end.event.detected_by, Some(DetectedBy::History), "{name}");
            // Within the idle timeout and one probe, or one probe after the end where the silence is older.
            let silent = prompt.at + 5000.0;
            assert!(end.event.at <= silent.max(stands + 5000.0), "{name}: ended at {}, {stands}", end.event.at);
            if stands < silent {
                assert_eq!(end.event.at, silent, "{name}");
            }
        }
    }
}

#[test]
fn an_answer_that_is_no_history_is_not_taken_for_the_end() {
    for recording in recording::of("normal") {
        let prompt = &recording.submitted()[0];
        let mut stage = stage(&recording, prompt);
        let mut answers = 0;
        stage.serve(Box::new(move |_, _| {
            answers += 1;
            Some(match answers % 3 {
                0 => Answer::Failed(Some(500)),
                1 => history("<html>Bad gateway</html>", "x"),
                _ => Answer::Failed(None),
            })
        }));
        stage.input(Input::SocketOpened);
        stage.input(Input::Submitting);
        stage.input(Input::Accepted(&prompt.prompt_id));
        stage.wait_until(3_600_000.0);
        assert_eq!(stage.finished, None);
        stage.serve(server(&recording, prompt.prompt_id.clone()));
        stage.wait_until(3_610_000.0);
        assert_eq!(stage.finished, Some(Finish::Ended(End::Completed)));
    }
}
