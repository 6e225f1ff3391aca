use super::*;

/// What a server answers to a request; none hangs.
type Server<'s> = &'s mut dyn FnMut(&str) -> Option<(u16, String)>;

/// Plays a cancellation. Returns its result, what was sent, and how long it took.
fn play(dialect: Dialect, server: Server) -> (Result<bool, CancelError<()>>, Vec<String>, f64) {
    let (mut now, mut sent) = (0.0, Vec::new());
    let mut cancel = Cancel::new(dialect, "mine", now);
    loop {
        match cancel.poll_effect(now) {
            Effect::Done(result) => return (result, sent, now),
            Effect::WaitUntil(until) => {
                assert!(until > now);
                now = until;
                cancel.handle_timeout(now);
            }
            Effect::Send { request, within_ms } => {
                let line =
                    [request.method, " ", &request.route, " ", request.body.as_deref().unwrap_or_default()].concat();
                sent.push(line.trim_end().to_owned());
                match server(&sent[sent.len() - 1]) {
                    Some((status, text)) => cancel.answered(now, status, text),
                    None => {
                        now += within_ms;
                        cancel.unanswered(now, ());
                    }
                }
            }
        }
        assert!(sent.len() < 100);
    }
}

fn queue(running: &str, pending: &str) -> Option<(u16, String)> {
    let entry = |id: &str| if id.is_empty() { String::new() } else { format!(r#"[1, "{id}"]"#) };
    Some((200, format!(r#"{{"queue_running": [{}], "queue_pending": [{}]}}"#, entry(running), entry(pending))))
}

fn old_server(line: &str, running: &str, pending: &str) -> Option<(u16, String)> {
    match line {
        "GET /queue" => queue(running, pending),
        _ if line.starts_with("POST /api/jobs") => Some((405, String::new())),
        _ => Some((200, String::new())),
    }
}

#[test]
fn a_new_server_needs_one_request() {
    for (body, had) in [(r#"{"cancelled": true}"#, true), (r#"{"cancelled": false}"#, false), ("", true)] {
        let (result, sent, _) = play(Dialect::Local, &mut |_| Some((200, body.to_owned())));
        assert_eq!((result, sent), (Ok(had), vec!["POST /api/jobs/mine/cancel {}".to_owned()]));
    }
}

#[test]
fn half_an_answer_confirms_nothing_and_the_queue_is_asked() {
    for body in [r#"{"cancelled": fal"#, "<html>Please log in</html>", "{}", "null"] {
        let (result, sent, _) = play(Dialect::Local, &mut |line| match line {
            "GET /queue" => queue("theirs", ""),
            _ => Some((200, if line.starts_with("POST /api/jobs") { body.to_owned() } else { String::new() })),
        });
        assert_eq!(result, Ok(false), "{body}");
        assert_eq!(sent[1], "GET /queue", "{body}");
    }
}

#[test]
fn on_an_old_server_a_waiting_prompt_is_taken_out_of_the_queue_and_nothing_interrupted() {
    let mut looks = 0;
    let (result, sent, _) = play(Dialect::Local, &mut |line| {
        looks += usize::from(line == "GET /queue");
        old_server(line, "theirs", if looks < 2 { "mine" } else { "" })
    });
    assert_eq!(result, Ok(true));
    assert_eq!(sent[1..], ["GET /queue", r#"POST /queue {"delete":["mine"]}"#, "GET /queue"]);
}

#[test]
fn on_an_old_server_only_the_own_prompt_is_interrupted() {
    let (result, sent, _) = play(Dialect::Local, &mut |line| old_server(line, "mine", "theirs"));
    assert_eq!(result, Ok(true));
    assert_eq!(sent.last().map(String::as_str), Some(r#"POST /interrupt {"prompt_id":"mine"}"#));
    let (result, sent, _) = play(Dialect::Local, &mut |line| old_server(line, "theirs", "others"));
    assert_eq!(result, Ok(false));
    assert!(sent.iter().all(|line| !line.contains("interrupt")), "{sent:?}");
}

#[test]
fn a_hiccup_is_tried_again_and_a_refusal_is_told_in_the_end() {
    let mut failures = 3;
    let (result, ..) = play(Dialect::Local, &mut |_| {
        failures -= 1;
        if failures >= 0 { Some((502, "<html>".to_owned())) } else { Some((200, r#"{"cancelled": true}"#.to_owned())) }
    });
    assert_eq!(result, Ok(true));
    let (result, sent, took) = play(Dialect::Local, &mut |_| Some((500, "no".to_owned())));
    assert_eq!(result, Err(CancelError::Refused { status: 500, text: "no".to_owned() }));
    assert_eq!((sent.len(), took), (8, 1_500.0));
}

#[test]
fn a_server_that_hangs_at_any_request_settles_it_within_the_deadline() {
    for hangs_after in 0..6 {
        let mut answered = 0;
        let (result, _, took) = play(Dialect::Local, &mut |line| {
            answered += 1;
            (answered <= hangs_after).then(|| old_server(line, "mine", "")).flatten()
        });
        if answered <= hangs_after {
            assert_eq!(result, Ok(true));
        } else {
            assert_eq!((result, took), (Err(CancelError::Unanswered(())), DEADLINE_MS), "after {hangs_after} answers");
        }
    }
    let (result, _, took) = play(Dialect::V2, &mut |_| None);
    assert_eq!((result, took), (Err(CancelError::Unanswered(())), DEADLINE_MS));
}

#[test]
fn a_job_of_the_api_v2_is_looked_up_first() {
    let job = |status: &str| Some((200, format!(r#"{{"status": "{status}"}}"#)));
    for (before, after, had) in [("running", "canceling", true), ("queued", "succeeded", false)] {
        let (result, sent, _) =
            play(Dialect::V2, &mut |line| job(if line.starts_with("GET") { before } else { after }));
        assert_eq!(result, Ok(had));
        assert_eq!(sent, ["GET /api/v2/jobs/mine", "POST /api/v2/jobs/mine/cancel"]);
    }
    for answer in [job("succeeded"), Some((404, String::new()))] {
        let (result, sent, _) = play(Dialect::V2, &mut |_| answer.clone());
        assert_eq!((result, sent.len()), (Ok(false), 1));
    }
}

#[test]
fn a_prompt_that_still_waits_after_its_deletion_is_deleted_again() {
    let mut deletions = 0;
    let (result, sent, _) = play(Dialect::Local, &mut |line| {
        deletions += u32::from(line.starts_with("POST /queue"));
        old_server(line, "theirs", if deletions < 2 { "mine" } else { "" })
    });
    assert_eq!((result, deletions), (Ok(true), 2), "{sent:?}");
    let (result, ..) = play(Dialect::Local, &mut |line| old_server(line, "theirs", "mine"));
    let text = "the prompt is still in the queue".to_owned();
    assert_eq!(result, Err(CancelError::Refused { status: 200, text }));
}

#[test]
fn a_page_in_answer_to_an_interrupt_confirms_nothing_and_it_is_sent_again() {
    let mut interrupts = 0;
    let (result, sent, _) = play(Dialect::Local, &mut |line| {
        let is_interrupt = line.starts_with("POST /interrupt");
        interrupts += u32::from(is_interrupt);
        match is_interrupt && interrupts == 1 {
            true => Some((200, "<html>Please wait</html>".to_owned())),
            false => old_server(line, "mine", ""),
        }
    });
    assert_eq!((result, interrupts), (Ok(true), 2), "{sent:?}");
}
