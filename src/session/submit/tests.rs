use super::*;
use crate::protocol::queue::QueueAnswer;

const TAKEN: &str = r#"{"prompt_id": "theirs", "number": 7, "node_errors": {}}"#;

fn posted(dialect: Dialect) -> Submit<&'static str> {
    let mut submit = Submit::new(dialect, "mine", false, None, 0.0);
    assert_eq!(effects(&mut submit), [Effect::Post { within_ms: ANSWER_LIMIT_MS }]);
    submit
}

fn effects(submit: &mut Submit<&'static str>) -> Vec<Effect<&'static str>> {
    std::iter::from_fn(|| submit.poll_effect()).collect()
}

fn after(submit: &mut Submit<&'static str>, input: Input<&'static str>) -> Vec<Effect<&'static str>> {
    submit.handle(1.0, input);
    effects(submit)
}

fn answered(status: u16, text: &str) -> Input<&'static str> {
    Input::Answered { status, text: text.to_owned() }
}

fn lost() -> Input<&'static str> {
    Input::Unanswered { late: false, cause: "reset" }
}

fn queue(position: QueuePosition) -> Input<&'static str> {
    Input::Probed(Answer::Queue(QueueAnswer { position, running: 1, pending: 1, prompt: None, asked: None }))
}

fn accepted(prompt_id: &str, number: Option<f64>) -> Effect<&'static str> {
    Effect::Done(Ok(Accepted { prompt_id: prompt_id.to_owned(), number, node_errors: "{}".to_owned() }))
}

