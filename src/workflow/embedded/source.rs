//! The parts of a file that have been read, and bounds-checked access to them.

use super::error::{Stop, damaged};
use std::cell::Cell;

/// No workflow has more bytes; what claims to have is damaged, or meant to fill the memory.
pub const LARGEST_TEXT: u64 = 64 << 20;
/// A file of which more has been read is given up.
const MOST: u64 = 4 * LARGEST_TEXT;
/// Parts are asked for in pieces of at least this size.
const PIECE: u64 = 64 << 10;

/// A file, as far as it has been read.
#[derive(Debug)]
pub(super) struct Source {
    length: u64,
    pieces: Vec<(u64, Vec<u8>)>,
    /// Decompressed texts, in the order in which they were asked for, which is the same in every pass.
    inflated: Vec<Option<Vec<u8>>>,
    inflated_used: Cell<usize>,
}

impl Source {
    pub(super) fn new(length: u64) -> Self {
        Self { length, pieces: Vec::new(), inflated: Vec::new(), inflated_used: Cell::new(0) }
    }

    pub(super) fn feed(&mut self, start: u64, bytes: Vec<u8>) {
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

    /// As many bytes as asked for; `what` names them for the error where the file is too short.
    pub(super) fn get(&self, start: u64, count: u64, what: &str) -> Result<&[u8], Stop> {
        let Some(end) = start.checked_add(count).filter(|end| *end <= self.length) else {
            return damaged(start, format!("{what} of {count} bytes in a file of {} bytes,", self.length));
        };
        if count > LARGEST_TEXT {
            return damaged(start, format!("{what} of {count} bytes, more than any workflow has,"));
        }
        let within = |(from, bytes): &(u64, Vec<u8>)| *from <= start && end <= *from + bytes.len() as u64;
        // The newest piece is the one that was just asked for.
        if let Some((from, bytes)) = self.pieces.iter().rev().find(|piece| within(piece)) {
            let offset = (start - from) as usize;
            return Ok(&bytes[offset..offset + count as usize]);
        }
        // Pieces grow with what has been read: a file of many small parts is read in few pieces.
        let read: u64 = self.pieces.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if read > MOST {
            return damaged(start, format!("no workflow in the first {read} bytes that were read,"));
        }
        let piece = count.max(PIECE).max(read.min(LARGEST_TEXT));
        Err(Stop::Need(start..start.saturating_add(piece).min(self.length)))
    }

    /// As [`Source::get`], read field by field.
    pub(super) fn fields(&self, start: u64, count: u64, what: &'static str) -> Result<Fields<'_>, Stop> {
        Ok(Fields { bytes: self.get(start, count, what)?, at: 0, start, what })
    }

    /// From a place to the end of the file.
    pub(super) fn rest(&self, start: u64, what: &str) -> Result<&[u8], Stop> {
        self.get(start, self.length.saturating_sub(start), what)
    }

    /// A text decompressed; `None` where that failed.
    pub(super) fn inflate(&self, deflated: &[u8]) -> Result<Option<&[u8]>, Stop> {
        let index = self.inflated_used.replace(self.inflated_used.get() + 1);
        match self.inflated.get(index) {
            Some(text) => Ok(text.as_deref()),
            None => Err(Stop::Inflate(deflated.to_vec())),
        }
    }
}

/// A part of a file, read from its front.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    start: u64,
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// Bytes that do not come from a place in the file, as a packet put together from pages.
    pub(super) fn of(bytes: &'a [u8], start: u64, what: &'static str) -> Self {
        Self { bytes, at: 0, start, what }
    }

    /// Where in the file it stands.
    pub(super) fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        match self.bytes[self.at..].get(..count) {
            Some(bytes) => {
                self.at += count;
                Ok(bytes)
            }
            None => {
                damaged(self.position(), format!("{} with {count} bytes where {} are left,", self.what, self.left()))
            }
        }
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    /// A part of this part.
    pub(super) fn inner(&mut self, count: usize, what: &'static str) -> Result<Fields<'a>, Stop> {
        let start = self.position();
        Ok(Fields { bytes: self.take(count)?, at: 0, start, what })
    }

    /// Up to a zero byte, which is taken too; all that is left where there is none.
    pub(super) fn until_zero(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let Some(end) = rest.iter().position(|byte| *byte == 0) else { return rest };
        self.at -= rest.len() - end - 1;
        &rest[..end]
    }

    pub(super) fn u8(&mut self) -> Result<u8, Stop> {
        Ok(self.take(1)?[0])
    }

    /// A big-endian number of up to eight bytes.
    pub(super) fn be(&mut self, size: usize) -> Result<u64, Stop> {
        Ok(self.take(size)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A little-endian number of up to eight bytes.
    pub(super) fn le(&mut self, size: usize) -> Result<u64, Stop> {
        Ok(self.take(size)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}
