//! Text frames: what ComfyUI sends over the socket as JSON. One pass over the text reads just what a run needs;
//! everything else stays in the text, which reaches the callback whole.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json;
use super::lenient::{Number, Text, ignore_scalars, lenient_object};

/// One text frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame<'a> {
    /// The frame's `type`.
    pub kind: Cow<'a, str>,
    /// The prompt it belongs to; none on `status`, on the greeting `executing`, and on many frames of custom nodes.
    pub prompt_id: Option<Cow<'a, str>>,
    /// What a run needs of it.
    pub body: Body<'a>,
    /// The JSON text of this frame alone.
    pub text: &'a str,
}

/// What a run needs of a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'a> {
    /// `status`: something changed in the server's queue.
    Status {
        /// It carries a `sid`: it is the first frame of a connection and says nothing of the queue's changes.
        greeting: bool,
    },
    /// `execution_start`.
    ExecutionStart,
    /// `execution_cached`: nodes that will not run because their result is known.
    ExecutionCached {
        /// Ids of the cached nodes.
        nodes: Vec<Cow<'a, str>>,
    },
    /// `executing` with a node: it begins.
    ExecutingNode {
        /// The node that begins.
        node: Cow<'a, str>,
    },
    /// `executing` with `node: null`: the prompt is over and its history is written.
    ExecutingNull,
    /// `progress` of one node.
    Progress {
        /// The node, where the frame names it.
        node: Option<Cow<'a, str>>,
        /// Steps done.
        value: f64,
        /// Steps in all.
        max: f64,
    },
    /// `progress_state`: the whole snapshot of all nodes that have begun.
    ProgressState {
        /// The nodes in the snapshot.
        nodes: Vec<NodeState<'a>>,
    },
    /// `executed`: a node has something to show.
    Executed {
        /// The node that ran.
        node: Cow<'a, str>,
        /// Its output as JSON text; none where the server sent `null`.
        output: Option<&'a str>,
    },
    /// `execution_success`: the nodes are done, the history is not written yet.
    ExecutionSuccess,
    /// `execution_error`.
    ExecutionError(Failure<'a>),
    /// `execution_interrupted`.
    ExecutionInterrupted {
        /// The node that was running.
        node_id: Option<Cow<'a, str>>,
        /// Its class.
        node_type: Option<Cow<'a, str>>,
    },
    /// Any other type, or a known one without what it needs.
    Other,
}

/// A node's entry in `progress_state`.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeState<'a> {
    /// The node.
    pub node: Cow<'a, str>,
    /// Steps done.
    pub value: f64,
    /// Steps in all.
    pub max: f64,
    /// Whether it runs, is done, or else.
    pub phase: NodePhase,
}

/// `state` of a node in `progress_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodePhase {
    /// `running`.
    Running,
    /// `finished`.
    Finished,
    /// `pending`, `error`, or a state this version does not know.
    Other,
}

/// What an `execution_error` says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failure<'a> {
    /// The node that failed.
    pub node_id: Option<Cow<'a, str>>,
    /// Its class.
    pub node_type: Option<Cow<'a, str>>,
    /// The Python exception's class.
    pub exception_type: Option<Cow<'a, str>>,
    /// The exception's text.
    pub exception_message: Option<Cow<'a, str>>,
}

impl Failure<'_> {
    /// An ExecutionBlocker stops one branch; the prompt goes on and `execution_success` follows.
    pub fn is_blocker(&self) -> bool {
        self.exception_type.as_deref() == Some("ExecutionBlocked")
    }
}

impl<'a> Frame<'a> {
    /// Reads a text message and hands its frames to `take`: one, or several where a proxy packed them together. Text
    /// that is no JSON object with a `type` gives nothing. Returns how many there were.
    pub fn read(text: &str, take: &mut dyn FnMut(&Frame)) -> usize {
        if let Some(frame) = Frame::one(text) {
            take(&frame);
            return 1;
        }
        if let Some(clean) = json::repaired(text) {
            return Self::read(&clean, take);
        }
        let parts = json::split(text);
        // One value that is the whole text has been tried.
        if parts.first().is_none_or(|first| first.len() == text.trim().len()) {
            return 0;
        }
        parts.into_iter().filter_map(Frame::one).map(|frame| take(&frame)).count()
    }

    fn one(text: &'a str) -> Option<Self> {
        let Wire { kind: Text::Is(kind), data } = serde_json::from_str(text).ok()? else { return None };
        // Ids may be numbers, types are words.
        if kind.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return None;
        }
        let prompt_id = text_of(data.prompt_id.clone());
        let body = data.into_body(&kind);
        Some(Frame { kind, prompt_id, body, text })
    }
}

fn text_of(text: Text) -> Option<Cow<str>> {
    match text {
        Text::Is(text) => Some(text),
        Text::Missing | Text::Null => None,
    }
}

/// A frame as it stands on the wire.
#[derive(Default)]
struct Wire<'a> {
    kind: Text<'a>,
    data: Data<'a>,
}

/// The fields of `data` that any known type uses. One struct for all types: the type may come after the data.
#[derive(Default)]
struct Data<'a> {
    prompt_id: Text<'a>,
    sid: Text<'a>,
    node: Text<'a>,
    node_id: Text<'a>,
    node_type: Text<'a>,
    exception_type: Text<'a>,
    exception_message: Text<'a>,
    value: Number,
    max: Number,
    output: Option<&'a RawValue>,
    nodes: Nodes<'a>,
}

