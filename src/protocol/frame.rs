//! Text frames: the JSON messages of ComfyUI's WebSocket. One pass over the text reads the fields that a run needs; the
//! text itself is kept for the callback.

use std::borrow::Cow;

use crate::protocol::json::{self, Reader, Text};

/// One text frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame<'a> {
    /// The frame's `type`.
    pub kind: Cow<'a, str>,
    /// The prompt that it belongs to. Missing on `status`, on the `executing` sent at connection, and on many frames of
    /// custom nodes.
    pub prompt_id: Option<Cow<'a, str>>,
    /// The fields that a run needs.
    pub body: Body<'a>,
    /// The JSON text of this frame alone.
    pub text: &'a str,
}

/// The fields of a frame that a run needs, by its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'a> {
    /// `status`: the queue of the server has changed.
    Status {
        /// It has a `sid`: the first frame of a connection, which is not sent because of a change.
        greeting: bool,
    },
    /// `execution_start`.
    ExecutionStart,
    /// `execution_cached`: nodes that will not run because their outputs are cached.
    ExecutionCached {
        /// Ids of the cached nodes.
        nodes: Vec<Cow<'a, str>>,
    },
    /// `executing` with a node: the node begins.
    ExecutingNode {
        /// The node that begins.
        node: Cow<'a, str>,
        /// The node that shows it, where it was made while running.
        display: Option<Cow<'a, str>>,
    },
    /// `executing` with `node: null`: the prompt has ended and its history is written.
    ExecutingNull,
    /// `progress` of one node.
    Progress {
        /// The node, where the frame has one.
        node: Option<Cow<'a, str>>,
        /// Steps done.
        value: f64,
        /// Total steps.
        max: f64,
    },
    /// `progress_state`: the state of all nodes that have begun.
    ProgressState {
        /// The nodes.
        nodes: Vec<NodeState<'a>>,
    },
    /// `executed`: a node has output to show.
    Executed {
        /// The node that ran, or was cached.
        node: Cow<'a, str>,
        /// The node that shows it, where it was made while running.
        display: Option<Cow<'a, str>>,
        /// Its output as JSON text; `None` for `null`.
        output: Option<&'a str>,
    },
    /// `execution_success`: all nodes have run; the history is not written yet.
    ExecutionSuccess,
    /// `execution_error`.
    ExecutionError(ExecutionError<'a>),
    /// `execution_interrupted`.
    ExecutionInterrupted {
        /// The node that was running.
        node_id: Option<Cow<'a, str>>,
        /// Its class type.
        node_type: Option<Cow<'a, str>>,
    },
    /// An unknown type, or a known one without its required fields.
    Other,
}

/// A node's entry in `progress_state`.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeState<'a> {
    /// The node.
    pub node: Cow<'a, str>,
    /// The node that shows it, where it was made while running.
    pub display: Option<Cow<'a, str>>,
    /// Steps done.
    pub value: f64,
    /// Total steps.
    pub max: f64,
    /// Its state.
    pub phase: NodePhase,
}

impl<'a> NodeState<'a> {
    /// Reads the value of a node's entry.
    pub(crate) fn read(reader: &mut Reader<'a>, node: Cow<'a, str>) -> Option<Self> {
        let (mut steps, mut phase, mut display) = (Steps::default(), NodePhase::Other, None);
        reader.fields(&mut |reader, key| {
            match &*key {
                "state" => {
                    phase = match reader.skip()? {
                        "\"running\"" => NodePhase::Running,
                        "\"finished\"" => NodePhase::Finished,
                        _ => NodePhase::Other,
                    };
                }
                "display_node_id" => display = reader.text()?.is(),
                key => steps.read(key, reader)?,
            }
            Some(())
        })?;
        Some(NodeState { node, display, value: steps.value, max: steps.max, phase })
    }

    pub(crate) fn into_owned(self) -> NodeState<'static> {
        let owned = |text: Cow<str>| Cow::Owned(text.into_owned());
        NodeState { node: owned(self.node), display: self.display.map(owned), ..self }
    }

    pub(crate) fn borrowed(&self) -> NodeState<'_> {
        NodeState { node: Cow::Borrowed(&self.node), display: self.display.as_deref().map(Cow::Borrowed), ..*self }
    }
}

/// `state` of a node in `progress_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodePhase {
    /// `running`.
    Running,
    /// `finished`.
    Finished,
    /// `pending`, `error`, or an unknown state.
    Other,
}

/// The fields of an `execution_error`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExecutionError<'a> {
    /// The node that failed.
    pub node_id: Option<Cow<'a, str>>,
    /// Its class type.
    pub node_type: Option<Cow<'a, str>>,
    /// The Python exception's class.
    pub exception_type: Option<Cow<'a, str>>,
    /// The exception's message.
    pub exception_message: Option<Cow<'a, str>>,
}

