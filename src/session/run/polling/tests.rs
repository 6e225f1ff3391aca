use super::*;

fn queue(position: QueuePosition) -> QueueAnswer {
    QueueAnswer { position, running: 1, pending: 0, prompt: None, asked: None }
}

#[test]
fn rounds_keep_the_interval_and_back_off_while_nothing_changes() {
    let mut polling = Polling::new(500.0, 5000.0);
    polling.ask_at(0.0);
    let mut began = Vec::new();
    for _ in 0..12 {
        let now = polling.poll_timeout().unwrap();
        began.push(now);
        let (_, id) = polling.poll_probe(now, false).unwrap();
        polling.answered(id).unwrap();
        let (_, id) = polling.ask_queue(now);
        polling.answered(id).unwrap();
        polling.queue_answered(now, &queue(QueuePosition::Running));
    }
    let gaps: Vec<f64> = began.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps[0], 500.0);
    assert!(gaps.windows(2).all(|pair| pair[0] <= pair[1]), "{gaps:?}");
    assert_eq!(*gaps.last().unwrap(), 5000.0);
}

#[test]
fn absence_counts_after_three_rounds() {
    let mut polling = Polling::new(500.0, 5000.0);
    assert_eq!(polling.queue_answered(0.0, &queue(QueuePosition::Absent)), QueueVerdict::Absent);
    assert_eq!(polling.queue_answered(500.0, &queue(QueuePosition::Absent)), QueueVerdict::Absent);
    assert_eq!(polling.queue_answered(900.0, &queue(QueuePosition::Running)), QueueVerdict::Alive { changed: true });
    assert_eq!(polling.queue_answered(1000.0, &queue(QueuePosition::Absent)), QueueVerdict::Absent);
    assert_eq!(polling.queue_answered(1500.0, &queue(QueuePosition::Absent)), QueueVerdict::Absent);
    assert_eq!(polling.queue_answered(2000.0, &queue(QueuePosition::Absent)), QueueVerdict::Vanished);
}

#[test]
fn a_probe_without_an_answer_is_given_up_and_its_late_answer_ignored() {
    let mut polling = Polling::new(500.0, 5000.0);
    polling.ask_at(0.0);
    let (_, lost) = polling.poll_probe(0.0, false).unwrap();
    assert_eq!(polling.poll_probe(100.0, false), None);
    let (_, second) = polling.poll_probe(PROBE_TIMEOUT_MS, false).unwrap();
    assert_eq!(polling.answered(lost), None);
    assert_eq!(polling.answered(second), Some(Probe::History));
}

#[test]
fn only_refusals_in_a_row_give_up() {
    let mut polling = Polling::new(500.0, 5000.0);
    let mut refuse = |status| polling.failed(0.0, Probe::Queue, Some(status));
    assert!((0..4).all(|_| refuse(401) == AfterFailure::Retry));
    assert_eq!(refuse(500), AfterFailure::Retry);
    assert!((0..4).all(|_| refuse(403) == AfterFailure::Retry));
    assert_eq!(refuse(403), AfterFailure::Refused(403));
}

#[test]
fn a_history_that_cannot_be_read_leaves_the_queue_to_tell_and_counts_only_in_the_long_run() {
    let mut polling = Polling::new(500.0, 5000.0);
    polling.ask_at(0.0);
    let ended = loop {
        let now = polling.poll_timeout().unwrap();
        let (_, id) = polling.poll_probe(now, false).unwrap();
        polling.answered(id).unwrap();
        assert_eq!(polling.failed(now, Probe::History, Some(500)), AfterFailure::AskQueue);
        let (_, id) = polling.ask_queue(now);
        polling.answered(id).unwrap();
        if polling.queue_answered(now, &queue(QueuePosition::Absent)) == QueueVerdict::Vanished
            || now > 2.0 * UNREADABLE_MS
        {
            break now;
        }
    };
    assert!((UNREADABLE_MS..UNREADABLE_MS + 5000.0).contains(&ended), "{ended}");
}

#[test]
fn a_question_asked_during_a_round_is_not_answered_by_it() {
    let mut polling = Polling::new(500.0, 5000.0);
    polling.ask_at(0.0);
    polling.poll_probe(0.0, false).unwrap();
    polling.ask_at(10.0);
    let (_, id) = polling.ask_queue(10.0);
    polling.answered(id).unwrap();
    polling.queue_answered(20.0, &queue(QueuePosition::Running));
    polling.relax();
    assert_eq!(polling.poll_timeout(), Some(500.0));
}
