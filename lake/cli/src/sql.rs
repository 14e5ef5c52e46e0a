//! `sql`: questions to a lake.

use std::io::{self, Read as _, Write};

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloud_billing_lake::{Error, Options};
use cloud_billing_lake_sql::{Api, Apis, Question, Session, output, questions};
use cloudbill::Context;
use cloudbill::companion::{self, Failure, Sink, Value};

use crate::failed;
use crate::place::{existing, open, place};
use crate::sources::{From, clock, find};

/// The longest text that is read as SQL.
const LONGEST: u64 = 1 << 20;

const LONG_ABOUT: &str = "\
Ask a lake by SQL. Its tables are focus (charges), invoices, payments, refunds, subscriptions and reconciliation; each also has the columns service, billing_period ('2026-10') and account ('a-<id>'), and with them in a WHERE only their folders are read. Amounts are exact.

With --live the bills that the question names are read from the services first, as by sync: it must name billing_period and account.";

/// The command.
pub(crate) fn command() -> Command {
    let [format, file] =
        [("output", Some('o')), ("out", None)].map(|(name, short)| Arg::new(name).long(name).short(short));
    Command::new("sql")
        .about("Ask a lake by SQL")
        .long_about(LONG_ABOUT)
        .arg(place().required(false).required_unless_present("questions"))
        .arg(Arg::new("sql").value_name("SQL").conflicts_with("question").help("The question; - reads it from standard input"))
        .args([
            Arg::new("question").long("question").value_name("NAME").help("Ask one of the questions that --questions lists"),
            Arg::new("questions").long("questions").action(ArgAction::SetTrue).help("List questions that are ready to ask"),
            Arg::new("month").long("month").value_name("MONTH").allow_hyphen_values(true).help(
                "The month that questions are about, getvariable('month'): last (default), this, -2, or such as 2026-10",
            ),
            Arg::new("live").long("live").action(ArgAction::SetTrue).help("Read bills from the services as they are asked for"),
            format.value_name("FORMAT").value_parser(["table", "csv", "parquet"]).help("How to print [default: table]"),
            file.value_name("FILE").help("Write the output to a file, as a whole or not at all"),
        ])
        .args(companion::whose())
}

/// Runs the command.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    if companion::is_on(matches, "questions") {
        let rows = questions::ALL.iter().map(|it| vec![Value::Text(it.name.to_owned()), Value::Text(it.about())]);
        companion::print(&["name", "question"], &rows.collect::<Vec<_>>(), matches, context)?;
        return Ok(0);
    }
    let sql = text(matches, context)?;
    let session = session(matches, context).await?;
    print(&session, &sql, matches, context).await?;
    Ok(0)
}

async fn print(session: &Session, sql: &str, matches: &ArgMatches, context: &mut Context) -> Result<(), Failure> {
    let mut sink = Sink::new(matches)?;
    match matches.get_one::<String>("output").map(String::as_str) {
        Some("csv") => {
            let rows = session.stream(sql).await.map_err(failed)?;
            let mut to = Writer::new(&mut sink, context);
            let written = output::csv(rows, &mut to).await;
            to.end(written)?;
        }
        Some("parquet") if sink.is_file() => {
            let rows = session.stream(sql).await.map_err(failed)?;
            let mut to = Writer::new(&mut sink, context);
            let written = output::parquet(rows, &mut to).await;
            to.end(written)?;
        }
        Some("parquet") => return Err(Failure::usage("Parquet is a file: name it with --out FILE")),
        _ => {
            let answer = session.query(sql).await.map_err(failed)?;
            let mut to = Writer::new(&mut sink, context);
            let written = output::table(&answer, &mut to);
            to.end(written)?;
        }
    }
    sink.finish(context)
}

/// The question.
fn text(matches: &ArgMatches, context: &mut Context) -> Result<String, Failure> {
    if let Some(name) = matches.get_one::<String>("question") {
        let question = Question::named(name).ok_or_else(|| Failure::usage(format!("there is no question `{name}`")));
        return Ok(question.map_err(|failure| failure.hint("`--questions` lists them"))?.sql.to_owned());
    }
    match matches.get_one::<String>("sql").map(String::as_str) {
        None => Err(Failure::usage("nothing was asked").hint("give SQL, or --question NAME; --questions lists names")),
        Some("-") => {
            let mut text = String::new();
            let read = context.input.by_ref().take(LONGEST + 1).read_to_string(&mut text);
            read.map_err(|error| failed(format!("cannot read standard input: {error}")))?;
            if text.len() as u64 > LONGEST {
                Err(Failure::usage("the question is longer than 1 MiB"))
            } else {
                Ok(text)
            }
        }
        Some(sql) => Ok(sql.to_owned()),
    }
}

async fn session(matches: &ArgMatches, context: &mut Context) -> Result<Session, Failure> {
    let month = companion::month(matches, "month", 1, context)?;
    if !companion::is_on(matches, "live") {
        return Ok(Session::new(existing(matches)?, month));
    }
    let mut options = Options::default();
    options.clock = clock(context)?;
    let (all, failures) = find(matches, context).await?;
    let lake = open(matches)?;
    for failure in failures {
        failure.report(context);
    }
    let apis = all.into_iter().map(|From { service, accounts, open }| Api::new(service, accounts, open)).collect();
    Ok(Session::new(lake, month).over(Apis::new(apis, options)))
}

/// Where rows go, for writers of the standard library's kind.
struct Writer<'a> {
    sink: &'a mut Sink,
    context: &'a mut Context,
    /// Why it cannot be written.
    failure: Option<Failure>,
}

impl<'a> Writer<'a> {
    const fn new(sink: &'a mut Sink, context: &'a mut Context) -> Self {
        Self { sink, context, failure: None }
    }

    /// What came of it: the failure of the output, if there was one, else what the writer says.
    fn end(self, written: Result<(), Error>) -> Result<(), Failure> {
        self.failure.map_or(written.map_err(failed), Err)
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.sink.write(bytes, self.context);
        written.map(|()| bytes.len()).map_err(|failure| {
            self.failure = Some(failure);
            io::Error::other("the output cannot be written")
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
