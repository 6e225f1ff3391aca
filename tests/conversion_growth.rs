//! No workflow and no object info costs more than linear time: each hostile input in sizes n, 2n and 4n.
//!
//! What is measured is the processor time of the thread, which other load on the machine does not change.
//! `cargo test --test conversion_growth -- --nocapture` prints the figures; `GROWTH=6` before it makes the sizes six times as
//! large.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use comfyui_autoflow::workflow::{ConvertOptions, LocalTime, ObjectInfo, convert};
use serde_json::{Value, json};

/// Processor time of this thread since it began; the clock's time where the system does not tell.
fn now() -> Duration {
    thread_local!(static START: Instant = Instant::now());
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    match told.and_then(|text| text.split(' ').next()?.parse().ok()) {
        Some(nanoseconds) => Duration::from_nanos(nanoseconds),
        None => START.with(Instant::elapsed),
    }
}

fn time(run: &dyn Fn()) -> f64 {
    let runs = (0..2).map(|_| {
        let before = now();
        run();
        (now() - before).as_secs_f64() * 1e3
    });
    runs.fold(f64::INFINITY, f64::min)
}

/// Fails where four times the size take more than nine times as long, which is far from the sixteen of quadratic work.
fn grows(name: &str, size: usize, input: &dyn Fn(usize) -> (String, Value)) {
    let size = size * std::env::var("GROWTH").map_or(1, |factor| factor.parse().unwrap());
    let measured = || {
        [1, 2, 4].map(|factor| {
            let (workflow, object_info) = input(size * factor);
            let object_info = object_info.to_string();
            let now = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
            let options = ConvertOptions { allow_unknown: true, now: Some(now), ..ConvertOptions::default() };
            time(&|| {
                let object_info = ObjectInfo::parse(&object_info).unwrap();
                let _ = convert(&workflow, &object_info, &options);
            })
        })
    };
    // Caches that other work on the machine empties cost processor time too: what is quadratic fails each time.
    let is_linear = |times: &[f64; 3]| times[2] < times[0] * 9.0 + 40.0;
    let mut times = measured();
    for _ in 0..3 {
        if is_linear(&times) {
            break;
        }
        times = measured();
    }
    println!("growth {name:50} {:>9.1} {:>9.1} {:>9.1} ms", times[0], times[1], times[2]);
    assert!(is_linear(&times), "{name}: {times:?} ms");
}

/// Classes that the workflows here use.
fn classes() -> Value {
    json!({
        "Word": {"input": {"required": {"text": ["STRING", {}]}}, "output": ["STRING"]},
        "Prompt": {"input": {"required": {"text": ["STRING", {"multiline": true, "dynamicPrompts": true}]}}, "output": []},
        "SaveImage": {"input": {"required": {"filename_prefix": ["STRING", {}]}}, "output": []},
        "Number": {"input": {"required": {"value": ["INT", {"min": 0, "max": 100}]}}, "output": ["INT"]},
        "Source": {"input": {}, "output": ["IMAGE"]},
        "Show": {"input": {"required": {"image": ["IMAGE"]}}, "output": ["IMAGE"]},
        "CustomCombo": {"input": {"required": {"choice": ["COMBO", {"options": []}]}}, "output": []},
        "Grow": {"input": {"required": {"images": ["COMFY_AUTOGROW_V3", {"template":
            {"input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image", "min": 1, "max": 10_000_000}}]}}, "output": []},
        "Rows": {"input": {"required": {"rows": ["COMFY_DYNAMICGROUP_V3", {"template":
            {"required": {"k": ["INT", {}]}}, "min": 1, "max": 20}]}}, "output": []},
        "Match": {"input": {"required": {"a": ["COMFY_MATCHTYPE_V3", {"template":
            {"template_id": "T", "allowed_types": "*"}}]}}, "output": ["COMFY_MATCHTYPE_V3"], "output_matchtypes": ["T"]},
    })
}

