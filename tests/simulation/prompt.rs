//! Prompts, and what a server does and sends while it runs one.

use serde_json::{Map, Value, json};

use super::random::Random;
use super::scenario::Dialect;

/// A prompt, with what its nodes will do.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub value: Value,
    /// The steps of running it, each after a delay in milliseconds.
    pub script: Vec<(f64, Step)>,
    /// Outputs that the history will hold, as JSON text.
    pub outputs: Vec<(String, String)>,
    pub cached: Vec<String>,
}

/// A step of a server that runs a prompt.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Start,
    Cached,
    Begin(String),
    Progress {
        node: String,
        value: u32,
        max: u32,
        preview: bool,
    },
    Text {
        node: String,
    },
    Executed {
        node: String,
        output: Option<String>,
    },
    Finished(String),
    /// An ExecutionBlocker: reported as an error, but not the end.
    Blocked(String),
    Custom,
    Failed(String),
    Interrupted,
    Success,
    /// History written, queue left, `status` sent.
    Done,
    Null,
}

impl Prompt {
    pub fn draw(random: &mut Random, dialect: &Dialect) -> Prompt {
        let count = if random.chance(0.02) { 40 } else { 1 + random.below(7) };
        let ids: Vec<String> = (0..count).map(|at| id(random, at)).collect();
        let all_cached = random.chance(0.08);
        let mut value = Map::new();
        let (mut cached, mut is_cached) = (Vec::new(), vec![false; count]);
        for at in 0..count {
            let mut inputs = Map::new();
            let mut parents_cached = true;
            for slot in 0..random.below(3).min(at) {
                let parent = random.below(at);
                parents_cached &= is_cached[parent];
                inputs.insert(format!("in{slot}"), json!([ids[parent], slot]));
            }
            inputs.insert("seed".into(), json!(random.below(1000)));
            value.insert(ids[at].clone(), json!({"class_type": "Node", "inputs": inputs}));
            if all_cached || (parents_cached && random.chance(0.2)) {
                is_cached[at] = true;
                cached.push(ids[at].clone());
            }
        }
        let mut prompt =
            Prompt { value: Value::Object(value), script: Vec::new(), outputs: Vec::new(), cached: cached.clone() };
        prompt.write_script(random, dialect, &ids, &is_cached);
        prompt
    }

    fn write_script(&mut self, random: &mut Random, dialect: &Dialect, ids: &[String], is_cached: &[bool]) {
        let fails_at = random.chance(0.15).then(|| random.below(ids.len()));
        let slow = random.chance(0.3);
        let very_slow = slow && random.chance(0.15);
        let pause = |random: &mut Random| match random.below(60) {
            0 if very_slow => random.spread(60_000.0, 600_000.0),
            0 if slow => random.spread(5_000.0, 120_000.0),
            1..4 if slow => random.spread(500.0, 8_000.0),
            _ => random.spread(0.1, 60.0),
        };
        let mut script = vec![(random.spread(0.1, 30.0), Step::Start), (0.1, Step::Cached)];
        let mut failed = false;
        for (at, id) in ids.iter().enumerate() {
            let output = random.chance(0.4).then(|| {
                let text =
                    json!({"images": [{"filename": format!("{id}_{at}.png"), "subfolder": "", "type": "output"}]});
                random.chance(0.95).then(|| text.to_string())
            });
            if is_cached[at] {
                if let Some(output) = output {
                    script.push((0.1, Step::Executed { node: id.clone(), output: output.clone() }));
                    script.push((0.1, Step::Finished(id.clone())));
                    self.outputs.extend(output.map(|output| (id.clone(), output)));
                }
                continue;
            }
            script.push((pause(random), Step::Begin(id.clone())));
            if fails_at == Some(at) {
                script.push((pause(random), Step::Failed(id.clone())));
                failed = true;
                break;
            }
            if random.chance(0.05) {
                script.push((pause(random), Step::Blocked(id.clone())));
                continue;
            }
            let steps = if random.chance(0.5) { random.below(8) as u32 } else { 0 };
            for value in 1..=steps {
                let pause = pause(random);
                let preview = random.chance(0.5) && dialect.previews;
                script.push((pause, Step::Progress { node: id.clone(), value, max: steps, preview }));
            }
            if random.chance(0.1) {
                script.push((0.1, Step::Text { node: id.clone() }));
            }
            if random.chance(0.1) {
                script.push((0.1, Step::Custom));
            }
            if random.chance(0.1) {
                // Nodes that a node creates while it runs are not in the prompt.
                for inner in 0..1 + random.below(3) {
                    let inner = format!("{id}.0.0.{inner}");
                    script.push((pause(random), Step::Begin(inner.clone())));
                    script.push((
                        pause(random),
                        Step::Progress { node: inner.clone(), value: 1, max: 2, preview: false },
                    ));
                    script.push((pause(random), Step::Finished(inner)));
                }
            }
            if let Some(output) = output {
                script.push((0.1, Step::Executed { node: id.clone(), output: output.clone() }));
                self.outputs.extend(output.map(|output| (id.clone(), output)));
            }
            script.push((0.1, Step::Finished(id.clone())));
        }
        if !failed {
            script.push((0.1, Step::Success));
        }
        let until_done = if random.chance(0.1) { random.spread(100.0, 8_000.0) } else { random.spread(0.1, 20.0) };
        script.push((until_done, Step::Done));
        script.push((random.spread(0.1, 20.0), Step::Null));
        self.script = script;
    }
}

/// Ids as editors write them: numbers, and those of nodes inside subgraphs.
fn id(random: &mut Random, at: usize) -> String {
    if random.chance(0.15) { format!("{}:{at}", 100 + random.below(9)) } else { (at + 1).to_string() }
}