impl<'a> Data<'a> {
    fn into_body(self, kind: &str) -> Body<'a> {
        match kind {
            "status" => Body::Status { greeting: self.sid != Text::Missing },
            "execution_start" => Body::ExecutionStart,
            "execution_cached" => match self.nodes {
                Nodes::List(nodes) => Body::ExecutionCached { nodes },
                _ => Body::ExecutionCached { nodes: Vec::new() },
            },
            "executing" => match self.node {
                Text::Is(node) => Body::ExecutingNode { node },
                Text::Null => Body::ExecutingNull,
                Text::Missing => Body::Other,
            },
            "progress" => Body::Progress {
                node: text_of(self.node),
                value: self.value.0.unwrap_or(0.0),
                max: self.max.0.unwrap_or(0.0),
            },
            "progress_state" => match self.nodes {
                Nodes::States(nodes) => Body::ProgressState { nodes },
                _ => Body::ProgressState { nodes: Vec::new() },
            },
            "executed" => match self.node {
                Text::Is(node) => {
                    Body::Executed { node, output: self.output.map(RawValue::get).filter(|json| *json != "null") }
                }
                Text::Null | Text::Missing => Body::Other,
            },
            "execution_success" => Body::ExecutionSuccess,
            "execution_error" => Body::ExecutionError(Failure {
                node_id: text_of(self.node_id),
                node_type: text_of(self.node_type),
                exception_type: text_of(self.exception_type),
                exception_message: text_of(self.exception_message),
            }),
            "execution_interrupted" => {
                Body::ExecutionInterrupted { node_id: text_of(self.node_id), node_type: text_of(self.node_type) }
            }
            _ => Body::Other,
        }
    }
}

/// `nodes` is a list of ids in `execution_cached` and an object of states in `progress_state`.
#[derive(Default)]
enum Nodes<'a> {
    #[default]
    Missing,
    List(Vec<Cow<'a, str>>),
    States(Vec<NodeState<'a>>),
}

lenient_object!(Wire, map, wire, {
    "type" => wire.kind = map.next_value()?,
    "data" => wire.data = map.next_value()?,
});

lenient_object!(Data, map, data, {
    "prompt_id" => data.prompt_id = map.next_value()?,
    "sid" => data.sid = map.next_value()?,
    "node" => data.node = map.next_value()?,
    "node_id" => data.node_id = map.next_value()?,
    "node_type" => data.node_type = map.next_value()?,
    "exception_type" => data.exception_type = map.next_value()?,
    "exception_message" => data.exception_message = map.next_value()?,
    "value" => data.value = map.next_value()?,
    "max" => data.max = map.next_value()?,
    "output" => data.output = map.next_value()?,
    "nodes" => data.nodes = map.next_value()?,
});

/// The fields of a node's state; the key of the map names the node.
#[derive(Default)]
struct State<'a> {
    value: Number,
    max: Number,
    state: Text<'a>,
}

lenient_object!(State, map, node, {
    "value" => node.value = map.next_value()?,
    "max" => node.max = map.next_value()?,
    "state" => node.state = map.next_value()?,
});

impl<'de> Deserialize<'de> for Nodes<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Nodes<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut ids = Vec::new();
                while let Some(id) = seq.next_element::<Text>()? {
                    ids.extend(text_of(id));
                }
                Ok(Nodes::List(ids))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut states = Vec::new();
                while let Some(Text::Is(node)) = map.next_key::<Text>()? {
                    let State { value, max, state } = map.next_value()?;
                    let phase = match state.as_str() {
                        Some("running") => NodePhase::Running,
                        Some("finished") => NodePhase::Finished,
                        _ => NodePhase::Other,
                    };
                    states.push(NodeState { node, value: value.0.unwrap_or(0.0), max: max.0.unwrap_or(0.0), phase });
                }
                Ok(Nodes::States(states))
            }

            ignore_scalars!(Nodes::Missing);
        }
        deserializer.deserialize_any(Either)
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
        assert!(body(text, |body| matches!(body, Body::ExecutingNode { node } if node == "3")));
    }

    #[test]
    fn a_null_node_and_a_missing_node_are_different_things() {
        assert!(body(r#"{"type":"executing","data":{"node":null}}"#, |body| *body == Body::ExecutingNull));
        assert!(body(r#"{"type":"executing","data":{}}"#, |body| *body == Body::Other));
    }

    #[test]
    fn numeric_ids_are_read_as_text() {
        let text = r#"{"type":"progress","data":{"node":12,"value":1,"max":4,"prompt_id":7}}"#;
        assert_eq!(read(text), [r#"progress Some("7") Progress { node: Some("12"), value: 1.0, max: 4.0 }"#]);
    }

    #[test]
    fn wrong_types_are_nothing_and_unknown_types_are_kept() {
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
        assert_eq!(read(text), [r#"executed Some("p") Executed { node: "1", output: Some("{\"a\":[null]}") }"#]);
    }

    #[test]
    fn two_objects_in_one_message_are_two_frames() {
        let text = r#"{"type":"execution_success","data":{}} {"type":"executing","data":{"node":null}}"#;
        assert_eq!(read(text), ["execution_success None ExecutionSuccess", "executing None ExecutingNull"]);
    }

    #[test]
    fn a_null_output_is_no_output() {
        let text = r#"{"type":"executed","data":{"node":"1","output":null}}"#;
        assert!(body(text, |body| matches!(body, Body::Executed { output: None, .. })));
    }

    #[test]
    fn escapes_in_ids_are_resolved() {
        let text = r#"{"type":"executing","data":{"node":"\u0031\u003a2","prompt_id":"p\\q"}}"#;
        assert_eq!(read(text), [r#"executing Some("p\\q") ExecutingNode { node: "1:2" }"#]);
    }

    #[test]
    fn only_the_exception_type_tells_a_blocker() {
        let text = r#"{"type":"execution_error","data":{"exception_type":"ExecutionBlocked","exception_message":"x"}}"#;
        assert!(body(text, |body| matches!(body, Body::ExecutionError(failure) if failure.is_blocker())));
    }
}
