//! The ranges of a file that have been read, with bounds-checked access.
//!
//! Readers return an `Option`: `None` stops the reading, and [`Source`] keeps the reason. A `Result` with the reason in it
//! would double the wasm of the readers, because nearly every line of them can stop.

use std::cell::Cell;
use std::ops::Range;

use crate::metadata::embedded::EmbeddedError;
use crate::text::work;

/// Limit of a text in bytes, and of all texts that are decompressed. Longer ones are damaged or hostile.
pub const LARGEST_TEXT: u64 = 64 << 20;
/// Reading stops after this many bytes of a file.
const MOST: u64 = 4 * LARGEST_TEXT;
/// Smallest range that is requested.
const PIECE: u64 = 64 << 10;

/// Why the reader of a format stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// This range has not been read yet.
    Need(Range<u64>),
    /// These bytes have not been decompressed yet.
    Inflate(Vec<u8>),
    /// The file is damaged; texts before that count. `size`: length of the part that does not fit.
    Damaged { at: u64, what: &'static str, size: Option<u64> },
    /// The file has nothing to offer.
    Failed(EmbeddedError),
}

/// The part of a file that has been read.
pub(super) struct Source {
    length: u64,
    pieces: Vec<(u64, Vec<u8>)>,
    /// The end of the last range that was requested.
    asked: Cell<u64>,
    /// Decompressed texts in the order of their requests, which is the same in every pass.
    inflated: Vec<Option<Vec<u8>>>,
    inflated_bytes: u64,
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
            inflated_bytes: 0,
            inflated_used: Cell::new(0),
            stop: Cell::new(None),
        }
    }

    pub(super) fn feed(&mut self, start: u64, bytes: Vec<u8>) {
        let end = start.saturating_add(bytes.len() as u64);
        // Fewer bytes than requested: the file has become shorter. Requesting them again would loop.
        if end < self.asked.get() {
            self.length = self.length.min(end);
        }
        self.pieces.push((start, bytes));
    }

    pub(super) fn inflated(&mut self, bytes: Option<Vec<u8>>) {
        self.inflated_bytes += bytes.as_ref().map_or(0, Vec::len) as u64;
        self.inflated.push(bytes);
    }

    /// Starts a pass over the file.
    pub(super) fn rewind(&self) {
        self.inflated_used.set(0);
    }

    /// Length of the file in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Why the last pass stopped.
    pub(super) fn stopped(&self) -> Option<Stop> {
        self.stop.take()
    }

    /// Stops reading.
    pub(super) fn stop<T>(&self, why: Stop) -> Option<T> {
        self.stop.set(Some(why));
        None
    }

    /// Stops because the file is inconsistent; `what` completes the message "damaged or cut off: …".
    pub(super) fn damaged<T>(&self, at: u64, what: &'static str) -> Option<T> {
        self.stop(Stop::Damaged { at, what, size: None })
    }

    /// Bytes of the file; `what` names them in the error where the file is too short.
    pub(super) fn get(&self, start: u64, count: u64, what: &'static str) -> Option<&[u8]> {
        let end = start.saturating_add(count);
        if end > self.length || count > LARGEST_TEXT {
            return self.stop(Stop::Damaged { at: start, what, size: Some(count) });
        }
        if count == 0 {
            return Some(&[]);
        }
        let within = |(from, bytes): &&(u64, Vec<u8>)| {
            work::count(1);
            *from <= start && end <= *from + bytes.len() as u64
        };
        // The newest piece is the one that was just requested.
        if let Some((from, bytes)) = self.pieces.iter().rev().find(within) {
            let offset = (start - from) as usize;
            return bytes.get(offset..offset + count as usize);
        }
        // Pieces grow with the bytes read so far, so that a file of many small parts is read in few pieces and passes.
        let read: u64 = self.pieces.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if read > MOST {
            return self.damaged(start, "the search, after 256 MB, was given up");
        }
        let piece = count.max(PIECE).max(read.min(LARGEST_TEXT));
        self.asked.set(start.saturating_add(piece).min(self.length));
        self.stop(Stop::Need(start..self.asked.get()))
    }

    /// As [`Source::get`], to be read field by field.
    pub(super) fn cursor(&self, start: u64, count: u64, what: &'static str) -> Option<Cursor<'_>> {
        Some(self.cursor_over(self.get(start, count, what)?, start, what))
    }

    /// A cursor over bytes that differ from those in the file, such as a packet assembled from pages.
    pub(super) fn cursor_over<'a>(&'a self, bytes: &'a [u8], start: u64, what: &'static str) -> Cursor<'a> {
        Cursor { source: self, bytes, at: 0, start, what }
    }

    /// The whole file.
    pub(super) fn all(&self) -> Option<&[u8]> {
        self.get(0, self.length, "its text")
    }

    /// Decompresses a text; empty where that fails or all texts together are too large.
    pub(super) fn inflate(&self, deflated: &[u8]) -> Option<&[u8]> {
        let index = self.inflated_used.get();
        self.inflated_used.set(index + 1);
        match self.inflated.get(index) {
            Some(text) => Some(text.as_deref().unwrap_or_default()),
            None if self.inflated_bytes >= LARGEST_TEXT => Some(&[]),
            None => self.stop(Stop::Inflate(deflated.to_vec())),
        }
    }
}

/// Reads a part of a file field by field.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    source: &'a Source,
    bytes: &'a [u8],
    at: usize,
    start: u64,
    what: &'static str,
}

impl<'a> Cursor<'a> {
    /// Its offset in the file.
    pub(super) fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        work::count(1);
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

    /// The next bytes as a cursor of their own.
    pub(super) fn inner(&mut self, count: u64) -> Option<Cursor<'a>> {
        let start = self.position();
        let bytes = self.take(count)?;
        Some(Cursor { bytes, at: 0, start, ..self.clone() })
    }

    /// Reads up to a zero byte and consumes that too; reads the rest where there is none.
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
