//! Bytes in, records out: csv-core with lines, limits and UTF-8.

use bytes::{Buf, Bytes};
use csv_core::ReadRecordResult;

use super::record::Record;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the buffers have room for at first, in bytes and fields. They grow with the records, up to the limit.
const ROOM: usize = 1024;

/// What is wrong with a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where the record begins.
    pub(super) line: u64,
    pub(super) problem: Problem,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// More bytes than this.
    TooLong { limit: usize },
    /// A field, counted from 0, stops being UTF-8 after some bytes.
    NotUtf8 { field: usize, valid: usize },
    /// The input ended in a quoted field.
    OpenQuote,
}

/// The parser between two chunks.
#[derive(Debug)]
pub(super) struct Parser {
    core: csv_core::Reader,
    /// The text and the field ends of the record at hand. What is used of them is counted apart.
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    /// How many bytes of the record at hand were read, quotes and commas included. 0 is between records.
    raw: usize,
    /// The line at hand, and the one on which the record at hand began.
    line: u64,
    start: u64,
    /// Whether the last byte was a carriage return: then a line feed makes no further line.
    after_return: bool,
    /// How many bytes of a byte order mark were seen; `None` when something else was.
    mark: Option<usize>,
    /// Whether the record at hand was reported as too long, and is only passed over.
    discard: bool,
    pub(super) limit: usize,
    pub(super) lossy: bool,
}

impl Parser {
    pub(super) fn new(limit: usize) -> Self {
        let mut core = csv_core::Reader::new();
        // It would drop a byte order mark from the first bytes it sees, but only if they come in one piece. A blank line
        // is nothing to it, and after that it looks for none.
        core.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            core,
            text: vec![0; ROOM],
            text_len: 0,
            ends: vec![0; ROOM / 8],
            ends_len: 0,
            raw: 0,
            line: 1,
            start: 1,
            after_return: false,
            mark: Some(0),
            discard: false,
            limit,
            lossy: false,
        }
    }

    /// Takes bytes from the chunk up to the end of a record, or all of them.
    pub(super) fn next(&mut self, chunk: &mut Bytes) -> Option<Result<Record, Fault>> {
        self.skip_mark(chunk);
        while !chunk.is_empty() {
            let (used, outcome) = self.feed(chunk);
            chunk.advance(used);
            if outcome.is_some() {
                return outcome;
            }
        }
        None
    }

    /// The record that the end of the input ends.
    pub(super) fn finish(&mut self) -> Option<Result<Record, Fault>> {
        self.feed_partial_mark();
        if self.raw == 0 || self.discard {
            return None;
        }
        // A line feed ends a record everywhere but in a quoted field. It is none of the record's bytes.
        match self.feed(b"\n").1 {
            None => Some(Err(self.fault(Problem::OpenQuote))),
            outcome => outcome,
        }
    }

    /// Passes over byte order marks, in however many chunks they come.
    fn skip_mark(&mut self, chunk: &mut Bytes) {
        while let Some(seen) = self.mark {
            match chunk.first() {
                None => return,
                Some(byte) if BYTE_ORDER_MARK.get(seen) == Some(byte) => {
                    chunk.advance(1);
                    self.mark = Some((seen + 1) % BYTE_ORDER_MARK.len());
                }
                Some(_) => self.feed_partial_mark(),
            }
        }
    }

    /// The beginning of a byte order mark without its end is text.
    fn feed_partial_mark(&mut self) {
        if let Some(seen @ 1..) = self.mark.take() {
            // No byte of it ends a record.
            self.feed(&BYTE_ORDER_MARK[..seen]);
        }
    }

    /// Parses up to the end of a record. Returns how many bytes were used.
    fn feed(&mut self, input: &[u8]) -> (usize, Option<Result<Record, Fault>>) {
        let mut used = 0;
        if self.raw == 0 {
            used = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.count_lines(&input[..used]);
            self.start = self.line;
        }
        while used < input.len() {
            let (result, read, text, ends) =
                self.core.read_record(&input[used..], &mut self.text[self.text_len..], &mut self.ends[self.ends_len..]);
            self.count_lines(&input[used..used + read]);
            used += read;
            self.raw = self.raw.saturating_add(read);
            if !self.discard {
                self.text_len += text;
                self.ends_len += ends;
            }
            match result {
                ReadRecordResult::Record => return (used, self.end_record()),
                _ if self.discard => {}
                _ if self.raw > self.limit => {
                    self.discard = true;
                    (self.text_len, self.ends_len) = (0, 0);
                    return (used, Some(Err(self.fault(Problem::TooLong { limit: self.limit }))));
                }
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                // There is an end only after an empty input, which this is not.
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
        }
        (used, None)
    }

    fn end_record(&mut self) -> Option<Result<Record, Fault>> {
        // The last byte read was the line break.
        let too_long = self.raw - 1 > self.limit;
        let record = match (self.discard, too_long) {
            (true, _) => None,
            (false, true) => Some(Err(self.fault(Problem::TooLong { limit: self.limit }))),
            (false, false) => Some(self.record()),
        };
        (self.text_len, self.ends_len, self.raw, self.discard) = (0, 0, 0, false);
        record
    }

    fn record(&self) -> Result<Record, Fault> {
        let text = &self.text[..self.text_len];
        let ends = &self.ends[..self.ends_len];
        if let (true, Ok(text)) = (text.is_ascii(), std::str::from_utf8(text)) {
            return Ok(Record::from_parts(self.start, text.to_owned(), ends.to_vec()));
        }
        // The fields are checked one by one: halves of a character in two of them are not a character.
        let mut fields = String::with_capacity(text.len());
        let mut field_ends = Vec::with_capacity(ends.len());
        let mut start = 0;
        for (index, &end) in ends.iter().enumerate() {
            let bytes = &text[start..end];
            match std::str::from_utf8(bytes) {
                Ok(field) => fields.push_str(field),
                Err(_) if self.lossy => fields.push_str(&String::from_utf8_lossy(bytes)),
                Err(error) => {
                    return Err(self.fault(Problem::NotUtf8 { field: index, valid: error.valid_up_to() }));
                }
            }
            field_ends.push(fields.len());
            start = end;
        }
        Ok(Record::from_parts(self.start, fields, field_ends))
    }

    fn fault(&self, problem: Problem) -> Fault {
        Fault { line: self.start, problem }
    }

    fn count_lines(&mut self, bytes: &[u8]) {
        // Up to a carriage return only line feeds count, and those are counted many bytes at a time.
        let plain = if self.after_return {
            0
        } else if count(bytes, b'\r') == 0 {
            bytes.len()
        } else {
            bytes.iter().take_while(|byte| **byte != b'\r').count()
        };
        let (plain, rest) = bytes.split_at(plain);
        self.line += count(plain, b'\n');
        for &byte in rest {
            let ends_line = byte == b'\r' || (byte == b'\n' && !self.after_return);
            self.line += u64::from(ends_line);
            self.after_return = byte == b'\r';
        }
    }

    /// How many bytes the buffers take.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

/// How often a byte occurs. Sums of single bytes are made 16 at a time, and 255 of ones fit into a byte.
fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.chunks(255).map(|chunk| u64::from(chunk.iter().map(|byte| u8::from(*byte == wanted)).sum::<u8>())).sum()
}