impl ExecutionError<'_> {
    /// Whether an ExecutionBlocker stopped one branch: the prompt goes on and `execution_success` follows.
    pub fn is_blocker(&self) -> bool {
        self.exception_type.as_deref() == Some("ExecutionBlocked")
    }
}

impl<'a> Frame<'a> {
    /// Reads a text message and calls `take` with each of its frames: one, or several where a proxy has packed them into
    /// one message. A text that is not a JSON object with a `type` has none. Returns the number of frames.
    pub fn read(text: &str, take: &mut dyn FnMut(&Frame)) -> usize {
        let mut reader = Reader::new(text);
        let frame = Frame::next(&mut reader).filter(|_| reader.end().is_some());
        if reader.is_beyond_json() {
            return Self::read(&json::without_nan(text), take);
        }
        if let Some(frame) = frame {
            take(&frame);
            return 1;
        }
        let parts = json::split(text);
        // If the text is a single value, that has been tried above.
        if parts.first().is_none_or(|first| first.len() == text.trim().len()) {
            return 0;
        }
        parts.into_iter().map(|part| Self::read(part, take)).sum()
    }

    fn next(reader: &mut Reader<'a>) -> Option<Self> {
        let (mut kind, mut data) = (Text::Missing, Data::default());
        let text = reader.rest();
        reader.object(&mut |reader, key| {
            match &*key {
                "type" => kind = reader.text()?,
                "data" => data = Data::read(reader)?,
                _ => drop(reader.skip()?),
            }
            Some(())
        })?;
        // `Text` accepts whole numbers, which are valid ids but not types.
        let kind = kind.is().filter(|kind| !kind.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))?;
        let text = &text[..text.len() - reader.rest().len()];
        let prompt_id = data.prompt_id.take();
        let body = data.into_body(&kind);
        Some(Frame { kind, prompt_id, body, text })
    }
}

/// The fields of `data` that the known types use. One struct for all types, because `type` may come after `data`.
#[derive(Default)]
struct Data<'a> {
    prompt_id: Option<Cow<'a, str>>,
    sid: Text<'a>,
    node: Text<'a>,
    display: Option<Cow<'a, str>>,
    node_id: Option<Cow<'a, str>>,
    node_type: Option<Cow<'a, str>>,
    exception_type: Option<Cow<'a, str>>,
    exception_message: Option<Cow<'a, str>>,
    steps: Steps,
    output: Option<&'a str>,
    /// `nodes` is a list of ids in `execution_cached` and an object of states in `progress_state`.
    ids: Vec<Cow<'a, str>>,
    states: Vec<NodeState<'a>>,
}

/// `value` and `max`; 0 where they are not numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    value: f64,
    max: f64,
}

impl Steps {
    /// Reads `value` and `max`; skips the value of any other key.
    fn read(&mut self, key: &str, reader: &mut Reader) -> Option<()> {
        match key {
            "value" => self.value = reader.number()?,
            "max" => self.max = reader.number()?,
            _ => drop(reader.skip()?),
        }
        Some(())
    }
}

