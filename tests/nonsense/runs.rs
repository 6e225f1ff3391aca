//! Runs that get inputs in any order.

use super::*;

proptest! {
    // Cases of many frames: fewer of them say as much.
    #![proptest_config(config(120))]

    #[test]
    fn progress_never_falls_and_its_lists_agree(frames in prop::collection::vec(any_frame(), 0..40), cycle in any::<bool>()) {
        let prompt = json!({
            "1": {"inputs": {"x": ["12:3", 0], "y": [if cycle { "3" } else { "2" }, 0]}},
            "2": {"inputs": {}},
            "12:3": {"inputs": {"x": ["2", 0]}},
            "3": {"inputs": {"x": ["1", 0]}},
        });
        let mut progress = Progress::new(Graph::new(&prompt.to_string()));
        let mut shown = 0.0;
        for (at, frame) in frames.iter().enumerate() {
            Frame::read(&frame.to_string(), &mut |frame| progress.update(at as f64, &frame.body));
            if at == 20 {
                progress.learn_graph(Graph::new(&prompt.to_string()));
            }
            let seen = progress.snapshot();
            prop_assert!((shown..=1.0).contains(&seen.nodes_progress), "{} after {}", seen.nodes_progress, shown);
            shown = seen.nodes_progress;
            let mut done: Vec<_> = seen.nodes_completed.iter().chain(seen.nodes_skipped.iter()).cloned().collect();
            done.sort();
                let mut listed = (*seen.nodes_done).clone();
            listed.sort();
            prop_assert_eq!(done, listed);
        }
        progress.complete_run();
        prop_assert_eq!((progress.snapshot().nodes_progress, progress.snapshot().nodes_done.len()), (1.0, 4));
    }
}

/// An input of a run. Steps come in any order, sensible or not.
#[derive(Debug, Clone)]
enum Step {
    Submitting,
    Accepted(bool),
    Opened,
    Closed,
    Text(String),
    Binary(Vec<u8>),
    Foreign,
    Answer(u32, Box<Answer>),
    Timeout,
    Cancel,
    Leave,
}

