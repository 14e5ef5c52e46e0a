use atlas_billing::{BillingMonth, Decimal};
use sqlx::PgPool;

pub async fn create(pool: &PgPool) -> sqlx::Result<()> {
    let table = "CREATE TABLE costs (month text, service text, amount numeric NOT NULL, PRIMARY KEY (month, service))";
    sqlx::query(table).execute(pool).await?;
    Ok(())
}

/// A second time with the same month and service, the amount is replaced: months that are not over grow.
pub async fn store(pool: &PgPool, month: BillingMonth, service: &str, amount: &Decimal) -> sqlx::Result<()> {
    let insert = "INSERT INTO costs VALUES ($1, $2, $3::numeric) ON CONFLICT (month, service) DO UPDATE SET amount = $3::numeric";
    let query = sqlx::query(insert).bind(month.to_string()).bind(service).bind(amount.to_string());
    query.execute(pool).await?;
    Ok(())
}

pub async fn total(pool: &PgPool, month: BillingMonth) -> Result<Decimal, Box<dyn std::error::Error + Send + Sync>> {
    let sum = "SELECT coalesce(sum(amount), 0)::text FROM costs WHERE month = $1";
    let text: String = sqlx::query_scalar(sum).bind(month.to_string()).fetch_one(pool).await?;
    Ok(text.parse()?)
}
