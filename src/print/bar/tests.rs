use crate::print::bar::*;
use serde_json::{Value, json};

const NODES: [&str; 4] = ["4", "6", "3", "9"];

struct Screen {
    bar: Bar,
    /// Lines as a terminal shows them, the last one being the one that is redrawn.
    lines: Vec<String>,
    writes: usize,
}

impl Screen {
    fn new(style: BarStyle) -> Self {
        Self { bar: Bar::new(style, None), lines: vec![String::new()], writes: 0 }
    }

    fn of_width(width: usize) -> Self {
        let prompt = json!({
            "3": {"class_type": "KSampler", "inputs": {}},
            "4": {"class_type": "CheckpointLoaderSimple", "_meta": {"title": "Load \u{1b}[31mCheckpoint"}},
        });
        Self::new(BarStyle { width, titles: Titles::of(&prompt.to_string()), ..BarStyle::default() })
    }

    fn show(&mut self, event: Value) -> &str {
        match self.bar.print(&event) {
            None => {}
            Some(Printed::Line(line)) => self.lines.push(line),
            Some(Printed::Terminal(text)) => self.write(&text),
        }
        self.lines.last().unwrap()
    }

    fn write(&mut self, text: &str) {
        self.writes += 1;
        for piece in text.split_inclusive('\n') {
            let redrawn = piece.strip_prefix('\r').expect("a write begins at the line's start");
            let line = redrawn.trim_end_matches('\n').strip_suffix("\x1b[K").expect("the rest of the line is cleared");
            *self.lines.last_mut().unwrap() = line.to_owned();
            if piece.ends_with('\n') {
                self.lines.push(String::new());
            }
        }
    }
}

/// A `progress` event at step `value` of node 3, the third of four.
fn progress(value: u32, elapsed: f64) -> Value {
    json!({"type": "progress", "prompt_id": "p", "ts": 1000.0 + elapsed, "node_current": "3", "nodes_total": NODES,
        "nodes_done": ["4", "6"], "nodes_skipped": ["6"], "node_progress_value": value, "node_progress_max": 20,
        "nodes_progress": (2.0 + f64::from(value) / 20.0) / 4.0, "time_elapsed_s": elapsed})
}

fn event(event_type: &str, data: Value) -> Value {
    json!({"type": event_type, "prompt_id": "p", "ts": 2000.0, "data": data, "nodes_total": NODES})
}

#[test]
fn a_line_shows_the_whole_the_node_its_steps_and_the_times() {
    let mut screen = Screen::of_width(100);
    screen.show(progress(1, 4.0));
    let line = screen.show(progress(10, 8.5));
    assert_eq!(line, " 62%  ━━━━━━━━━━━━━━━━━━╸───────────  KSampler (3)  10/20  2 of 4 nodes  0:08  ~0:05 left");
}

#[test]
fn a_narrow_terminal_keeps_what_matters_most_and_never_wraps() {
    let line = |width| Screen::of_width(width).show(progress(10, 8.5)).to_owned();
    assert_eq!(line(80), " 62%  ━━━━━━━━━━━━━━━━━━╸───────────  KSampler (3)  10/20  2 of 4 nodes  0:08");
    assert_eq!(line(60), " 62%  ━━━━━━━╸────  KSampler (3)  10/20  2 of 4 nodes  0:08");
    assert_eq!(line(50), " 62%  ━━━━━━━━━━──────  KSampler (3)  10/20  0:08");
    assert_eq!(line(32), " 62%  KSampler (3)  10/20  0:08");
    assert_eq!(line(27), " 62%  KSampler (3)  10/20");
    assert_eq!(line(19), " 62%  KSampler (3)");
    assert_eq!(line(15), " 62%  KSample…");
    assert_eq!(line(6), " 62%");
    for columns in 0..120 {
        assert!(crate::text::columns::width(&line(columns)) < columns.max(5), "{columns}: {}", line(columns));
    }
}

#[test]
fn while_it_waits_the_place_in_the_queue_is_shown() {
    let mut screen = Screen::of_width(80);
    assert_eq!(screen.show(event("submitted", json!({}))), "waiting  0:00");
    assert_eq!(
        screen.show(event("queue", json!({"position": 2, "running": 1, "pending": 5}))),
        "waiting  position 2 of 5 in the queue  0:00"
    );
    assert_eq!(
        screen.show(event("queue", json!({"position": 1, "running": 1, "pending": 4}))),
        "waiting  position 1 of 4 in the queue  0:00"
    );
    assert!(screen.show(event("execution_start", json!({}))).starts_with("  0%  ───"));
}

