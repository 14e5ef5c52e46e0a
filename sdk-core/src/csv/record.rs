//! A record of fields.

use std::fmt;

/// A record: the text of its fields without quotes, and the line on which it begins.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    line: u64,
    /// The fields, concatenated.
    text: String,
    /// The end of each field in the text.
    ends: Vec<usize>,
}

impl Record {
    /// Creates a record with these fields. `line` counts from 1.
    pub fn new<'a>(line: u64, fields: impl IntoIterator<Item = &'a str>) -> Self {
        let mut record = Self { line, text: String::new(), ends: Vec::new() };
        for field in fields {
            record.text.push_str(field);
            record.ends.push(record.text.len());
        }
        record
    }

    /// `ends` must ascend, lie on character boundaries of the text, and end with its length.
    pub(super) fn from_parts(line: u64, text: String, ends: Vec<usize>) -> Self {
        Self { line, text, ends }
    }

    /// The line on which the record begins, counted from 1. A record with line breaks in its fields has several lines.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no fields. A record from a file has at least one.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the field at an index, counted from 0.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// Iterates over the fields.
    pub fn iter(&self) -> Fields<'_> {
        Fields { record: self, next: 0 }
    }

    /// Whether every field is blank. Spreadsheets write blank lines like that.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The total length of the fields in bytes.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a Record {
    type Item = &'a str;
    type IntoIter = Fields<'a>;

    fn into_iter(self) -> Fields<'a> {
        self.iter()
    }
}

/// The fields of a [`Record`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    record: &'a Record,
    next: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let field = self.record.get(self.next)?;
        self.next += 1;
        Some(field)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.record.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Fields<'_> {}