fn with_classes(workflow: Value) -> (String, Value) {
    (workflow.to_string(), classes())
}

fn text_of(class: &'static str, text: impl Fn(usize) -> String + 'static) -> impl Fn(usize) -> (String, Value) {
    move |n| with_classes(json!({"nodes": [{"id": 1, "type": class, "widgets_values": [text(n)]}]}))
}

#[test]
fn of_dynamic_prompts() {
    for pattern in
        ["/* ", "/*", "{/* ", "{", "{a|", "|", "\\", "\\{", "//\n", "{}", "{a|b}", "/*/", "*/", "{/*", "// {"]
    {
        let name = format!("dynamic prompt of {pattern:?}");
        grows(&name, 20_000, &text_of("Prompt", move |n| pattern.repeat(n)));
        grows(&format!("{name}, closed"), 20_000, &text_of("Prompt", move |n| pattern.repeat(n) + &"}*/".repeat(n)));
    }
}

#[test]
fn of_file_names() {
    for pattern in
        ["%", "%%", "%a", "%a.b%", "%date:y%", "%date:yyyy-MM-dd%", "%Word.text%", "%SaveImage.filename_prefix%"]
    {
        let name = format!("file name of {pattern:?}");
        grows(&name, 10000, &text_of("SaveImage", move |n| pattern.repeat(n)));
    }
    grows("file name with one long date", 40000, &text_of("SaveImage", |n| format!("%date:{}%", "yMdhms".repeat(n))));
    grows("many file names", 4000, &|n| {
        let node = |id| json!({"id": id, "type": "SaveImage", "widgets_values": ["%Word.text%"]});
        with_classes(json!({"nodes": (0..n).map(node).collect::<Vec<_>>()}))
    });
}

/// Nodes 1 to n, and links by id, origin, slot, target, slot.
fn graph(nodes: impl Iterator<Item = Value>, links: impl Iterator<Item = [usize; 5]>) -> (String, Value) {
    let links: Vec<Value> = links.map(|[id, from, slot, to, at]| json!([id, from, slot, to, at, "*"])).collect();
    with_classes(json!({"nodes": nodes.collect::<Vec<_>>(), "links": links}))
}

fn inputs(names: impl Iterator<Item = (String, usize)>) -> Value {
    names.map(|(name, link)| json!({"name": name, "type": "IMAGE", "link": link})).collect()
}

fn outputs(count: usize) -> Value {
    (0..count).map(|_| json!({"name": "x", "type": "IMAGE", "links": []})).collect()
}

