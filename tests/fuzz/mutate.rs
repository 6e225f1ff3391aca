//! Random changes to inputs: of bytes, and of JSON values.

use serde_json::Value;

use super::LONGEST;

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit, 0 where that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }

    /// A power of two: small numbers are more likely than large ones.
    fn power(&mut self, limit: usize) -> usize {
        1 << self.below(limit)
    }

    fn length(&mut self, limit: usize) -> usize {
        let most = self.power(limit);
        self.below(most)
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Changes one of several inputs.
pub fn mutate(corpus: &[Vec<u8>], is_text: bool, random: &mut Random) -> Vec<u8> {
    let input = random.one(corpus);
    if is_text
        && random.below(2) == 0
        && let Ok(mut value) = serde_json::from_slice::<Value>(input)
    {
        for _ in 0..=random.below(4) {
            mutate_value(&mut value, random);
        }
        return value.to_string().into_bytes();
    }
    let mut bytes = input.clone();
    for _ in 0..=random.below(6) {
        mutate_bytes(&mut bytes, corpus, random);
    }
    bytes
}

/// Words of the formats and of JSON, so that changes get past the first checks.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "NaN",
    "-Infinity",
    "1e999",
    "\\ud800",
    "\\u0000",
    "\u{feff}",
    "%x.y%",
    "{a|{b|c}}",
    "/*",
    "*/",
    "//",
    "workflow",
    "prompt",
    "nodes",
    "class_type",
    "inputs",
    "links",
    "data",
    "type",
    "outputs",
    "prompt_id",
    "node_id",
    "\n\n",
    "data: ",
    "event: output\n",
    "moov",
    "udta",
    "meta",
    "ilst",
    "Exif\0\0",
    "UNICODE\0",
    "tEXt",
    "zTXt",
    "<metadata>",
    "<![CDATA[",
    "]]>",
    "OggS",
    "TXXX",
    "\u{202e}",
    "../",
    "/dev/null",
];

const NUMBERS: &[u64] =
    &[0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 63, 9, 64];

fn mutate_bytes(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.length(12)).min(bytes.len());
    match random.below(11) {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= random.power(8) as u8),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.below(256) as u8),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => drop(bytes.splice(at..at, random.one(WORDS).bytes())),
        5 => {
            let part = bytes[at..end].to_vec();
            drop(bytes.splice(end..end, part));
        }
        // Many times the same: what grows with the square shows here.
        6 => {
            let part = bytes[at..end].to_vec();
            let times = (LONGEST / 4 / part.len().max(1)).min(random.power(14));
            drop(bytes.splice(at..at, part.repeat(times)));
        }
        7 => {
            let number = *random.one(NUMBERS);
            let size = random.power(4);
            let digits = if random.below(2) == 0 {
                number.to_le_bytes()[..size].to_vec()
            } else {
                number.to_be_bytes()[8 - size..].to_vec()
            };
            let end = (at + size).min(bytes.len());
            drop(bytes.splice(at..end, digits));
        }
        8 => {
            let other = random.one(corpus);
            let from = random.below(other.len() + 1);
            let to = (from + random.length(12)).min(other.len());
            drop(bytes.splice(at..end, other[from..to].iter().copied()));
        }
        9 => drop(bytes.splice(at..end, random.one(NUMBERS).to_string().into_bytes())),
        _ => {
            let opening = *random.one(&[&b"["[..], b"{\"a\":", b"\xff", b"\0", b"(", b"{", b"/*"]);
            drop(bytes.splice(at..at, opening.repeat(random.power(13))));
        }
    }
}

/// Changes one value, found by going down at random.
fn mutate_value(value: &mut Value, random: &mut Random) {
    let stop = random.below(6) == 0;
    match value {
        Value::Array(items) if !items.is_empty() && !stop => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => {
                    let item = items[at].clone();
                    items.extend(vec![item; random.power(8)]);
                }
                _ => mutate_value(&mut items[at], random),
            }
        }
        Value::Object(entries) if !entries.is_empty() && !stop => {
            let key = entries.keys().nth(random.below(entries.len())).cloned().unwrap_or_default();
            match random.below(10) {
                0 => drop(entries.remove(&key)),
                1 => {
                    let other = entries.values().nth(random.below(entries.len())).cloned().unwrap_or_default();
                    entries.insert(key, other);
                }
                2 => {
                    let moved = entries.remove(&key).unwrap_or_default();
                    entries.insert((*random.one(WORDS)).to_owned(), moved);
                }
                _ => mutate_value(entries.get_mut(&key).expect("its own key"), random),
            }
        }
        _ => *value = any_value(random),
    }
}

fn any_value(random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => Value::from(*random.one(NUMBERS)),
        3 => Value::from(-(random.below(1000) as i64)),
        4 => Value::from(random.below(1000) as f64 / 7.0),
        5 => Value::from(random.one(WORDS).repeat(random.power(10))),
        6 => Value::from(vec![any_value_flat(random); random.below(20)]),
        7 => Value::Array(Vec::new()),
        8 => Value::Object(serde_json::Map::new()),
        _ => Value::from(*random.one(WORDS)),
    }
}

fn any_value_flat(random: &mut Random) -> Value {
    if random.below(2) == 0 { Value::from(*random.one(WORDS)) } else { Value::from(random.below(100)) }
}
