//! One record.

use std::fmt;

/// A row of fields: their text without quotes, and the line on which it begins.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    line: u64,
    /// The fields, one after the other.
    text: String,
    /// Where each field ends in the text.
    ends: Vec<usize>,
}

impl Record {
    /// A record of these fields. `line` is counted from 1.
    pub fn new<'a>(line: u64, fields: impl IntoIterator<Item = &'a str>) -> Self {
        let mut record = Self { line, text: String::new(), ends: Vec::new() };
        for field in fields {
            record.text.push_str(field);
            record.ends.push(record.text.len());
        }
        record
    }

    /// `ends` are ascending positions at character boundaries of the text; the last is its length.
    pub(super) fn from_parts(line: u64, text: String, ends: Vec<usize>) -> Self {
        Self { line, text, ends }
    }

    /// The line on which the record begins, from 1. A record with line breaks in its fields has several lines.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no field. A record that was read has at least one.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The field at a position, from 0.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// The fields.
    pub fn iter(&self) -> Fields<'_> {
        Fields { record: self, next: 0 }
    }

    /// Whether no field has a text: a blank line, as spreadsheets write it.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// How many bytes the fields have together.
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
