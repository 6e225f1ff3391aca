//! No answer and no frame costs more than linear work: each hostile text in sizes n, 2n and 4n.

use crate::protocol::document::Document;
use crate::protocol::frame::Frame;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::json::{Raw, without_nan};
use crate::protocol::queue::{Queue, QueueAnswer};
use crate::protocol::submission::{Accepted, Rejected};
use crate::protocol::v2::job;
use crate::protocol::v2::job_feed::JobFeed;
use crate::text::work::assert_linear;

fn grows(name: &str, size: usize, text: &dyn Fn(usize) -> String, read: &dyn Fn(&str)) {
    assert_linear(name, size, &|n| read(&text(n)));
}

fn object(entry: &str, count: usize) -> String {
    format!("{{{}\"end\":0}}", entry.repeat(count))
}

#[test]
fn of_frames() {
    let read = |text: &str| {
        let _ = Frame::read(text, &mut |_| {});
    };
    let frame = r#"{"type":"status","data":{}}"#;
    grows("frames in one message", 2000, &|n| frame.repeat(n), &read);
    grows("frames, then no JSON", 2000, &|n| frame.repeat(n) + "{", &read);
    grows("frame with NaN", 2000, &|n| format!(r#"{{"type":"x","data":{}}}"#, object(r#""a":NaN,"#, n)), &read);
    grows("frame that repeats its data", 2000, &|n| object(r#""type":"x","data":{"nodes":[1,2]},"#, n), &read);
    grows(
        "progress_state",
        2000,
        &|n| {
            format!(
                r#"{{"type":"progress_state","data":{{"nodes":{}}}}}"#,
                object(r#""1":{"state":"running","value":1},"#, n)
            )
        },
        &read,
    );
    grows("brackets", 20_000, &|n| "[".repeat(n), &read);
    grows("escapes", 20_000, &|n| format!(r#"{{"type":"{}"}}"#, r"\u0041".repeat(n)), &read);
}

#[test]
fn of_answers() {
    let history = |text: &str| drop(HistoryAnswer::read(text, "p"));
    let message = r#"["execution_cached",{"nodes":["1","2"]}],"#;
    grows(
        "history, messages",
        2000,
        &|n| format!(r#"{{"p":{{"status":{{"messages":[{}1]}}}}}}"#, message.repeat(n)),
        &history,
    );
    grows(
        "history, outputs",
        2000,
        &|n| format!(r#"{{"p":{{"outputs":{}}}}}"#, object(r#""1":{"a":[NaN]},"#, n)),
        &history,
    );
    grows("history, others", 2000, &|n| object(r#""a":{"prompt":[]},"#, n), &history);
    let queue = |text: &str| {
        QueueAnswer::read(text, "p");
        Queue::read(text);
    };
    grows(
        "queue",
        2000,
        &|n| format!(r#"{{"queue_running":[],"queue_pending":[{}0]}}"#, r#"[1,"a",{}],"#.repeat(n)),
        &queue,
    );
    let submission = |text: &str| {
        Accepted::read(text);
        let _ = Rejected::read(text).explain();
    };
    let error = r#""1":{"class_type":"A","errors":[{"message":"m","details":"d"}]},"#;
    grows("node errors", 2000, &|n| format!(r#"{{"prompt_id":"p","node_errors":{}}}"#, object(error, n)), &submission);
    grows("documents", 2000, &|n| object(r#""prompt":{"1":{}},"#, n), &|text| {
        drop(Document::search(Raw::read(text).unwrap()))
    });
    assert_linear("NaN", 2000, &|n| {
        let text = "[NaN,".repeat(n);
        crate::text::work::count(without_nan(&text).len());
    });
}

#[test]
fn of_jobs() {
    let asset = |node: usize, id: usize| format!(r#"{{"node_id":"{node}","id":"{id}","name":"a.png","type":"image"}}"#);
    let assets = |n: usize, nodes: usize| (0..n).map(|at| asset(at % nodes, at)).collect::<Vec<_>>();
    let as_history = |text: &str| drop(job::as_history(text, "p"));
    for nodes in [1, 2, usize::MAX] {
        let name = format!("job, assets of {} nodes", if nodes > 2 { "n".to_owned() } else { nodes.to_string() });
        grows(
            &name,
            1000,
            &|n| format!(r#"{{"status":"succeeded","outputs":[{}]}}"#, assets(n, nodes).join(",")),
            &as_history,
        );
        let feed = |text: &str| drop(JobFeed::new("j").push(text));
        let event = |asset: String| format!("event: output\ndata: {asset}\n\n");
        grows(&format!("{name}, as events"), 1000, &|n| assets(n, nodes).into_iter().map(event).collect(), &feed);
    }
    let feed = |text: &str| drop(JobFeed::new("j").push(text));
    grows("events, one byte a part", 10_000, &|n| "data: {}\n\n".repeat(n / 10), &|text| {
        let mut feed = JobFeed::new("j");
        text.split_inclusive("").for_each(|part| drop(feed.push(part)));
    });
    grows("events, one line", 20_000, &|n| "data: ".to_owned() + &"x".repeat(n), &feed);
    grows("events, lines of data", 2000, &|n| "data: x\n".repeat(n) + "\n", &feed);
    grows("events, names", 2000, &|n| "event: x\n".repeat(n), &feed);
}