#[test]
fn trouble_with_the_connection_is_shown_until_it_is_open_again() {
    let mut screen = Screen::of_width(80);
    screen.show(progress(10, 8.0));
    let line =
        screen.show(event("connection", json!({"state": "reconnecting", "reason": "closed (1006)", "attempt": 1})));
    assert_eq!(line, " 62%  ━━━━━━━━━━━━━━━─────────  reconnecting: closed (1006)  2 of 4 nodes  0:08");
    screen.show(event("connection", json!({"state": "open"})));
    let line = screen.show(progress(11, 9.0)).to_owned();
    assert!(line.contains("KSampler") && !line.contains("closed"), "{line}");
}

#[test]
fn the_end_is_a_line_that_stays() {
    let mut screen = Screen::of_width(80);
    screen.show(event("execution_cached", json!({"nodes": ["6"]})));
    screen.show(progress(20, 23.4));
    screen.show(event("completed", json!({})));
    assert_eq!(screen.lines, ["✓ done in 0:23  4 nodes, 1 cached", ""]);

    let mut screen = Screen::of_width(80);
    screen.show(event("interrupted", json!({})));
    assert_eq!(screen.lines[0], "✗ interrupted after 0:00");
}

#[test]
fn a_failure_names_the_node_and_the_whole_message_in_one_line() {
    let mut screen = Screen::of_width(20);
    screen.show(event(
        "error",
        json!({"node_id": "3", "node_type": "KSampler", "exception_message": "CUDA\n  out of memory\u{1b}[2J"}),
    ));
    assert_eq!(screen.lines[0], "✗ KSampler (3): CUDA out of memory[2J");

    let failure = |data| {
        let mut screen = Screen::new(BarStyle::default());
        screen.show(event("error", data));
        screen.lines[0].clone()
    };
    assert_eq!(failure(json!({"node_id": 7, "node_type": "Lab", "exception_message": "no"})), "✗ Lab (7): no");
    assert_eq!(failure(json!({"message": "the server forgot the prompt"})), "✗ the server forgot the prompt");
    assert_eq!(failure(json!({})), "✗ the run failed");
}

#[test]
fn titles_and_messages_of_others_cannot_drive_the_terminal() {
    let mut screen = Screen::of_width(80);
    let mut event = progress(1, 1.0);
    event["node_current"] = json!("4");
    let line = screen.show(event).to_owned();
    assert!(line.contains("Load [31mCheckpoint (4)"), "{line:?}");
    assert!(!line.contains('\u{1b}'), "{line:?}");
}

#[test]
fn a_node_made_while_running_has_the_title_of_the_visible_one() {
    let mut event = progress(1, 1.0);
    event["node_current"] = json!("3.0.0.1");
    assert!(Screen::of_width(80).show(event).contains("KSampler (3)"));
}

#[test]
fn what_a_node_says_is_shown_while_it_runs() {
    let mut screen = Screen::of_width(100);
    screen.show(progress(1, 1.0));
    let mut said = progress(1, 2.0);
    said["type"] = json!("progress_text");
    said["data"] = json!({"node_id": "3", "text": "Status:\nqueued"});
    assert!(screen.show(said).contains("Status: queued"));
    let mut next = progress(0, 3.0);
    next["node_current"] = json!("9");
    assert!(!screen.show(next).contains("Status"));
}

#[test]
fn steps_are_drawn_at_most_twenty_times_a_second_of_event_time() {
    let mut screen = Screen::of_width(80);
    for step in 0..1000 {
        screen.show(progress(step % 20, f64::from(step) / 1000.0));
    }
    assert!((10..=21).contains(&screen.writes), "{}", screen.writes);
}

#[test]
fn a_line_that_would_look_the_same_is_not_written_again() {
    let mut screen = Screen::of_width(80);
    for _ in 0..5 {
        screen.show(event("status", json!({})));
        screen.show(event("executed", json!({})));
    }
    assert_eq!(screen.writes, 1);
}

