//! Arrows between the rooms of `src/` go one way, and no two files need each other.
//!
//! Reads the paths that each file names and says which line breaks the order. Unit tests are left out: they may look
//! anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Which rooms a room may name, beside itself. A path that is longer is a room inside of a room.
const ORDER: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("protocol", &["text"]),
    ("session", &["protocol", "text"]),
    ("files", &["protocol", "text"]),
    ("print", &["protocol", "text"]),
    ("metadata", &["protocol", "text"]),
    ("workflow", &["protocol", "text"]),
    ("workflow/model", &[]),
    ("workflow/packs", &["workflow/model"]),
    ("workflow/load", &["workflow/model", "workflow/packs"]),
    ("workflow/export", &["workflow/model", "workflow/packs", "workflow/load"]),
    ("web", &["session", "files", "print", "metadata", "workflow", "protocol", "text"]),
    ("web/js", &[]),
    ("web/http", &["web/js"]),
    ("web/transport", &["web/js", "web/http"]),
    ("web/run", &["web/js", "web/http", "web/transport"]),
    ("web/api", &["web/js", "web/http", "web/transport", "web/run"]),
    ("web/node", &["web/js", "web/http", "web/transport", "web/run", "web/api"]),
];

/// A path that a file names.
#[derive(Debug)]
struct Mention {
    from: String,
    line: usize,
    path: String,
    to: String,
}

#[test]
fn arrows_between_rooms_go_one_way() {
    let wrong: Vec<String> = mentions(&sources())
        .iter()
        .filter_map(|mention| {
            let reason = against_the_order(&mention.from, &mention.to)?;
            Some(format!("src/{}:{}: `{}`: {reason}", mention.from, mention.line, mention.path))
        })
        .collect();
    assert!(wrong.is_empty(), "{} paths go against the order of the rooms:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_files_need_each_other() {
    let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for Mention { from, line, path, to } in mentions(&sources()) {
        let example = format!("src/{from}:{line}: `{path}`");
        arrows.entry(from).or_default().entry(to).or_insert(example);
    }
    let mut circles = Vec::new();
    let mut named = BTreeSet::new();
    for file in arrows.keys() {
        if named.contains(file) {
            continue;
        }
        if let Some(circle) = circle_through(file, &arrows) {
            let steps = circle.windows(2).map(|step| format!("  {}", arrows[&step[0]][&step[1]]));
            circles.push(steps.collect::<Vec<_>>().join("\n"));
            named.extend(circle);
        }
    }
    assert!(circles.is_empty(), "{} circles of files:\n{}", circles.len(), circles.join("\n\n"));
}

/// Every room of `src/` has its place in the order.
/// scripts/shrink-wasm.mjs cuts `Debug` out of the wasm: what is written with it outside of a panic would trap.
#[test]
fn nothing_is_written_with_debug() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (line, code) in text.lines().enumerate() {
            let code = code.split("//").next().unwrap_or_default();
            let is_panic = ["assert", "panic!"].iter().any(|word| code.trim_start().starts_with(word));
            if !is_panic && [":?}", ":#?}", "dbg!("].iter().any(|part| code.contains(part)) {
                wrong.push(format!("src/{file}:{}: {}", line + 1, code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_listed() {
    let unlisted: BTreeSet<String> = sources()
        .keys()
        .filter(|file| file.contains('/'))
        .map(|file| file.split('/').next().unwrap().to_owned())
        .filter(|room| ORDER.iter().all(|(name, _)| name != room))
        .collect();
    assert!(unlisted.is_empty(), "rooms without a place in the order: {unlisted:?}");
}

/// Why a file must not name another one.
fn against_the_order(from: &str, to: &str) -> Option<String> {
    for depth in [1, 2] {
        let (Some(here), Some(there)) = (room(from, depth), room(to, depth)) else { return None };
        if here == there {
            continue;
        }
        let allowed = ORDER.iter().find(|(name, _)| *name == here)?.1;
        return (!allowed.contains(&there.as_str())).then(|| {
            format!("{here} may name {}", if allowed.is_empty() { "no other room".into() } else { allowed.join(", ") })
        });
    }
    None
}

/// The first `depth` folders of a file's path, where that is a room of the order.
fn room(file: &str, depth: usize) -> Option<String> {
    let folders: Vec<&str> = file.split('/').collect();
    let name = folders.get(..depth).filter(|_| folders.len() > depth)?.join("/");
    ORDER.iter().any(|(room, _)| *room == name).then_some(name)
}

/// The shortest way from a file back to itself.
fn circle_through(file: &str, arrows: &BTreeMap<String, BTreeMap<String, String>>) -> Option<Vec<String>> {
    let mut from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = vec![file];
    let mut next = 0;
    while let Some(&at) = queue.get(next) {
        next += 1;
        for to in arrows.get(at).into_iter().flat_map(BTreeMap::keys) {
            if to == file {
                let mut way = vec![file.to_owned(), at.to_owned()];
                let mut at = at;
                while at != file {
                    at = from[at];
                    way.push(at.to_owned());
                }
                if way.last() != Some(&way[0]) {
                    way.push(file.to_owned());
                }
                way.reverse();
                way.dedup();
                return Some(way);
            }
            if !from.contains_key(to.as_str()) && to != file {
                from.insert(to, at);
                queue.push(to);
            }
        }
    }
    None
}

/// The text of every source file, by its path under `src/`. Unit tests are blanked out.
fn sources() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name != "tests" {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let file = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
                found.insert(file, code.to_owned());
            }
        }
    }
    found
}

/// Every path to another file that the files name, in `use` lines and in between.
fn mentions(sources: &BTreeMap<String, String>) -> Vec<Mention> {
    let mut found = Vec::new();
    for (file, text) in sources {
        for (line, path) in paths(file, text) {
            if let Some(to) = file_of(&path, sources).filter(|to| to != file) {
                found.push(Mention { from: file.clone(), line, path: path.clone(), to });
            }
        }
    }
    found
}

/// Paths from the crate's root: `crate::…`, `super::…`, and each name in the braces behind them.
fn paths(file: &str, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in statements(text) {
        // `use child::Name` of a module inside of this one.
        if let Some((_, path)) =
            line.split_once("use ").filter(|(before, _)| ["", "pub ", "pub(crate) "].contains(before))
            && !["crate::", "super::", "self::", "std::"].iter().any(|start| path.starts_with(start))
        {
            found.extend(expand(path).0.into_iter().filter_map(|path| Some((number, absolute(file, &path)?))));
        }
        let mut rest = line.as_str();
        while let Some(at) = ["crate::", "super::"].iter().filter_map(|start| rest.find(start)).min() {
            let before = rest[..at].chars().next_back();
            let path = &rest[at..];
            let (paths, length) = expand(path);
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                found.extend(paths.into_iter().filter_map(|path| Some((number, absolute(file, &path)?))));
            }
            rest = &path[length.max(7)..];
        }
    }
    found
}

/// Lines of code without comments; a `use` that goes over several lines is one.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap().trim();
        if open {
            found.last_mut().unwrap().1.push_str(code);
        } else {
            found.push((index + 1, code.to_owned()));
            open = ["use ", "pub use ", "pub(crate) use "].iter().any(|start| code.starts_with(start));
        }
        open = open && !code.ends_with(';');
    }
    found
}

