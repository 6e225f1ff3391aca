//! Reading a file range by range, without I/O.

use std::ops::Range;

use crate::metadata::collector::Collector;
use crate::metadata::embedded::{Embedded, EmbeddedError, Problem};
use crate::metadata::format;
use crate::metadata::source::{Source, Stop};

/// What a [`MetadataReader`] needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// This range of the file, to be passed to [`MetadataReader::feed`].
    Need(Range<u64>),
    /// These bytes decompressed (zlib, RFC 1950), to be passed to [`MetadataReader::inflated`]; at most
    /// [`LARGEST_TEXT`](super::LARGEST_TEXT) bytes. Every platform has a decompressor; a second one would only make the
    /// package larger.
    Inflate(Vec<u8>),
    /// Nothing: this is the result.
    Done(Embedded),
}

/// Reads what is embedded in a file, from as few ranges of it as possible.
pub struct MetadataReader {
    source: Source,
}

impl MetadataReader {
    /// A file of this many bytes, none of which have been read.
    pub fn new(length: u64) -> Self {
        Self { source: Source::new(length) }
    }

    /// A file that is in memory.
    pub fn whole(bytes: Vec<u8>) -> Self {
        let mut reader = Self::new(bytes.len() as u64);
        reader.feed(0, bytes);
        reader
    }

    /// Takes bytes of the file, from `start` on.
    pub fn feed(&mut self, start: u64, bytes: Vec<u8>) {
        self.source.feed(start, bytes);
    }

    /// Takes the answer to [`Step::Inflate`]; `None` where the bytes could not be decompressed.
    pub fn inflated(&mut self, bytes: Option<Vec<u8>>) {
        self.source.inflated(bytes);
    }

    /// Reads as far as the known bytes reach. Each call starts at the beginning of the file: the ranges grow, so there are
    /// few calls.
    pub fn step(&self) -> Result<Step, EmbeddedError> {
        let mut collector = Collector::default();
        let mut name = "file";
        let read = format::detect(&self.source).and_then(|format| {
            name = format.name;
            (format.read)(&self.source, &mut collector)
        });
        let damage = match self.source.stopped().filter(|_| read.is_none()) {
            Some(Stop::Need(range)) => return Ok(Step::Need(range)),
            Some(Stop::Inflate(bytes)) => return Ok(Step::Inflate(bytes)),
            Some(Stop::Failed(error)) => return Err(error),
            // A workflow before the damaged part counts.
            Some(Stop::Damaged { at, what, size }) => {
                let size = size.map(|size| format!(" of {size} bytes")).unwrap_or_default();
                let length = self.source.length();
                let error = format!("this {name} is damaged or cut off: {what}{size} at byte {at} of {length}");
                Some(EmbeddedError::new(Problem::Damaged, error))
            }
            None => None,
        };
        collector.finish(name, damage).map(Step::Done)
    }
}
