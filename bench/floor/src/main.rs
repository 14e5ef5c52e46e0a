//! Lists and downloads over reqwest alone, one request at a time.

use std::error::Error;
use std::io::Read;
use std::time::Instant;

use floor::{borrowed, owned};
use outcome::Tally;
use reqwest::{Client, Response};

const ACCOUNT: &str = "3f1c9e5a7b2d4c6088aa51d7e0b49c12";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let (mode, url, number) = outcome::arguments();
    let started = Instant::now();
    let client = Client::builder().no_proxy().build()?;
    let tally = match mode.as_str() {
        "typed" => list(&client, &url, typed_page).await?,
        "borrowed" => list(&client, &url, borrowed_page).await?,
        "bytes" => list(&client, &url, bytes_page).await?,
        "invoices" => invoices(&client, &url).await?,
        "csv" => csv_bytes(&client, &url).await?,
        "csv-rows" => csv_rows(&client, &url).await?,
        "calls" => calls(&client, &url, number).await?,
        _ => return Err(format!("unknown mode {mode}").into()),
    };
    outcome::report(tally, started);
    Ok(())
}

/// Fetches a token and ignores its expiry.
async fn token(client: &Client, url: &str) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Token {
        access_token: String,
    }
    let body = "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=key";
    let request =
        client.post(format!("{url}/identity/token")).header("content-type", "application/x-www-form-urlencoded");
    let token: Token = serde_json::from_slice(&request.body(body).send().await?.bytes().await?)?;
    Ok(token.access_token)
}

/// Counts the records of a page and returns the cursor of the next page.
type Page = fn(&[u8], &mut Tally) -> Result<Option<String>>;

async fn list(client: &Client, url: &str, page: Page) -> Result<Tally> {
    let token = token(client, url).await?;
    let mut tally = Tally::default();
    let mut cursor = None;
    loop {
        let mut at =
            format!("{url}/v4/accounts/{ACCOUNT}/resource_instances/usage/2026-01?_names=true&_tags=true&_limit=200");
        if let Some(cursor) = cursor {
            at = format!("{at}&_start={cursor}");
        }
        let body = client.get(at).bearer_auth(&token).send().await?.error_for_status()?.bytes().await?;
        cursor = page(&body, &mut tally)?;
        if cursor.is_none() {
            return Ok(tally);
        }
    }
}

fn typed_page(body: &[u8], tally: &mut Tally) -> Result<Option<String>> {
    let page: owned::Page = serde_json::from_slice(body)?;
    page.resources.iter().for_each(|record| tally.add(&record.resource_instance_id));
    Ok(page.next.and_then(|next| next.offset))
}

fn borrowed_page(body: &[u8], tally: &mut Tally) -> Result<Option<String>> {
    let page: borrowed::Page<'_> = serde_json::from_slice(body)?;
    page.resources.iter().for_each(|record| tally.add(record.resource_instance_id));
    Ok(page.next.and_then(|next| next.offset).map(str::to_owned))
}

/// Reads only the cursor.
fn bytes_page(body: &[u8], tally: &mut Tally) -> Result<Option<String>> {
    let tail = std::str::from_utf8(&body[body.len().saturating_sub(400)..])?;
    tally.checksum += body.len() as u64;
    let offset = tail.rsplit_once(r#""next":{"offset":""#).and_then(|(_, rest)| rest.split('"').next());
    Ok(offset.map(str::to_owned))
}

/// Reads the pages of invoices, one after another.
async fn invoices(client: &Client, url: &str) -> Result<Tally> {
    #[derive(serde::Deserialize)]
    struct Page {
        results: Vec<Invoice>,
    }
    #[derive(serde::Deserialize)]
    struct Invoice {
        id: String,
    }
    let mut tally = Tally::default();
    for number in 1.. {
        let at = format!("{url}/api/atlas/v2/orgs/4888442a3354817a7320eb61/invoices?pageNum={number}&itemsPerPage=20");
        let page: Page = serde_json::from_slice(&client.get(at).bearer_auth("token").send().await?.bytes().await?)?;
        page.results.iter().for_each(|invoice| tally.add(&invoice.id));
        if page.results.len() < 20 {
            break;
        }
    }
    Ok(tally)
}

async fn csv(client: &Client, url: &str) -> Result<Response> {
    let at = format!("{url}/api/atlas/v2/orgs/4888442a3354817a7320eb61/invoices/666acb8787ba43606905dcae/csv");
    Ok(client.get(at).bearer_auth("token").send().await?)
}

async fn csv_bytes(client: &Client, url: &str) -> Result<Tally> {
    let mut response = csv(client, url).await?;
    let mut tally = Tally::default();
    while let Some(chunk) = response.chunk().await? {
        tally.checksum += chunk.len() as u64;
    }
    Ok(tally)
}

/// Reads the body with the csv crate's synchronous reader, which is the fastest way.
async fn csv_rows(client: &Client, url: &str) -> Result<Tally> {
    /// A blocking reader over the chunks of a body, which arrive over a short channel.
    struct Body(std::sync::mpsc::Receiver<reqwest::Result<Vec<u8>>>, Vec<u8>, usize);

    impl Read for Body {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            if self.2 == self.1.len() {
                match self.0.recv() {
                    Ok(chunk) => (self.1, self.2) = (chunk.map_err(std::io::Error::other)?, 0),
                    Err(_) => return Ok(0),
                }
            }
            let n = out.len().min(self.1.len() - self.2);
            out[..n].copy_from_slice(&self.1[self.2..self.2 + n]);
            self.2 += n;
            Ok(n)
        }
    }

    let mut response = csv(client, url).await?;
    let (send, receive) = std::sync::mpsc::sync_channel(2);
    let reader = std::thread::spawn(move || -> std::result::Result<Tally, csv::Error> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Body(receive, Vec::new(), 0));
        let mut record = csv::StringRecord::new();
        let mut tally = Tally::default();
        while reader.read_record(&mut record)? {
            tally.add(record.get(5).unwrap_or_default());
        }
        Ok(tally)
    });
    while let Some(chunk) = response.chunk().await.transpose() {
        if send.send(chunk.map(Vec::from)).is_err() {
            break;
        }
    }
    drop(send);
    Ok(reader.join().map_err(|_| "the reader panicked")??)
}

/// Makes small calls, one after another.
async fn calls(client: &Client, url: &str, number: u64) -> Result<Tally> {
    #[derive(serde::Deserialize)]
    struct Summary {
        account_id: String,
    }
    let token = token(client, url).await?;
    let mut tally = Tally::default();
    for _ in 0..number {
        let at = format!("{url}/v4/accounts/{ACCOUNT}/summary/2026-01");
        let body = client.get(at).bearer_auth(&token).send().await?.error_for_status()?.bytes().await?;
        tally.add(&serde_json::from_slice::<Summary>(&body)?.account_id);
    }
    Ok(tally)
}
