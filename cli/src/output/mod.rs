//! Printing responses: as they came, or their items as lines, columns or a table.

mod fields;
mod file;
#[cfg(feature = "jq")]
mod filter;
#[cfg(not(feature = "jq"))]
#[path = "no_filter.rs"]
mod filter;
mod json;
pub(crate) mod table;

use std::rc::Rc;

use clap::ArgMatches;
use cloud_billing_catalogue::{Operation, Place, Schema, Type};
use cloud_billing_core::RawBody;

use crate::context::Context;
use crate::failure::Failure;
use crate::operation::list;
use fields::Fields;
pub(crate) use fields::line;
pub use file::Sink;
pub(crate) use file::{File, exit, is_same};
use filter::Filter;
pub(crate) use json::Text;
use table::{Cell, Column, Table};

/// The formats, as `--output` takes them.
pub(crate) const FORMATS: [&str; 7] = ["json", "ndjson", "csv", "tsv", "table", "raw", "gzip"];

/// How a response is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Lines,
    Separated(u8),
    Table,
    /// The bytes as they came.
    Raw,
}

/// Prints one response, or the items of a list.
pub(crate) struct Output {
    format: Format,
    media_type: Option<&'static str>,
    /// The field with the items; empty if the body is one item.
    items: &'static str,
    fields: Fields,
    table: Table,
    filter: Option<Rc<Filter>>,
    sink: Sink,
    /// Whether an item has been printed.
    any: bool,
    /// Whether the items are those of all pages.
    listing: bool,
    /// Whether the last byte that was printed ends a line.
    ended: bool,
}

impl Output {
    /// What the flags say.
    pub(crate) fn new(operation: &'static Operation, matches: &ArgMatches, context: &Context) -> Result<Self, Failure> {
        let asked = matches.get_one::<String>("output").map(String::as_str);
        // Where the service has a parameter for it, that one decides.
        let own = operation.parameter(Place::Query, "format").and_then(|it| matches.get_one::<String>(it.name));
        let asked = own.map(String::as_str).or(asked);
        let all = list::is_asked_for(matches);
        let media_type = media_type(operation, asked)?;
        let is_json = media_type.is_some_and(|name| name.contains("json"));
        let format = match asked {
            _ if !is_json => Format::Raw,
            None if all => Format::Lines,
            None | Some("json") => Format::Json,
            Some("ndjson") => Format::Lines,
            Some("csv") => Format::Separated(b','),
            Some("tsv") => Format::Separated(b'\t'),
            Some("table") => Format::Table,
            Some(_) => Format::Raw,
        };
        let schema = operation.success.content.iter().find(|media| Some(media.name) == media_type);
        let (items, item) = items(operation, schema.and_then(|media| media.schema));
        let fields = matches.get_many::<String>("fields").map(|fields| fields.cloned().collect());
        if fields.is_some() && !matches!(format, Format::Separated(_) | Format::Table) {
            return Err(Failure::usage("--fields needs -o csv, tsv or table"));
        }
        let filter = matches.get_one::<String>("jq").map(|code| Filter::new(code).map(Rc::new)).transpose()?;
        if filter.is_some() && !is_json {
            return Err(Failure::usage("--jq needs a response in JSON"));
        }
        if filter.is_some() && fields.is_none() && matches!(format, Format::Separated(_) | Format::Table) {
            return Err(Failure::usage(
                "--jq with -o csv, tsv or table needs --fields: the filter may make other fields",
            ));
        }
        let sink = Sink::new(matches)?;
        if sink.is_terminal(context) && media_type.is_some_and(|name| name.contains("gzip")) {
            return Err(Failure::usage("the response is a compressed file, and standard output a terminal")
                .hint("write it to a file with --out FILE"));
        }
        let fields = Fields::new(fields, item);
        let table = Table::new(fields.names().map(Column::left).collect());
        Ok(Self { format, media_type, items, fields, table, filter, sink, any: false, listing: false, ended: true })
    }

