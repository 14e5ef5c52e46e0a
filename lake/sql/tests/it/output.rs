//! Answers as text and as Parquet.

use cloud_billing_lake_sql::{Answer, Session, output};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::world::{made_up, session};

const SQL: &str = "SELECT * FROM (VALUES
    (CAST('12.30' AS DECIMAL(30, 12)), 'a,\u{1b}\"b\"', TIMESTAMP '2026-10-01T00:00:00Z', 7),
    (CAST('-1000' AS DECIMAL(30, 12)), NULL, NULL, NULL)) AS t(\"Cost\", name, start, n)";

async fn answer() -> (Session, Answer) {
    let session = session(&made_up(1).await);
    let answer = session.query(SQL).await.unwrap();
    (session, answer)
}

#[tokio::test]
async fn a_table_for_people() {
    let (_, answer) = answer().await;
    let table = table(&answer);
    let lines = ["  Cost  name    start                n", " 12.3  a, \"b\"  2026-10-01T00:00:00  7", "-1000"];
    assert_eq!(table.lines().count(), lines.len());
    for (line, start) in table.lines().zip(lines) {
        assert!(line.trim_start().starts_with(start.trim_start()), "{table}");
    }
}

fn table(answer: &Answer) -> String {
    let mut text = Vec::new();
    output::table(answer, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Else each row would be as long.
#[tokio::test]
async fn a_long_cell_of_a_table_is_cut() {
    let session = session(&made_up(1).await);
    let sql = "SELECT repeat('日', 500000) AS long, repeat('\u{301}', 1000) AS marks, 7 AS n
        UNION ALL SELECT * FROM (SELECT 'a', repeat('x', 200), 8 FROM focus LIMIT 400)";
    let table = table(&session.query(sql).await.unwrap());
    assert_eq!(table.lines().count(), 402);
    assert!(table.len() < 402 * 500, "{}", table.len());
    let cut = table.lines().find(|line| line.ends_with('7')).unwrap();
    assert!(cut.starts_with(&format!("{}…  ", "日".repeat(99))), "{cut}");
    assert!(table.contains(&"x".repeat(200)), "what fits is whole");
}

#[tokio::test]
async fn csv_has_all_digits() {
    let (session, _) = answer().await;
    let mut text = Vec::new();
    output::csv(session.stream(SQL).await.unwrap(), &mut text).await.unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text, "Cost,name,start,n\n12.3,\"a,\u{1b}\"\"b\"\"\",2026-10-01T00:00:00,7\n-1000,,,\n");
}

#[tokio::test]
async fn parquet_has_the_types() {
    let (session, answer) = answer().await;
    let mut file = Vec::new();
    output::parquet(session.stream(SQL).await.unwrap(), &mut file).await.unwrap();
    let file = cloud_billing_core::Bytes::from(file);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(batches[0].schema().field(0).data_type(), answer.schema.field(0).data_type());
    let all = |batches: &[_]| batches.iter().flat_map(|batch| output::texts(batch).unwrap()).collect::<Vec<_>>();
    assert_eq!(all(&batches), all(&answer.batches));
}