#[test]
fn of_nodes_and_links() {
    for class in ["Source", "Word", "Unknown", "Note", "Reroute", "PrimitiveNode", "SetNode", "GetNode", "CustomCombo"]
    {
        grows(&format!("nodes of {class}"), 4000, &|n| {
            graph((0..n).map(|id| json!({"id": id, "type": class, "widgets_values": ["a"]})), std::iter::empty())
        });
    }
    grows("nodes of one id", 10000, &|n| graph((0..n).map(|_| json!({"id": 1, "type": "Source"})), std::iter::empty()));
    grows("nodes of unknown types", 4000, &|n| {
        graph((0..n).map(|id| json!({"id": id, "type": format!("Unknown{id}")})), std::iter::empty())
    });
    grows("inputs of one node", 4000, &|n| {
        let show = json!({"id": 1, "type": "Show", "inputs": inputs((0..n).map(|at| (format!("i{at}"), at)))});
        let source = json!({"id": 2, "type": "Source", "outputs": outputs(1)});
        graph([show, source].into_iter(), (0..n).map(|at| [at, 2, 0, 1, at]))
    });
    grows("inputs of one name", 4000, &|n| {
        let show = json!({"id": 1, "type": "Show", "inputs": inputs((0..n).map(|at| ("image".to_owned(), at)))});
        let source = json!({"id": 2, "type": "Source", "outputs": outputs(1)});
        graph([show, source].into_iter(), (0..n).map(|at| [at, 2, 0, 1, at]))
    });
    grows("inputs turned around", 4000, &|n| {
        let show = json!({"id": 1, "type": "Show", "inputs": inputs((0..n).map(|at| (format!("i{at}"), n - at - 1)))});
        let source = json!({"id": 2, "type": "Source", "outputs": outputs(1)});
        graph([show, source].into_iter(), (0..n).map(|at| [at, 2, 0, 1, at]))
    });
    grows("outputs of one node", 4000, &|n| {
        let source = json!({"id": 0, "type": "Source", "outputs": outputs(n)});
        let show = |id| json!({"id": id, "type": "Show", "inputs": inputs([("image".to_owned(), id)].into_iter())});
        graph(std::iter::once(source).chain((1..=n).map(show)), (1..=n).map(|at| [at, 0, at - 1, at, 0]))
    });
    grows("rows of one link id", 10000, &|n| {
        graph([json!({"id": 1, "type": "Source"})].into_iter(), (0..n).map(|_| [7, 1, 0, 1, 0]))
    });
    for (what, kind) in
        [("Reroute", json!({"type": "Reroute"})), ("bypassed nodes", json!({"type": "Show", "mode": 4}))]
    {
        let chain = |n: usize, consumers: usize, ty: &dyn Fn(usize) -> String| {
            let mut nodes = vec![json!({"id": 0, "type": "Source", "outputs": outputs(1)})];
            let mut links = Vec::new();
            for at in 1..=n {
                let mut node = kind.clone();
                node["id"] = json!(at);
                node["inputs"] = inputs([("image".to_owned(), at)].into_iter());
                node["outputs"] = outputs(1);
                nodes.push(node);
                links.push([at, at - 1, 0, at, 0]);
            }
            let input = |at| json!({"name": format!("i{at}"), "type": ty(at), "link": n + 1 + at});
            let all: Vec<Value> = (0..consumers).map(input).collect();
            nodes.push(json!({"id": n + 1, "type": "Show", "inputs": all}));
            links.extend((0..consumers).map(|at| [n + 1 + at, n, 0, n + 1, at + 1]));
            graph(nodes.into_iter(), links.into_iter())
        };
        grows(&format!("chain of {what}"), 4000, &|n| chain(n, 1, &|_| "IMAGE".to_owned()));
        grows(&format!("consumers of a chain of {what}"), 4000, &|n| chain(n, n, &|_| "IMAGE".to_owned()));
        grows(&format!("consumers of each a type of {what}"), 2000, &|n| chain(n, n, &|at| format!("T{at}")));
    }
    grows("a bypassed node linked to itself", 2000, &|n| {
        let own = json!({"id": 1, "type": "Show", "mode": 4, "outputs": outputs(n + 1),
            "inputs": inputs((0..n).map(|at| (if at == 0 { "image".to_owned() } else { format!("i{at}") }, at)))});
        let source = json!({"id": 2, "type": "Source", "outputs": outputs(1)});
        let show = json!({"id": 3, "type": "Show", "inputs": inputs([("image".to_owned(), n)].into_iter())});
        let links = (0..n).map(|at| if at == 0 { [0, 2, 0, 1, 0] } else { [at, 1, at - 1, 1, at] });
        graph([own, source, show].into_iter(), links.chain([[n, 1, n - 1, 3, 0]]))
    });
}