/// A path with its braces multiplied out, and how long its text is.
fn expand(text: &str) -> (Vec<String>, usize) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let head = &text[..end];
    if !(head.ends_with("::") && text[end..].starts_with('{')) {
        return (vec![head.trim_end_matches(':').to_owned()], end);
    }
    let (mut paths, mut at) = (Vec::new(), end + 1);
    while at < text.len() && !text[at..].starts_with('}') {
        let (inner, length) = expand(&text[at..]);
        paths.extend(inner.into_iter().filter(|path| !path.is_empty()).map(|path| format!("{head}{path}")));
        at += length.max(1);
    }
    (paths, at + 1)
}

/// A path with `crate` and `super` resolved: names from the root, joined by `/`.
fn absolute(file: &str, path: &str) -> Option<String> {
    let mut here: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if here.last() == Some(&"mod") || here == ["lib"] {
        here.pop();
    }
    let mut names = path.split("::").peekable();
    if names.peek() == Some(&"crate") {
        here.clear();
        names.next();
    }
    while names.peek() == Some(&"super") {
        here.pop()?;
        names.next();
    }
    here.extend(names.filter(|name| *name != "self"));
    Some(here.join("/"))
}

/// The file that a path leads to: the longest beginning of it that is a file.
fn file_of(path: &str, sources: &BTreeMap<String, String>) -> Option<String> {
    let names: Vec<&str> = path.split('/').collect();
    (1..=names.len()).rev().find_map(|length| {
        let start = names[..length].join("/");
        [format!("{start}.rs"), format!("{start}/mod.rs")].into_iter().find(|file| sources.contains_key(file))
    })
}