    /// The media type that the response has to have.
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        self.media_type
    }

    /// Prints the body of a response.
    pub(crate) fn body(&mut self, body: &RawBody, context: &mut Context) -> Result<(), Failure> {
        match self.format {
            Format::Raw if self.filter.is_some() => {
                self.filtered(&String::from_utf8_lossy(body.bytes()), context, Self::value)
            }
            Format::Json if self.filter.is_some() => self.filtered(body.json(), context, Self::value),
            Format::Raw => self.bytes(body.bytes(), context),
            Format::Json if self.sink.is_terminal(context) => {
                json::indent(body.json(), |part| self.sink.json(part, context))?;
                self.bytes(b"\n", context)
            }
            Format::Json => self.bytes(body.json().as_bytes(), context),
            Format::Lines | Format::Separated(_) | Format::Table => {
                self.begin_items(context)?;
                self.listing = false;
                let items = json::items(body.json(), self.items)
                    .map_err(|error| Failure::new(9, format!("the response has no list `{}`: {error}", self.items)))?;
                items.iter().try_for_each(|item| self.item(&item.0, context))
            }
        }
    }

    /// Prints a JSON text, or what the filter makes of it.
    fn filtered(
        &mut self,
        text: &str,
        context: &mut Context,
        print: fn(&mut Self, &str, &mut Context) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.filter.clone() {
            Some(filter) => filter.each(text, |value| print(self, value, context)),
            None => print(self, text, context),
        }
    }

    /// Prints a value on lines of its own: raw texts without quotes, JSON indented on a terminal.
    fn value(&mut self, json: &str, context: &mut Context) -> Result<(), Failure> {
        match (self.format, serde_json::from_str::<String>(json)) {
            (Format::Raw, Ok(text)) => self.sink.write(text.as_bytes(), context)?,
            (Format::Json, _) if self.sink.is_terminal(context) => {
                json::indent(json, |part| self.sink.json(part, context))?;
            }
            _ => self.sink.json(json, context)?,
        }
        self.bytes(b"\n", context)
    }

    /// Prints what stands before the items.
    pub(crate) fn begin_items(&mut self, context: &mut Context) -> Result<(), Failure> {
        self.listing = true;
        match self.format {
            Format::Json => self.bytes(b"[", context),
            Format::Separated(separator) => {
                let line = fields::line(self.fields.names(), separator)?;
                self.bytes(&line, context)
            }
            _ => Ok(()),
        }
    }

    /// Prints an item, or what the filter makes of it.
    pub(crate) fn item(&mut self, item: &str, context: &mut Context) -> Result<(), Failure> {
        self.filtered(item, context, Self::print_item)
    }

    fn print_item(&mut self, item: &str, context: &mut Context) -> Result<(), Failure> {
        let first = !std::mem::replace(&mut self.any, true);
        match self.format {
            Format::Raw => self.value(item, context),
            Format::Json => {
                let before: &[u8] = if first { b"\n" } else { b",\n" };
                self.bytes(before, context)?;
                self.sink.json(item, context)
            }
            Format::Lines => {
                self.sink.json(json::one_line(item).as_deref().unwrap_or(item), context)?;
                self.bytes(b"\n", context)
            }
            Format::Separated(separator) => {
                let cells = self.cells(item)?;
                let line = fields::line(cells.iter().map(|cell| cell.text.as_str()), separator)?;
                self.bytes(&line, context)
            }
            Format::Table => {
                let cells = self.cells(item)?;
                self.table.row(&cells);
                Ok(())
            }
        }
    }

    fn cells(&self, item: &str) -> Result<Vec<Cell>, Failure> {
        let filtered = self.filter.is_some();
        self.fields.cells(item).map_err(|error| match filtered {
            true => Failure::new(1, format!("--jq: columns need an object: {error}")),
            false => Failure::new(9, format!("an item cannot be read: {error}")),
        })
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8], context: &mut Context) -> Result<(), Failure> {
        self.ended = bytes.last().map_or(self.ended, |byte| *byte == b'\n');
        self.sink.write(bytes, context)
    }

    /// Prints what stands after everything, and keeps the file.
    pub(crate) fn finish(&mut self, context: &mut Context) -> Result<(), Failure> {
        self.close(context)?;
        self.sink.finish(context)
    }

    /// Ends the output after a failure: a file is not kept, and on standard output an array that was begun is closed.
    /// Returns whether the output was printed.
    pub(crate) fn give_up(&mut self, context: &mut Context) -> bool {
        !self.sink.is_file() && self.close(context).and_then(|()| context.flush()).is_ok()
    }

    fn close(&mut self, context: &mut Context) -> Result<(), Failure> {
        match self.format {
            Format::Json if self.listing => self.bytes(b"\n]\n", context)?,
            Format::Table => {
                let columns = self.sink.columns(context);
                self.table.write(columns, |line| self.sink.write(line.as_bytes(), context))?;
            }
            Format::Json if !self.ended && context.terminal.out => self.bytes(b"\n", context)?,
            _ => {}
        }
        Ok(())
    }
}

/// The media type to ask for: the one that the format names, where the operation has several.
fn media_type(operation: &'static Operation, asked: Option<&str>) -> Result<Option<&'static str>, Failure> {
    let has = |name: &'static str, word: &str| name.split(['/', '+', '-', '.']).any(|part| part == word);
    let all = || operation.methods.iter().filter_map(|method| method.accept);
    let Some(first) = all().next() else { return Ok(None) };
    let word = match asked {
        Some(word @ ("csv" | "gzip")) => word,
        Some("ndjson" | "table" | "tsv" | "json") => "json",
        _ => return Ok(Some(first)),
    };
    let own = all().find(|name| has(name, word));
    match own {
        Some(name) => Ok(Some(name)),
        // The items of JSON as CSV.
        None if word == "csv" && has(first, "json") => Ok(Some(first)),
        None => {
            let names = all().collect::<Vec<_>>().join(", ");
            Err(Failure::usage(format!("{} has no {word}; it answers in {names}", operation.id)))
        }
    }
}

/// The field with the items of a response, and their schema. A body without a list is one item.
fn items(operation: &Operation, schema: Option<Schema>) -> (&'static str, Option<Schema>) {
    let Some(Schema { ty: Type::Object(object), .. }) = schema else { return ("", schema) };
    let lists = || {
        object.properties.iter().filter_map(|property| match property.schema.ty {
            Type::List(list) if matches!(list.items.ty, Type::Object(_)) => Some((property.name, *list.items)),
            _ => None,
        })
    };
    let named = operation.pagination.and_then(|pagination| lists().find(|(name, _)| *name == pagination.items));
    let mut all = lists();
    match (named, all.next(), all.next()) {
        (Some((name, item)), ..) | (None, Some((name, item)), None) => (name, Some(item)),
        _ => ("", schema),
    }
}
