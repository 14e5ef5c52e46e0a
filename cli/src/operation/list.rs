//! `--all`: the items of all pages, a line each.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use cloud_billing_catalogue::{PageStyle, Pagination};
use cloud_billing_core::paginate::{Layout, Next, Position};
use cloud_billing_core::{Core, Items, Operation, Paginate, Request, ResumeToken};
use serde_json::Value;

use super::request::Call;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags;
use crate::output::{File, Output, Text, is_same};
use crate::{input, interrupt};

/// How many bytes of a file are read as a resume token. IBM's cursors have up to 700 characters.
const TOKEN_LIMIT: u64 = 64 * 1024;

/// What such a file has, in errors.
const TOKEN: &str = "the resume token";

/// A list that is described by data.
#[derive(Clone)]
struct List {
    core: Core,
    call: Call,
    pagination: Pagination,
}

impl Paginate for List {
    type Page = Text;
    type Item = Text;

    fn operation(&self) -> &'static Operation {
        self.call.sent
    }

    fn layout(&self) -> Layout {
        let next = match self.pagination.style {
            PageStyle::Cursor { token, href, next } => {
                Next::Cursor { parameter: token, href: href.unwrap_or_default(), token: next.unwrap_or_default() }
            }
            PageStyle::PageNumber { links, relations, total, .. } => {
                Next::Number { links, relations, total: total.unwrap_or_default() }
            }
        };
        Layout { items: self.pagination.items, next }
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn start(&self) -> Position {
        match self.pagination.style {
            PageStyle::Cursor { token, .. } => match self.call.value(token).and_then(Value::as_str) {
                Some(cursor) => Position::Cursor(cursor.to_owned()),
                None => Position::First,
            },
            PageStyle::PageNumber { page, .. } => {
                Position::Number(self.call.value(page).and_then(Value::as_u64).unwrap_or(1))
            }
        }
    }

    fn request_at(&self, position: &Position) -> Request {
        match position {
            Position::First => self.call.request(None),
            Position::Cursor(cursor) => self.call.request(Some(&Value::from(cursor.as_str()))),
            Position::Number(number) => self.call.request(Some(&Value::from(*number))),
        }
    }

    fn page_size(&self) -> Option<u64> {
        let PageStyle::PageNumber { default_size, .. } = self.pagination.style else { return None };
        Some(self.call.value(self.pagination.size).and_then(Value::as_u64).unwrap_or(default_size))
    }
}

/// Whether a flag asks for more than one page.
pub(crate) fn is_asked_for(matches: &ArgMatches) -> bool {
    flags::is_on(matches, "all") || ["max-items", "resume", "resume-file"].iter().any(|it| flags::is_given(matches, it))
}

/// Prints the items of all pages.
pub(super) async fn run(
    core: Core,
    call: Call,
    mut output: Output,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<u8, Failure> {
    let Some(pagination) = call.operation.pagination else { return Ok(2) };
    if flags::is_on(matches, "include") {
        return Err(Failure::usage("--include shows the headers of one response, and a list has many"));
    }
    let file = matches.get_one::<String>("resume-file").map(PathBuf::from);
    let mut items = Items::new(List { core, call, pagination });
    // It is not read if there is `--resume`, but written in the end.
    file.iter().try_for_each(|file| input::refuse_special(file, TOKEN))?;
    file.iter().try_for_each(|file| check_place(file, matches))?;
    if let Some(token) = token(matches, file.as_ref())? {
        refuse_to_replace(matches)?;
        items = items.resume(token)?;
    }
    let limit = matches.get_one::<u64>("max-items").copied().unwrap_or(u64::MAX);
    let mut count = 0;
    let outcome = tokio::select! {
        biased;
        ended = interrupt::wait() => Err(ended),
        outcome = print(&mut items, limit, &mut count, &mut output, context) => outcome,
    };
    let Err(failure) = outcome else {
        output.finish(context)?;
        keep(items.resume_token().as_ref(), flags::is_given(matches, "max-items"), file.as_ref(), context)?;
        return Ok(0);
    };
    // If the output was given up or did not arrive, there is no place to go on from.
    if failure.is_of_output() || !output.give_up(context) {
        return Err(failure);
    }
    if let Err(problem) = keep(items.resume_token().as_ref(), true, file.as_ref(), context) {
        problem.report(context);
    }
    Err(if count > 0 { failure.in_part() } else { failure })
}

async fn print(
    items: &mut Items<List>,
    limit: u64,
    count: &mut u64,
    output: &mut Output,
    context: &mut Context,
) -> Result<(), Failure> {
    output.begin_items(context)?;
    while *count < limit {
        let Some(Text(item)) = items.try_next().await? else { break };
        output.item(&item, context)?;
        *count += 1;
    }
    Ok(())
}

/// Refuses a file that exists: the rest of a list would replace its beginning.
fn refuse_to_replace(matches: &ArgMatches) -> Result<(), Failure> {
    let Some(path) = flags::text(matches, "out").filter(|path| std::path::Path::new(path).is_file()) else {
        return Ok(());
    };
    let message = format!("--out {path}: the file exists, and the list goes on in the middle");
    Err(Failure::usage(message).hint("write the rest to another file"))
}

/// Refuses a place where no token can be kept, before anything is sent.
fn check_place(file: &Path, matches: &ArgMatches) -> Result<(), Failure> {
    if flags::text(matches, "out").is_some_and(|out| is_same(out.as_ref(), file)) {
        return Err(Failure::usage(format!("--out and --resume-file are both {}", file.display())));
    }
    File::create(file).map(drop)
}

/// The token to go on at: of `--resume`, or of the file that keeps it.
fn token(matches: &ArgMatches, file: Option<&PathBuf>) -> Result<Option<ResumeToken>, Failure> {
    // Read in any case: what holds no token must not be replaced in the end.
    let held = file.map_or(Ok(None), |file| held(file))?;
    let Some(text) = matches.get_one::<String>("resume") else { return Ok(held) };
    match text.strip_prefix('@') {
        Some(path) => read(path.as_ref()).map(Some),
        None => Ok(Some(text.trim().parse()?)),
    }
}

/// The token in a file, if the file is there.
fn held(file: &Path) -> Result<Option<ResumeToken>, Failure> {
    if file.exists() { read(file).map(Some) } else { Ok(None) }
}

/// Reads a token.
fn read(path: &Path) -> Result<ResumeToken, Failure> {
    let text = input::read(path, TOKEN, TOKEN_LIMIT)?;
    text.trim().parse().map_err(|error| Failure::from(error).of(&path.display().to_string()))
}

/// Says where to go on, if the list is not at its end.
fn keep(at: Option<&ResumeToken>, early: bool, file: Option<&PathBuf>, context: &mut Context) -> Result<(), Failure> {
    if let Some(token) = at.filter(|_| early) {
        let _ = writeln!(context.err, "resume: {token}");
    }
    let kept = file.map_or(Ok(()), |file| save(at, file));
    // Without the file, the token that was printed leads on.
    kept.map_err(|failure| if at.is_some() { failure.with_status(10) } else { failure })
}

/// Replaces the token in a file, or removes it at the end of the list.
fn save(at: Option<&ResumeToken>, path: &Path) -> Result<(), Failure> {
    let held = held(path)?;
    if let Some(token) = at {
        let mut file = File::create(path)?;
        file.write(format!("{token}\n").as_bytes())?;
        return file.keep();
    }
    match held {
        Some(_) => std::fs::remove_file(path).map_err(|error| Failure::file("remove", path, &error)),
        None => Ok(()),
    }
}