fn failed(error: SubmitError<&'static str>) -> Effect<&'static str> {
    Effect::Done(Err(error))
}

#[test]
fn the_prompt_is_sent_once_the_socket_has_opened_or_had_its_time() {
    let mut submit = Submit::<&str>::new(Dialect::Local, "mine", true, Some(10_000.0), 0.0);
    assert_eq!((effects(&mut submit), submit.poll_timeout()), (vec![], Some(SOCKET_LIMIT_MS)));
    submit.handle(400.0, Input::SocketTried);
    assert_eq!(effects(&mut submit), [Effect::Post { within_ms: 9_600.0 }]);
    let mut submit = Submit::<&str>::new(Dialect::Local, "mine", true, None, 0.0);
    submit.handle(SOCKET_LIMIT_MS, Input::Timeout);
    assert_eq!((effects(&mut submit), submit.poll_timeout()), (vec![], Some(SOCKET_LIMIT_MS + SOCKET_LOOK_MS)));
    submit.handle(SOCKET_LIMIT_MS + SOCKET_LOOK_MS, Input::Timeout);
    assert_eq!(effects(&mut submit), [Effect::Post { within_ms: ANSWER_LIMIT_MS }]);
}

#[test]
fn the_servers_answer_ends_it() {
    assert_eq!(after(&mut posted(Dialect::Local), answered(200, TAKEN)), [accepted("theirs", Some(7.0))]);
    let refused = SubmitError::Refused { status: 400, text: "no".to_owned() };
    assert_eq!(after(&mut posted(Dialect::Local), answered(400, "no")), [failed(refused)]);
    let page = SubmitError::NotComfy { text: "<html>".to_owned() };
    assert_eq!(after(&mut posted(Dialect::Local), answered(200, "<html>")), [failed(page)]);
}

#[test]
fn an_answer_that_is_lost_is_looked_for_in_the_queue_and_then_in_the_history() {
    for loses in [lost(), answered(502, "<html>")] {
        let mut submit = posted(Dialect::Local);
        assert_eq!(after(&mut submit, loses), [Effect::Ask(Probe::Queue)]);
        assert_eq!(after(&mut submit, queue(QueuePosition::Waiting(2))), [accepted("mine", None)]);
    }
    let mut submit = posted(Dialect::Local);
    after(&mut submit, lost());
    assert_eq!(after(&mut submit, queue(QueuePosition::Absent)), [Effect::Ask(Probe::History)]);
    let unknown = Input::Probed(Answer::History(HistoryAnswer::Unknown));
    assert_eq!(after(&mut submit, unknown), [failed(SubmitError::Unanswered("reset"))]);
    // One that came too late is not looked for: the caller's time is over.
    let late = Input::Unanswered { late: true, cause: "late" };
    assert_eq!(after(&mut posted(Dialect::Local), late), [failed(SubmitError::Late("late"))]);
    // Jobs have ids of their own.
    assert_eq!(after(&mut posted(Dialect::V2), lost()), [failed(SubmitError::Unanswered("reset"))]);
}

#[test]
fn an_answer_that_is_lost_of_a_run_whose_frames_came_changes_nothing() {
    for loses in [lost(), answered(502, ""), answered(400, ""), Input::Unanswered { late: true, cause: "late" }] {
        let mut submit = posted(Dialect::Local);
        assert_eq!(after(&mut submit, Input::RunAccepted), []);
        assert_eq!(after(&mut submit, loses), [accepted("mine", None)]);
    }
}

#[test]
fn the_end_of_the_run_ends_the_submission_whose_answer_is_still_awaited() {
    let mut submit = posted(Dialect::Local);
    after(&mut submit, Input::RunAccepted);
    assert_eq!(after(&mut submit, Input::RunEnded), [Effect::Abort, accepted("mine", None)]);
    assert!(submit.is_done());
    assert_eq!(after(&mut submit, answered(200, TAKEN)), []);
}

#[test]
fn an_abort_before_the_prompt_is_sent_sends_none() {
    let mut submit = Submit::new(Dialect::Local, "mine", true, None, 0.0);
    assert_eq!(after(&mut submit, Input::Aborted), [failed(SubmitError::Aborted)]);
    assert_eq!(after(&mut submit, Input::SocketTried), []);
}

#[test]
fn what_the_server_takes_after_an_abort_is_cancelled() {
    let mut submit = posted(Dialect::Local);
    assert_eq!(after(&mut submit, Input::Aborted), []);
    let expected = [Effect::Cancel("theirs".to_owned()), failed(SubmitError::Aborted)];
    assert_eq!(after(&mut submit, answered(200, TAKEN)), expected);
    // Also where its answer was lost.
    let mut submit = posted(Dialect::Local);
    after(&mut submit, Input::Aborted);
    after(&mut submit, lost());
    let expected = [Effect::Cancel("mine".to_owned()), failed(SubmitError::Aborted)];
    assert_eq!(after(&mut submit, queue(QueuePosition::Running)), expected);
    // A run whose frames came is cancelled through the run.
    let mut submit = posted(Dialect::Local);
    after(&mut submit, Input::RunAccepted);
    assert_eq!(after(&mut submit, Input::Aborted), [Effect::Abort, failed(SubmitError::Aborted)]);
}

#[test]
fn a_failed_submission_says_whether_the_server_has_the_prompt() {
    let absent = || Input::Probed(Answer::History(HistoryAnswer::Unknown));
    let refused = |status| SubmitError::Refused { status, text: String::new() };
    assert_eq!(posted(Dialect::Local).taken(&refused(400)), Some(false));
    assert_eq!(posted(Dialect::Local).taken(&refused(504)), None, "a server may be at work behind the proxy");
    assert_eq!(posted(Dialect::Local).taken(&SubmitError::Late("late")), None);
    let mut submit = posted(Dialect::Local);
    after(&mut submit, lost());
    assert_eq!(submit.taken(&SubmitError::Unanswered("reset")), None, "nobody was asked yet");
    after(&mut submit, queue(QueuePosition::Absent));
    after(&mut submit, absent());
    assert_eq!(submit.taken(&SubmitError::Unanswered("reset")), Some(false));
    let mut submit = posted(Dialect::Local);
    after(&mut submit, lost());
    after(&mut submit, Input::Probed(Answer::Failed(None)));
    assert_eq!(submit.taken(&SubmitError::Unanswered("reset")), None);
}