#[test]
fn of_primitives_and_values() {
    grows("ends of one primitive", 4000, &|n| {
        let number = |id| json!({"id": id, "type": "Number", "inputs": [{"name": "value", "type": "INT", "link": id, "widget": {"name": "value"}}]});
        let primitive =
            json!({"id": 0, "type": "PrimitiveNode", "outputs": [{"type": "INT", "links": []}], "widgets_values": [7]});
        graph(std::iter::once(primitive).chain((1..=n).map(number)), (1..=n).map(|at| [at, 0, 0, at, 0]))
    });
    grows("primitives with patterns", 2000, &|n| {
        let nodes = (0..n).flat_map(|at| {
            let (word, primitive) = (2 * at + 1, 2 * at + 2);
            [
                json!({"id": word, "type": "Word", "inputs": [{"name": "text", "type": "STRING", "link": at, "widget": {"name": "text"}}]}),
                json!({"id": primitive, "type": "PrimitiveNode", "outputs": [{"type": "STRING", "links": []}],
                    "widgets_values": ["%Number.value%"], "properties": {"Run widget replace on values": true}}),
            ]
        });
        graph(nodes, (0..n).map(|at| [at, 2 * at + 2, 0, 2 * at + 1, 0]))
    });
    let values = |class: &'static str, value: Value| {
        move |n: usize| {
            graph(
                [json!({"id": 1, "type": class, "widgets_values": vec![value.clone(); n]})].into_iter(),
                std::iter::empty(),
            )
        }
    };
    grows("values of CustomCombo", 2000, &values("CustomCombo", json!("a")));
    grows("values of Word", 20000, &values("Word", json!("a")));
    grows("values of Rows", 20000, &values("Rows", json!(20)));
    grows("values by name", 20000, &|n| {
        let mut text = String::from("{");
        (0..n).for_each(|at| write!(text, "\"v{at}\":1,").unwrap());
        let node = format!("{{\"nodes\":[{{\"id\":1,\"type\":\"Word\",\"widgets_values\":{text}\"text\":\"a\"}}}}]}}");
        (node, classes())
    });
    grows("members of a group that grows", 1000, &|n| {
        let grow =
            json!({"id": 1, "type": "Grow", "inputs": inputs((0..n).map(|at| (format!("images.image{at}"), at)))});
        let source = json!({"id": 2, "type": "Source", "outputs": outputs(1)});
        graph([grow, source].into_iter(), (0..n).map(|at| [at, 2, 0, 1, at]))
    });
    grows("nodes that share a type, in a row", 2000, &|n| {
        let node = |id: usize| json!({"id": id, "type": "Match", "inputs": inputs([("a".to_owned(), id)].into_iter()), "outputs": outputs(1)});
        let source = json!({"id": 0, "type": "Source", "outputs": outputs(1)});
        graph(std::iter::once(source).chain((1..=n).map(node)), (1..=n).map(|at| [at, at - 1, 0, at, 0]))
    });
}

fn definition(id: &str, nodes: Value, inputs: Value, links: Value) -> Value {
    json!({"id": id, "name": id, "nodes": nodes, "inputs": inputs, "outputs": [], "links": links})
}

