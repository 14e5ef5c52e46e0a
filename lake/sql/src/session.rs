//! A lake that is asked.

use std::sync::Arc;

use cloud_billing_core::BillingMonth;
use cloud_billing_lake::{Error, Lake, Table};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::{SQLOptions, SessionContext};
use datafusion::logical_expr::AggregateUDF;
use datafusion::logical_expr::registry::FunctionRegistry as _;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionConfig;
use futures_util::{StreamExt, TryStreamExt};

use crate::apis::Apis;
use crate::digits;
use crate::error::{Replaced, is_replaced, of_engine};
use crate::functions;
use crate::snapshot::Snapshot;
use crate::sum::Sum;
use crate::table::{LakeTable, store_url};

/// How often a query is asked whose bills are replaced meanwhile.
const TRIES: u32 = 5;

/// The rows that answer a query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// Their columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

/// A lake that is asked. Each query sees what is current when it begins.
#[derive(Clone, Debug)]
pub struct Session {
    lake: Lake,
    month: BillingMonth,
    apis: Option<Arc<Apis>>,
}

impl Session {
    /// A lake as it is. `getvariable('month')` is the first instant of this month.
    #[must_use]
    pub const fn new(lake: Lake, month: BillingMonth) -> Self {
        Self { lake, month, apis: None }
    }

    /// Reads bills from the services as queries ask for them, into the lake. Queries must then say of which month and account.
    #[must_use]
    pub fn over(mut self, apis: Apis) -> Self {
        self.apis = Some(Arc::new(apis));
        self
    }

    /// A context of the engine, with the tables as they are now. It is for one query: a later one would see the same files,
    /// which may be gone.
    ///
    /// # Errors
    ///
    /// If a table cannot be offered.
    pub fn context(&self) -> Result<SessionContext, Error> {
        let context = self.try_context().map_err(|error| of_engine(&error));
        context.map(|(context, _)| context)
    }

    fn try_context(&self) -> Result<(SessionContext, Arc<Snapshot>), DataFusionError> {
        let mut context = SessionContext::new_with_config(config());
        context.register_function_rewrite(Arc::new(digits::Rule))?;
        context.register_udaf(AggregateUDF::from(Sum::default()));
        for function in functions::all(self.month) {
            context.register_udf(function);
        }
        let url = store_url()?;
        context.register_object_store(url.as_ref(), Arc::clone(self.lake.store()));
        let snapshot = Arc::new(Snapshot::new(self.lake.clone(), self.apis.clone()));
        for table in Table::ALL {
            context.register_table(table.name(), Arc::new(LakeTable::new(table, Arc::clone(&snapshot))))?;
        }
        Ok((context, snapshot))
    }

    /// Asks, and returns the rows as they come.
    ///
    /// # Errors
    ///
    /// If the query is none, or changes something; here and in the stream, if a bill cannot be read. One that is replaced
    /// while it is read is such an error, for which [`output`](crate::output) has a text.
    pub async fn stream(&self, sql: &str) -> Result<SendableRecordBatchStream, Error> {
        self.try_stream(sql).await.map_err(|error| of_engine(&error))
    }

    async fn try_stream(&self, sql: &str) -> Result<SendableRecordBatchStream, DataFusionError> {
        let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let (context, snapshot) = self.try_context()?;
        let rows = context.sql_with_options(sql, reads).await?.execute_stream().await?;
        let schema = rows.schema();
        let fits =
            |rows: RecordBatch| rows.columns().iter().try_for_each(|column| digits::check(column)).map(|()| rows);
        let rows = rows.map(move |rows| rows.and_then(fits)).or_else(move |error| {
            let snapshot = Arc::clone(&snapshot);
            async move {
                let is_stale = snapshot.is_stale().await;
                Err(if is_stale { DataFusionError::External(Replaced.into()) } else { error })
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    /// Asks, and returns all rows. If a bill is replaced while it is read, it asks again.
    ///
    /// # Errors
    ///
    /// As of [`stream`](Self::stream).
    pub async fn query(&self, sql: &str) -> Result<Answer, Error> {
        let mut tries = 1;
        loop {
            match self.try_query(sql).await {
                Err(error) if is_replaced(&error) && tries < TRIES => tries += 1,
                answer => return answer.map_err(|error| of_engine(&error)),
            }
        }
    }

    async fn try_query(&self, sql: &str) -> Result<Answer, DataFusionError> {
        let stream = self.try_stream(sql).await?;
        let schema = stream.schema();
        Ok(Answer { schema, batches: stream.try_collect().await? })
    }
}

fn config() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    let parser = &mut config.options_mut().sql_parser;
    // Else `cost * 0.9` is a float.
    parser.parse_float_as_decimal = true;
    // Columns of FOCUS have capitals, and no quotes are needed.
    parser.enable_ident_normalization = false;
    // As DuckDB sorts.
    "nulls_last".clone_into(&mut parser.default_null_ordering);
    config
}