fn any_step() -> impl Strategy<Value = Step> {
    let history = prop_oneof![
        Just("{}".to_owned()),
        any_json().prop_map(|item| json!({"mine": item}).to_string()),
        any_json().prop_map(|json| json.to_string()),
    ];
    let queue = prop_oneof![
        Just(r#"{"queue_running": [[1, "mine"]], "queue_pending": []}"#.to_owned()),
        Just(r#"{"queue_running": [], "queue_pending": [[4, "mine"]]}"#.to_owned()),
        Just(r#"{"queue_running": [], "queue_pending": []}"#.to_owned()),
    ];
    let status = prop::option::of(prop::sample::select(vec![200u16, 401, 403, 404, 429, 500, 502]));
    let answer = prop_oneof![
        3 => history.prop_map(|text| support::history(&text, "mine")),
        3 => queue.prop_map(|text| support::queue(&text, "mine")),
        2 => status.prop_map(Answer::Failed),
    ];
    let bytes = (1..5u8, prop::collection::vec(any::<u8>(), 4..40));
    prop_oneof![
        4 => Just(Step::Submitting),
        4 => any::<bool>().prop_map(Step::Accepted),
        4 => Just(Step::Opened),
        4 => Just(Step::Closed),
        40 => any_frame().prop_map(|frame| Step::Text(frame.to_string())),
        4 => any_json().prop_map(|json| Step::Text(json.to_string())),
        4 => bytes.prop_map(|(kind, rest)| Step::Binary([&[0, 0, 0, kind][..], &rest].concat())),
        2 => Just(Step::Foreign),
        20 => (0..40u32, answer).prop_map(|(id, answer)| Step::Answer(id, Box::new(answer))),
        20 => Just(Step::Timeout),
        1 => Just(Step::Cancel),
        1 => Just(Step::Leave),
    ]
}

/// Gives a run an input and returns its effects.
fn take(run: &mut Run, now: f64, step: &Step) -> Vec<Effect<Rc<str>>> {
    match step {
        Step::Submitting => run.handle(now, Input::Submitting),
        Step::Accepted(mine) => run.handle(now, Input::Accepted(if *mine { "mine" } else { "minted" })),
        Step::Opened => run.handle(now, Input::SocketOpened),
        Step::Closed => run.handle(now, Input::SocketClosed),
        Step::Text(text) => {
            Frame::read(text, &mut |frame| run.handle(now, Input::Frame(frame, Rc::from(frame.text))));
        }
        Step::Binary(bytes) => {
            if let Some(frame) = support::read_binary(bytes) {
                run.handle(now, Input::Binary(&frame, Rc::from("")));
            }
        }
        Step::Foreign => run.handle(now, Input::OtherPromptFrame),
        Step::Answer(id, answer) => run.handle(now, Input::Answer(*id, (**answer).clone())),
        Step::Timeout => run.handle(now, Input::Timeout),
        Step::Cancel => run.handle(now, Input::Cancel),
        Step::Leave => run.handle(now, Input::Leave),
    }
    effects(run)
}

fn effects(run: &mut Run) -> Vec<Effect<Rc<str>>> {
    std::iter::from_fn(|| run.poll_effect()).collect()
}

fn prompt() -> Value {
    json!({"1": {"inputs": {"x": ["2", 0]}}, "2": {"inputs": {}}, "3": {"inputs": {"x": ["1", 0]}}, "12:3": {}})
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn a_run_ends_at_most_once_whatever_it_is_told(
        steps in prop::collection::vec((any_step(), 0.0..3000.0f64), 0..120), resumed in any::<bool>(), socket in any::<bool>(),
    ) {
        let prompt = prompt().to_string();
        let frames = if socket { FrameSource::Socket { took_over: false } } else { FrameSource::None };
        let settings = Settings { poll_queue: resumed, ..Settings::default() };
        let setup = RunSetup { settings, frames, ..RunSetup::new(if resumed { "" } else { &prompt }, "mine") };
        let mut run = if resumed { Run::resumed(setup, -5.0, 0.0) } else { Run::new(setup, 0.0) };
        effects(&mut run);
        let (mut now, mut terminal, mut finish, mut shown, mut at) = (0.0, None, None, 0.0, f64::NEG_INFINITY);
        for (step, pause) in &steps {
            now += pause;
            for effect in take(&mut run, now, step) {
                prop_assert!(finish.is_none(), "{:?} follows the finish", effect);
                match effect {
                    Effect::Emit(event) => {
                        prop_assert!(terminal.is_none(), "an event follows the end");
                        prop_assert!(event.at >= at && event.at <= now);
                        at = event.at;
                        prop_assert!((shown..=1.0).contains(&event.progress.nodes_progress));
                        shown = event.progress.nodes_progress;
                        if let EventKind::End(end, _) = event.kind {
                            terminal = Some(end);
                        }
                    }
                    Effect::Finish(finished) => finish = Some(finished),
                    _ => {}
                }
            }
            match (&finish, terminal) {
                (None, None) => prop_assert!(!run.is_finished()),
                (Some(Finish::Ended(end)), Some(event)) => prop_assert_eq!(*end, event),
                (Some(Finish::Abandoned), None) => {}
                other => prop_assert!(false, "{:?}", other),
            }
            if finish.is_some() {
                prop_assert_eq!(run.poll_timeout(), None);
            } else if run.is_accepted() {
                prop_assert!(run.poll_timeout().is_some(), "a run that nobody wakes again");
            }
        }
    }

    #[test]
    fn frames_of_other_prompts_change_nothing(
        steps in prop::collection::vec((any_frame(), 0.0..400.0f64), 0..60),
        foreign in prop::collection::vec((any::<prop::sample::Index>(), any_frame()), 1..40),
    ) {
        let play = |with_foreign: bool| {
            let mut run = Run::new(RunSetup::new(&prompt().to_string(), "mine"), 0.0);
            for step in [Step::Opened, Step::Submitting, Step::Accepted(true)] {
                take(&mut run, 0.0, &step);
            }
            let (mut now, mut lines) = (0.0, Vec::new());
            for (at, (frame, pause)) in steps.iter().enumerate() {
                now += pause;
                // Frames that name no prompt are whose the last one was: they have a test of their own.
                let mut frame = frame.clone();
                frame["data"]["prompt_id"] = "mine".into();
                let others = foreign.iter().filter(|(index, _)| with_foreign && index.index(steps.len()) == at);
                for (_, other) in others {
                    let mut other = other.clone();
                    other["data"]["prompt_id"] = "theirs".into();
                    lines.extend(take(&mut run, now, &Step::Text(other.to_string())));
                }
                lines.extend(take(&mut run, now, &Step::Text(frame.to_string())));
            }
            // A probe that is due begins with whatever comes next.
            lines.retain(|effect| !matches!(effect, Effect::Ask(..)));
            lines.iter().map(|effect| format!("{effect:?}")).collect::<Vec<_>>()
        };
        let (with, without) = (play(true), play(false));
        let differs = with.iter().zip(&without).find(|(with, without)| with != without);
        prop_assert!(differs.is_none() && with.len() == without.len(), "{differs:#?}");
    }
}