#[test]
fn of_subgraphs() {
    let instances = |n: usize, inside: Value| {
        let nodes: Vec<Value> = (1..=n).map(|id| json!({"id": id, "type": "d"})).collect();
        with_classes(
            json!({"nodes": nodes, "definitions": {"subgraphs": [definition("d", inside, json!([]), json!([]))]}}),
        )
    };
    grows("instances of one definition", 4000, &|n| {
        instances(n, json!([{"id": 1, "type": "Word"}, {"id": 2, "type": "Note"}]))
    });
    grows("definitions", 4000, &|n| {
        let nodes: Vec<Value> = (1..=n).map(|id| json!({"id": id, "type": format!("d{id}")})).collect();
        let inside = json!([{"id": 1, "type": "Word"}]);
        let all: Vec<Value> =
            (1..=n).map(|id| definition(&format!("d{id}"), inside.clone(), json!([]), json!([]))).collect();
        with_classes(json!({"nodes": nodes, "definitions": {"subgraphs": all}}))
    });
    grows("instances with a chain inside", 400, &|n| {
        let mut nodes = vec![json!({"id": 1, "type": "Source", "outputs": outputs(1)})];
        let mut links = Vec::new();
        for at in 2..22 {
            nodes.push(json!({"id": at, "type": "Reroute", "inputs": inputs([("".to_owned(), at)].into_iter()), "outputs": outputs(1)}));
            links.push(json!({"id": at, "origin_id": at - 1, "origin_slot": 0, "target_id": at, "target_slot": 0}));
        }
        nodes.push(json!({"id": 22, "type": "Show", "inputs": inputs([("image".to_owned(), 22)].into_iter())}));
        links.push(json!({"id": 22, "origin_id": 21, "origin_slot": 0, "target_id": 22, "target_slot": 0}));
        let inside = definition("d", json!(nodes), json!([]), json!(links));
        let all: Vec<Value> = (1..=n).map(|id| json!({"id": 100 + id, "type": "d"})).collect();
        with_classes(json!({"nodes": all, "definitions": {"subgraphs": [inside]}}))
    });
    let promoted = |n: usize, properties: Value, quarantine: bool| {
        let words: Vec<Value> = (0..n)
            .map(|at| json!({"id": at + 10, "type": "Word", "inputs": [{"name": "text", "type": "STRING", "link": if quarantine { json!(at) } else { json!(null) }, "widget": {"name": "text"}}]}))
            .collect();
        let ins: Vec<Value> =
            (0..n).map(|at| json!({"name": format!("t{at}"), "type": "STRING", "linkIds": [at]})).collect();
        let links: Vec<Value> = (0..n)
            .map(|at| json!({"id": at, "origin_id": -10, "origin_slot": at, "target_id": at + 10, "target_slot": 0}))
            .collect();
        let (ins, links) = if quarantine { (json!(ins), json!(links)) } else { (json!([]), json!([])) };
        let node = json!({"id": 1, "type": "d", "properties": properties, "widgets_values": vec![json!("x"); n]});
        with_classes(
            json!({"nodes": [node], "definitions": {"subgraphs": [definition("d", json!(words), ins, links)]}}),
        )
    };
    grows("promoted inputs", 1000, &|n| promoted(n, json!({}), true));
    grows("promoted inputs listed", 1000, &|n| {
        let list: Vec<Value> = (0..n).map(|at| json!([(at + 10).to_string(), "text"])).collect();
        promoted(n, json!({"proxyWidgets": list}), false)
    });
    grows("promoted inputs listed that are there", 1000, &|n| {
        let list: Vec<Value> = (0..n).map(|at| json!([(at + 10).to_string(), "text"])).collect();
        promoted(n, json!({"proxyWidgets": list}), true)
    });
    grows("values in quarantine", 1000, &|n| {
        let list: Vec<Value> =
            (0..n).map(|at| json!({"originalEntry": ["-1", format!("t{at}")], "hostValue": "v"})).collect();
        promoted(n, json!({"proxyWidgetErrorQuarantine": list}), true)
    });
    grows("instances with promoted inputs listed", 600, &|n| {
        let nodes: Vec<Value> = (1..=n)
            .map(|id| json!({"id": id, "type": "d", "properties": {"proxyWidgets": [["100000", "text"]]}, "widgets_values": ["x"]}))
            .collect();
        let inside = json!([{"id": 100_000, "type": "Word"}]);
        with_classes(
            json!({"nodes": nodes, "definitions": {"subgraphs": [definition("d", inside, json!([]), json!([]))]}}),
        )
    });
}

