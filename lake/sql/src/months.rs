//! Which bills a filter on `BillingPeriodStart` lets through. All rows of a bill begin in its month, so that neither manifests nor
//! files of other months are read.

use std::collections::HashSet;
use std::sync::Arc;

use cloud_billing_lake::Unit;
use cloud_billing_lake::unit::start_of;
use datafusion::arrow::array::{ArrayRef, BooleanArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Result, ScalarValue};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::prelude::Column;

/// The column.
pub(crate) const START: &str = "BillingPeriodStart";

/// The column alone.
pub(crate) fn schema() -> Schema {
    Schema::new(vec![Field::new(START, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true)])
}

/// The units that a filter lets through, and those of which that cannot be said.
pub(crate) fn within(filter: Arc<dyn PhysicalExpr>, units: Vec<Unit>) -> Result<Vec<Unit>> {
    let verdicts = PruningPredicateBuilder::new()
        .with_file_schema(Arc::new(schema()))
        .try_build(filter)?
        .prune(&Months(&units))?;
    Ok(units.into_iter().zip(verdicts).filter_map(|(unit, verdict)| verdict.then_some(unit)).collect())
}

/// The first and the last instant of each unit's month.
struct Months<'a>(&'a [Unit]);

impl Months<'_> {
    /// In microseconds.
    fn instants(&self, column: &Column, of: impl Fn(&Unit) -> i64) -> Option<ArrayRef> {
        let instants = self.0.iter().map(of);
        let instants = TimestampMicrosecondArray::from_iter_values(instants).with_timezone("UTC");
        (column.name == START).then(|| Arc::new(instants) as ArrayRef)
    }
}

impl PruningStatistics for Months<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.instants(column, |unit| start_of(unit.period).saturating_mul(1_000))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.instants(column, |unit| unit.end().saturating_mul(1_000).saturating_sub(1))
    }

    fn num_containers(&self) -> usize {
        self.0.len()
    }

    fn null_counts(&self, _: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