impl<'a> Data<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut data = Data::default();
        reader.fields(&mut |reader, key| {
            match &*key {
                "prompt_id" => data.prompt_id = reader.text()?.is(),
                "sid" => data.sid = reader.text()?,
                "node" => data.node = reader.text()?,
                "display_node" => data.display = reader.text()?.is(),
                "node_id" => data.node_id = reader.text()?.is(),
                "node_type" => data.node_type = reader.text()?.is(),
                "exception_type" => data.exception_type = reader.text()?.is(),
                "exception_message" => data.exception_message = reader.text()?.is(),
                "output" => data.output = Some(reader.skip()?).filter(|output| *output != "null"),
                "nodes" => data.read_nodes(reader)?,
                key => data.steps.read(key, reader)?,
            }
            Some(())
        })?;
        Some(data)
    }

    fn read_nodes(&mut self, reader: &mut Reader<'a>) -> Option<()> {
        (self.ids, self.states) = (Vec::new(), Vec::new());
        if reader.peek() == b'[' {
            return reader.array(&mut |reader| {
                self.ids.extend(reader.text()?.is());
                Some(())
            });
        }
        reader.fields(&mut |reader, node| {
            self.states.push(NodeState::read(reader, node)?);
            Some(())
        })
    }

    fn into_body(self, kind: &str) -> Body<'a> {
        let Steps { value, max } = self.steps;
        match (kind, self.node) {
            ("status", _) => Body::Status { greeting: self.sid != Text::Missing },
            ("execution_start", _) => Body::ExecutionStart,
            ("execution_cached", _) => Body::ExecutionCached { nodes: self.ids },
            ("executing", Text::Is(node)) => Body::ExecutingNode { node, display: self.display },
            ("executing", Text::Null) => Body::ExecutingNull,
            ("progress", node) => Body::Progress { node: node.is(), value, max },
            ("progress_state", _) => Body::ProgressState { nodes: self.states },
            ("executed", Text::Is(node)) => Body::Executed { node, display: self.display, output: self.output },
            ("execution_success", _) => Body::ExecutionSuccess,
            ("execution_error", _) => Body::ExecutionError(ExecutionError {
                node_id: self.node_id,
                node_type: self.node_type,
                exception_type: self.exception_type,
                exception_message: self.exception_message,
            }),
            ("execution_interrupted", _) => {
                Body::ExecutionInterrupted { node_id: self.node_id, node_type: self.node_type }
            }
            _ => Body::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        Frame::read(text, &mut |frame| seen.push(format!("{} {:?} {:?}", frame.kind, frame.prompt_id, frame.body)));
        seen
    }

    fn body<T>(text: &str, look: impl Fn(&Body) -> T) -> T {
        let mut found = None;
        assert_eq!(Frame::read(text, &mut |frame| found = Some(look(&frame.body))), 1, "{text}");
        found.unwrap()
    }

    #[test]
    fn the_type_may_come_after_the_data() {
        let text = r#"{"data": {"node": "3", "prompt_id": "p"}, "type": "executing"}"#;
        assert!(body(text, |body| matches!(body, Body::ExecutingNode { node, .. } if node == "3")));
    }

    #[test]
    fn a_null_node_is_not_a_missing_node() {
        assert!(body(r#"{"type":"executing","data":{"node":null}}"#, |body| *body == Body::ExecutingNull));
        assert!(body(r#"{"type":"executing","data":{}}"#, |body| *body == Body::Other));
    }

    #[test]
    fn numeric_ids_are_read_as_text() {
        let text = r#"{"type":"progress","data":{"node":12,"value":1,"max":4,"prompt_id":7}}"#;
        assert_eq!(read(text), [r#"progress Some("7") Progress { node: Some("12"), value: 1.0, max: 4.0 }"#]);
    }

    #[test]
    fn fields_of_a_wrong_type_are_ignored_and_unknown_frame_types_are_kept() {
        for text in [
            r#"{"type":"progress","data":[1,2]}"#,
            r#"{"type":"progress","data":null}"#,
            r#"{"type":"progress","data":{"value":"x","max":{},"node":[1]}}"#,
            r#"{"type":"progress_state","data":{"nodes":7}}"#,
            r#"{"type":"progress_state","data":{"nodes":{"1":null,"2":{"state":3}}}}"#,
            r#"{"type":"execution_cached","data":{"nodes":[1,null,{},"2"]}}"#,
            r#"{"type":"crystools.monitor","data":"hello"}"#,
            r#"{"type":"executed"}"#,
        ] {
            assert_eq!(read(text).len(), 1, "{text}");
        }
        for text in
            ["", "null", "[]", "<html></html>", r#"{"type":5.5}"#, r#"{"type":7}"#, r#"{"type":""}"#, r#"{"data":{}}"#]
        {
            assert_eq!(read(text).len(), 0, "{text}");
        }
    }

    #[test]
    fn nan_does_not_lose_a_frame() {
        let text = r#"{"type":"executed","data":{"node":"1","output":{"a":[NaN]},"prompt_id":"p"}}"#;
        assert_eq!(
            read(text),
            [r#"executed Some("p") Executed { node: "1", display: None, output: Some("{\"a\":[null]}") }"#]
        );
    }

    #[test]
    fn two_objects_in_one_message_are_two_frames() {
        let text = r#"{"type":"execution_success","data":{}} {"type":"executing","data":{"node":null}}"#;
        assert_eq!(read(text), ["execution_success None ExecutionSuccess", "executing None ExecutingNull"]);
    }

    #[test]
    fn each_of_several_frames_is_json_also_where_one_has_nan() {
        let frame = |node: &str| format!(r#"{{"type":"executing","data":{{"node":"1","display_node":{node}}}}}"#);
        for texts in [[frame("\"2\""), frame("NaN")], [frame("-Infinity"), frame("null")]] {
            let mut count = 0;
            Frame::read(&texts.concat(), &mut |frame| {
                assert!(serde_json::from_str::<serde_json::Value>(frame.text).is_ok(), "{}", frame.text);
                count += 1;
            });
            assert_eq!(count, 2, "{texts:?}");
        }
    }

    #[test]
    fn a_null_output_is_no_output() {
        let text = r#"{"type":"executed","data":{"node":"1","output":null}}"#;
        assert!(body(text, |body| matches!(body, Body::Executed { output: None, .. })));
    }

    #[test]
    fn escapes_in_ids_are_resolved() {
        let text = r#"{"type":"executing","data":{"node":"\u0031\u003a2","prompt_id":"p\\q"}}"#;
        assert_eq!(read(text), [r#"executing Some("p\\q") ExecutingNode { node: "1:2", display: None }"#]);
    }

    #[test]
    fn an_execution_blocker_is_recognised_by_its_exception_type() {
        let text = r#"{"type":"execution_error","data":{"exception_type":"ExecutionBlocked","exception_message":"x"}}"#;
        assert!(body(text, |body| matches!(body, Body::ExecutionError(error) if error.is_blocker())));
    }
}