#[test]
fn of_group_nodes() {
    let group = |n: usize, instances: usize, class: &str, links: bool| {
        let inner: Vec<Value> = (0..n).map(|at| json!({"type": class, "index": at, "widgets_values": ["a"]})).collect();
        let links: Vec<Value> = (1..n).filter(|_| links).map(|at| json!([at - 1, 0, at, 0, 1, "IMAGE"])).collect();
        let nodes: Vec<Value> = (1..=instances).map(|id| json!({"id": id, "type": "workflow>G"})).collect();
        with_classes(json!({"nodes": nodes, "links": [],
            "extra": {"groupNodes": {"G": {"nodes": inner, "links": links, "external": []}}}}))
    };
    grows("instances of a group node", 1000, &|n| group(1, n, "Word", false));
    grows("widgets of a group node", 600, &|n| group(n, 1, "Word", false));
    grows("links of a group node", 600, &|n| group(n, 1, "Show", true));
    grows("primitives of a group node", 600, &|n| group(n, 1, "PrimitiveNode", true));
    grows("unknown types of a group node", 1000, &|n| group(n, n, "Unknown", false));
}

#[test]
fn of_object_infos() {
    let one = |class: Value| {
        let workflow = json!({"nodes": [{"id": 1, "type": "A", "widgets_values": [1, 2, 3]}]}).to_string();
        (workflow, json!({"A": class}))
    };
    let named =
        |n: usize, ty: Value| -> Value { Value::Object((0..n).map(|at| (format!("i{at}"), ty.clone())).collect()) };
    grows("classes", 4000, &|n| {
        let workflow =
            json!({"nodes": (0..n).map(|at| json!({"id": at, "type": format!("C{at}")})).collect::<Vec<_>>()});
        let class = json!({"input": {"required": {"a": ["INT", {}]}}, "output": []});
        (workflow.to_string(), Value::Object((0..n).map(|at| (format!("C{at}"), class.clone())).collect()))
    });
    for ty in [
        json!(["INT", {}]),
        json!(["IMAGE"]),
        json!(["PREVIEW_3D", {}]),
        json!(["STRING", {"forceInput": true}]),
        json!(["COMFY_MATCHTYPE_V3", {"template": {"template_id": "T", "allowed_types": "A,B,C,D"}}]),
    ] {
        grows(&format!("inputs of a class, {}", ty[0].as_str().unwrap()), 300, &|n| {
            one(json!({"input": {"required": named(n, ty.clone())}, "output": []}))
        });
    }
    grows("input_order", 1000, &|n| {
        let order: Vec<String> = (0..n).rev().map(|at| format!("i{at}")).collect();
        one(
            json!({"input": {"required": named(n, json!(["INT", {}]))}, "input_order": {"required": order}, "output": []}),
        )
    });
    grows("options of a dynamic combo", 1000, &|n| {
        let options: Vec<Value> =
            (0..n).map(|at| json!({"key": format!("k{at}"), "inputs": {"required": {"a": ["INT", {}]}}})).collect();
        one(json!({"input": {"required": {"mode": ["COMFY_DYNAMICCOMBO_V3", {"options": options}]}}, "output": []}))
    });
    grows("inputs of an option", 600, &|n| {
        let options = json!([{"key": "k", "inputs": {"required": named(n, json!(["INT", {}]))}}]);
        one(json!({"input": {"required": {"mode": ["COMFY_DYNAMICCOMBO_V3", {"options": options}]}}, "output": []}))
    });
    grows("names of a group that grows", 600, &|n| {
        let names: Vec<String> = (0..n).map(|at| format!("n{at}")).collect();
        let template = json!({"input": {"required": {"image": ["IMAGE", {}]}}, "names": names, "min": 1000});
        one(json!({"input": {"required": {"images": ["COMFY_AUTOGROW_V3", {"template": template}]}}, "output": []}))
    });
    grows("choices of a combo", 20000, &|n| {
        one(json!({"input": {"required": {"c": [vec!["x"; n], {}]}}, "output": []}))
    });
    grows("types that are allowed", 2000, &|n| {
        let types = vec!["A"; n].join(",");
        let spec = json!(["COMFY_MATCHTYPE_V3", {"template": {"template_id": "T", "allowed_types": types}}]);
        one(json!({"input": {"required": {"a": spec.clone(), "b": spec.clone(), "c": spec}}, "output": []}))
    });
}