#[test]
fn without_unicode_or_colour_it_is_plain_ascii_and_with_colour_it_is_the_same_text() {
    let ascii = |event| {
        let style = BarStyle { unicode: false, width: 80, ..BarStyle::default() };
        Screen::new(style).show(event).to_owned()
    };
    assert_eq!(ascii(progress(10, 8.0)), " 62%  ##################------------  node 3  10/20  2 of 4 nodes  0:08");
    let mut screen = Screen::new(BarStyle { unicode: false, ..BarStyle::default() });
    screen.show(event("completed", json!({})));
    assert_eq!(screen.lines[0], "ok: done in 0:00  4 nodes");

    let mut screen = Screen::new(BarStyle { colour: true, width: 80, ..BarStyle::default() });
    let line = screen.show(progress(10, 8.0)).to_owned();
    assert!(line.contains("\u{1b}[36m━"), "{line:?}");
    assert_eq!(line.matches("\u{1b}[0m").count(), 2, "{line:?}");
}

#[test]
fn where_lines_cannot_be_redrawn_there_is_one_per_node_and_tenth_of_the_whole() {
    let mut screen = Screen::new(BarStyle { redraw: false, ..BarStyle::default() });
    for step in 0..=20 {
        screen.show(progress(step, f64::from(step)));
    }
    screen.show(event("completed", json!({})));
    let percents: Vec<_> = screen.lines[1..].iter().map(|line| line.trim_start().split(' ').next().unwrap()).collect();
    assert_eq!(percents, ["50%", "60%", "70%", "✓"]);
    assert!(screen.lines.iter().all(|line| !line.contains(['\r', '\u{1b}'])));
}

#[test]
fn several_runs_are_kept_apart_and_named() {
    let mut screen = Screen::of_width(80);
    let other = |event: Value| {
        let mut event = event;
        event["prompt_id"] = json!("other-prompt");
        event
    };
    screen.show(progress(10, 8.0));
    assert!(screen.show(other(event("submitted", json!({})))).starts_with("other-pr  waiting"));
    screen.show(other(event("error", json!({"message": "no"}))));
    assert_eq!(screen.lines[0], "other-pr  ✗ no");
    assert!(screen.show(progress(11, 9.0)).starts_with(" 63%"));
}

#[test]
fn a_run_that_is_given_up_leaves_the_cursor_on_a_fresh_line() {
    let mut screen = Screen::of_width(80);
    assert_eq!(screen.bar.finish(), None);
    screen.show(progress(1, 1.0));
    assert_eq!(screen.bar.finish(), Some(Printed::Terminal("\n".into())));
    assert_eq!(screen.bar.finish(), None);
}

fn anything() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..30u32).prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        Just(json!(["3", "4"])),
        Just(json!({"position": 2, "state": "polling", "text": "\u{1b}\n", "message": 5})),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
    #[test]
    fn events_with_anything_in_them_never_wrap_the_line(
        width in 0..200usize,
        events in proptest::collection::vec((0..7usize, proptest::collection::vec(anything(), 8)), 1..12),
    ) {
        let types = ["submitted", "queue", "progress", "connection", "progress_text", "executing", "execution_start"];
        let fields = ["data", "node_current", "node_progress_value", "node_progress_max", "nodes_done",
            "nodes_progress", "time_elapsed_s", "ts"];
        let mut screen = Screen::of_width(width);
        for (event_type, values) in events {
            let mut event = json!({"type": types[event_type], "prompt_id": "p"});
            for (field, value) in fields.iter().zip(values) {
                event[field] = value;
            }
            let shown = screen.show(event);
            assert!(crate::text::columns::width(shown) < width.max(5), "{width} {shown:?}");
        }
    }
}

#[test]
fn refused_outputs_stay_above_the_line_and_are_counted_at_its_end() {
    let mut screen = Screen::of_width(100);
    screen.show(progress(1, 4.0));
    let message = "The server refused an output of the prompt (node 4) and runs the rest:\n  node 3 (Load\u{1b}[31mImage): no file";
    screen.show(event("refused", json!({"outputs": ["4"], "message": message, "node_errors": {}})));
    let shown = [
        "The server refused an output of the prompt (node 4) and runs the rest:",
        "  node 3 (Load[31mImage): no file",
        "",
    ];
    assert_eq!(screen.lines, shown);
    let line = screen.show(event("completed", json!({}))).to_owned();
    assert_eq!(line, "");
    assert!(screen.lines[2].ends_with("4 nodes  1 output refused"), "{:?}", screen.lines);
    // Without a terminal, lines of their own.
    let mut plain = Screen::new(BarStyle { redraw: false, ..BarStyle::default() });
    plain.show(event("refused", json!({"outputs": ["4"], "message": message})));
    assert_eq!(plain.lines[1], shown[..2].join("\n"));
}
