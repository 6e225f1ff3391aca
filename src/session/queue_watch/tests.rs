use super::*;
use crate::protocol::queue::QueuePosition;

const QUEUE: &str = r#"{"queue_running": [[1, "a"]], "queue_pending": [[2, "b"], [3, "c"]]}"#;

fn ask(watch: &mut QueueWatch<u32>, now: f64, run: u32, prompt_id: &str, known_until: f64) {
    watch.ask(now, run, Rc::from(prompt_id), run + 100, known_until);
}

/// Effects in words: questions by number, answers by run and position.
fn effects(watch: &mut QueueWatch<u32>) -> Vec<String> {
    let word = |effect| match effect {
        Effect::Ask(number) => format!("ask {number}"),
        Effect::Abort => "abort".to_owned(),
        Effect::Answer(run, id, answer) => {
            assert_eq!(id, run + 100);
            match answer {
                Answer::Queue(answer) => match answer.position {
                    QueuePosition::Running => format!("{run} runs"),
                    QueuePosition::Waiting(at) => format!("{run} waits at {at}"),
                    QueuePosition::Absent => format!("{run} is absent"),
                },
                answer => format!("{run}: {answer:?}"),
            }
        }
    };
    std::iter::from_fn(|| watch.poll_effect()).map(word).collect()
}

fn queue() -> Result<Queue, Option<u16>> {
    Ok(Queue::read(QUEUE).expect("a queue"))
}

#[test]
fn runs_that_ask_while_a_question_is_under_way_share_its_answer() {
    let mut watch = QueueWatch::default();
    ask(&mut watch, 0.0, 1, "a", -100.0);
    ask(&mut watch, 10.0, 2, "c", -100.0);
    assert_eq!(effects(&mut watch), ["ask 1"]);
    watch.answered(20.0, 1, queue());
    assert_eq!(effects(&mut watch), ["1 runs", "2 waits at 2"]);
    // An answer that is new to a run is handed out without asking.
    ask(&mut watch, 30.0, 3, "x", -50.0);
    assert_eq!(effects(&mut watch), ["3 is absent"]);
}

#[test]
fn a_run_that_knows_as_much_gets_the_next_answer() {
    let mut watch = QueueWatch::default();
    ask(&mut watch, 0.0, 1, "a", -100.0);
    ask(&mut watch, 10.0, 2, "b", 5.0);
    watch.answered(20.0, 1, queue());
    assert_eq!(effects(&mut watch), ["ask 1", "1 runs", "ask 2"]);
    watch.answered(40.0, 2, queue());
    assert_eq!(effects(&mut watch), ["2 waits at 1"]);
}

#[test]
fn a_failure_answers_every_run_that_waits() {
    let mut watch = QueueWatch::default();
    ask(&mut watch, 0.0, 1, "a", -100.0);
    ask(&mut watch, 10.0, 2, "b", 5.0);
    watch.answered(20.0, 1, Err(Some(502)));
    assert_eq!(effects(&mut watch), ["ask 1", "1: Failed(Some(502))", "2: Failed(Some(502))"]);
}

#[test]
fn a_question_that_was_lost_is_asked_anew_and_its_late_answer_ignored() {
    let mut watch = QueueWatch::default();
    ask(&mut watch, 0.0, 1, "a", -100.0);
    ask(&mut watch, PROBE_TIMEOUT_MS, 2, "b", -100.0);
    assert_eq!(effects(&mut watch), ["ask 1", "ask 2"]);
    watch.answered(PROBE_TIMEOUT_MS + 1.0, 1, Err(None));
    assert_eq!(effects(&mut watch).len(), 0);
    watch.answered(PROBE_TIMEOUT_MS + 2.0, 2, queue());
    assert_eq!(effects(&mut watch), ["1 runs", "2 waits at 1"]);
}

#[test]
fn the_last_run_that_leaves_gives_the_question_up() {
    let mut watch = QueueWatch::default();
    ask(&mut watch, 0.0, 1, "a", -100.0);
    ask(&mut watch, 0.0, 2, "b", -100.0);
    watch.leave(&1);
    assert_eq!(effects(&mut watch), ["ask 1"]);
    watch.leave(&2);
    assert_eq!(effects(&mut watch), ["abort"]);
    watch.answered(1.0, 1, queue());
    assert_eq!(effects(&mut watch).len(), 0);
}
