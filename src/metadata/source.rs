//! The parts of a file that have been read, and bounds-checked access to them.
//!
//! Reading functions answer with an `Option`: `None` stops the reading, and the reason is kept here. A `Result` with the
//! reason in it would be the same to write and twice the wasm, as nearly every line of the readers can stop.

use crate::metadata::file_error::Stop;
use std::cell::Cell;

/// No workflow has more bytes; what claims to have is damaged, or meant to fill the memory.
pub const LARGEST_TEXT: u64 = 64 << 20;
/// A file of which more has been read is given up.
const MOST: u64 = 4 * LARGEST_TEXT;
/// Parts are asked for in pieces of at least this size.
const PIECE: u64 = 64 << 10;

/// A file, as far as it has been read.
pub(super) struct Source {
    length: u64,
    pieces: Vec<(u64, Vec<u8>)>,
    /// The end of what was asked for last.
    asked: Cell<u64>,
    /// Decompressed texts, in the order in which they were asked for, which is the same in every pass.
    inflated: Vec<Option<Vec<u8>>>,
    inflated_used: Cell<usize>,
    stop: Cell<Option<Stop>>,
}

impl Source {
    pub(super) fn new(length: u64) -> Self {
        Self {
            length,
            pieces: Vec::new(),
            asked: Cell::new(0),
            inflated: Vec::new(),
            inflated_used: Cell::new(0),
            stop: Cell::new(None),
        }
    }

    pub(super) fn feed(&mut self, start: u64, bytes: Vec<u8>) {
        let end = start.saturating_add(bytes.len() as u64);
        // A file that gives less than it was asked for has become shorter; asking again would go on for ever.
        if end < self.asked.get() {
            self.length = self.length.min(end);
        }
        self.pieces.push((start, bytes));
    }

    pub(super) fn inflated(&mut self, bytes: Option<Vec<u8>>) {
        self.inflated.push(bytes);
    }

    /// Begins a pass over the file.
    pub(super) fn rewind(&self) {
        self.inflated_used.set(0);
    }

    /// Bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Why reading stopped.
    pub(super) fn why(&self) -> Option<Stop> {
        self.stop.take()
    }

    /// Stops reading.
    pub(super) fn stop<T>(&self, why: Stop) -> Option<T> {
        self.stop.set(Some(why));
        None
    }

    /// Stops reading because the file contradicts itself; `what` says what is there, or should be.
    pub(super) fn damaged<T>(&self, at: u64, what: &'static str) -> Option<T> {
        self.stop(Stop::Damaged { at, what, size: None })
    }

    /// As many bytes as asked for; `what` names them for the error where the file is too short.
    pub(super) fn get(&self, start: u64, count: u64, what: &'static str) -> Option<&[u8]> {
        let end = start.saturating_add(count);
        if end > self.length || count > LARGEST_TEXT {
            return self.stop(Stop::Damaged { at: start, what, size: Some(count) });
        }
        if count == 0 {
            return Some(&[]);
        }
        let within = |(from, bytes): &&(u64, Vec<u8>)| *from <= start && end <= *from + bytes.len() as u64;
        // The newest piece is the one that was just asked for.
        if let Some((from, bytes)) = self.pieces.iter().rev().find(within) {
            let offset = (start - from) as usize;
            return bytes.get(offset..offset + count as usize);
        }
        // Pieces grow with what has been read: a file of many small parts is read in few pieces.
        let read: u64 = self.pieces.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if read > MOST {
            return self.damaged(start, "the search, after 256 MB, was given up");
        }
        let piece = count.max(PIECE).max(read.min(LARGEST_TEXT));
        self.asked.set(start.saturating_add(piece).min(self.length));
        self.stop(Stop::Need(start..self.asked.get()))
    }

    /// As [`Source::get`], read field by field.
    pub(super) fn fields(&self, start: u64, count: u64, what: &'static str) -> Option<Fields<'_>> {
        Some(self.fields_of(self.get(start, count, what)?, start, what))
    }

    /// Bytes that are not, or no longer, as they are in the file: a packet put together from pages.
    pub(super) fn fields_of<'a>(&'a self, bytes: &'a [u8], start: u64, what: &'static str) -> Fields<'a> {
        Fields { source: self, bytes, at: 0, start, what }
    }

    /// The whole file.
    pub(super) fn all(&self) -> Option<&[u8]> {
        self.get(0, self.length, "its text")
    }

    /// A text decompressed; empty where that failed.
    pub(super) fn inflate(&self, deflated: &[u8]) -> Option<&[u8]> {
        let index = self.inflated_used.get();
        self.inflated_used.set(index + 1);
        match self.inflated.get(index) {
            Some(text) => Some(text.as_deref().unwrap_or_default()),
            None => self.stop(Stop::Inflate(deflated.to_vec())),
        }
    }
}

/// A part of a file, read from its front.
#[derive(Clone)]
pub(super) struct Fields<'a> {
    source: &'a Source,
    bytes: &'a [u8],
    at: usize,
    start: u64,
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// Where in the file it stands.
    pub(super) fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        if count > self.left() as u64 {
            let (at, what) = (self.position(), self.what);
            return self.source.stop(Stop::Damaged { at, what, size: Some(count) });
        }
        let bytes = self.bytes.get(self.at..self.at + count as usize)?;
        self.at += count as usize;
        Some(bytes)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.take(self.left() as u64).unwrap_or_default()
    }

    /// A part of this part.
    pub(super) fn inner(&mut self, count: u64) -> Option<Fields<'a>> {
        let start = self.position();
        let bytes = self.take(count)?;
        Some(Fields { bytes, at: 0, start, ..self.clone() })
    }

    /// Up to a zero byte, which is taken too; all that is left where there is none.
    pub(super) fn until_zero(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let Some(end) = rest.iter().position(|byte| *byte == 0) else { return rest };
        self.at -= rest.len() - end - 1;
        &rest[..end]
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A big-endian number of up to eight bytes.
    pub(super) fn be(&mut self, size: usize) -> Option<u64> {
        Some(self.take(size as u64)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A little-endian number of up to eight bytes.
    pub(super) fn le(&mut self, size: usize) -> Option<u64> {
        Some(self.take(size as u64)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}
