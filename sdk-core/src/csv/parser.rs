//! Parses records with `csv_core`, and adds line numbers, limits and UTF-8.

use bytes::{Buf, Bytes};
use csv_core::ReadRecordResult;

use super::record::Record;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The initial size of the buffers, in bytes. They grow with the records, up to the limit.
const ROOM: usize = 1024;

/// An invalid record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RecordError {
    /// The line on which the record begins.
    pub(super) line: u64,
    pub(super) problem: Problem,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The record has more than this many bytes.
    TooLong { limit: usize },
    /// The field with this index is valid UTF-8 up to this byte.
    NotUtf8 { field: usize, valid: usize },
    /// The input ended inside a quoted field.
    OpenQuote,
}

/// The state of the parser between two chunks.
#[derive(Debug)]
pub(super) struct Parser {
    core: csv_core::Reader,
    /// The text and the field ends of the current record. Their used lengths are stored separately.
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    /// How many bytes of the current record were read, quotes and commas included. 0 between records.
    raw: usize,
    /// The current line, and the line on which the current record began.
    line: u64,
    start: u64,
    /// Whether the last byte was a carriage return. A line feed after it does not count as another line.
    after_return: bool,
    /// How many bytes of a byte order mark were seen. `None` after any other byte.
    mark: Option<usize>,
    /// Whether the current record was reported as too long. The rest of it is skipped.
    discard: bool,
    pub(super) limit: usize,
    pub(super) lossy: bool,
}

impl Parser {
    pub(super) fn new(limit: usize) -> Self {
        let mut core = csv_core::Reader::new();
        // `csv_core` removes a byte order mark only if it is in the first chunk as a whole, so `skip_mark` handles it
        // here. This blank line makes `csv_core` stop looking for one.
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

    /// Consumes bytes of the chunk up to the end of a record, or all of them.
    pub(super) fn next(&mut self, chunk: &mut Bytes) -> Option<Result<Record, RecordError>> {
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

    /// Returns the record that ends with the input.
    pub(super) fn finish(&mut self) -> Option<Result<Record, RecordError>> {
        self.feed_partial_mark();
        if self.raw == 0 || self.discard {
            return None;
        }
        // A line feed ends every record, except inside a quoted field. It does not count as a byte of the record.
        match self.feed(b"\n").1 {
            None => Some(Err(self.record_error(Problem::OpenQuote))),
            outcome => outcome,
        }
    }

    /// Skips byte order marks, which may be split over several chunks.
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

    /// An incomplete byte order mark is text.
    fn feed_partial_mark(&mut self) {
        if let Some(seen @ 1..) = self.mark.take() {
            // None of its bytes ends a record.
            self.feed(&BYTE_ORDER_MARK[..seen]);
        }
    }

    /// Parses up to the end of a record. Returns the number of bytes used.
    fn feed(&mut self, input: &[u8]) -> (usize, Option<Result<Record, RecordError>>) {
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
                    return (used, Some(Err(self.record_error(Problem::TooLong { limit: self.limit }))));
                }
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                // `End` is only returned for an empty input, and this input is not empty.
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
        }
        (used, None)
    }

    fn end_record(&mut self) -> Option<Result<Record, RecordError>> {
        // The last byte read was the line break.
        let too_long = self.raw - 1 > self.limit;
        let record = match (self.discard, too_long) {
            (true, _) => None,
            (false, true) => Some(Err(self.record_error(Problem::TooLong { limit: self.limit }))),
            (false, false) => Some(self.record()),
        };
        (self.text_len, self.ends_len, self.raw, self.discard) = (0, 0, 0, false);
        record
    }

    fn record(&self) -> Result<Record, RecordError> {
        let text = &self.text[..self.text_len];
        let ends = &self.ends[..self.ends_len];
        if let (true, Ok(text)) = (text.is_ascii(), std::str::from_utf8(text)) {
            return Ok(Record::from_parts(self.start, text.to_owned(), ends.to_vec()));
        }
        // Check each field separately: two halves of a character in two fields are not a character.
        let mut fields = String::with_capacity(text.len());
        let mut field_ends = Vec::with_capacity(ends.len());
        let mut start = 0;
        for (index, &end) in ends.iter().enumerate() {
            let bytes = &text[start..end];
            match std::str::from_utf8(bytes) {
                Ok(field) => fields.push_str(field),
                Err(_) if self.lossy => fields.push_str(&String::from_utf8_lossy(bytes)),
                Err(error) => {
                    return Err(self.record_error(Problem::NotUtf8 { field: index, valid: error.valid_up_to() }));
                }
            }
            field_ends.push(fields.len());
            start = end;
        }
        Ok(Record::from_parts(self.start, fields, field_ends))
    }

    fn record_error(&self, problem: Problem) -> RecordError {
        RecordError { line: self.start, problem }
    }

    fn count_lines(&mut self, bytes: &[u8]) {
        // Before a carriage return only line feeds count, and these are counted many bytes at a time.
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

    /// The memory of the buffers, in bytes.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

/// Counts a byte. The compiler adds 16 bytes at a time; a sum of 255 ones still fits into a byte.
fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.chunks(255).map(|chunk| u64::from(chunk.iter().map(|byte| u8::from(*byte == wanted)).sum::<u8>())).sum()
}
