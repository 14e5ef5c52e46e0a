//! A table of the lake: the files that manifests name, of units or of compacted months.

use std::sync::Arc;

use async_trait::async_trait;
use cloud_billing_lake::manifest::File;
use cloud_billing_lake::merge::{self, ACCOUNT};
use cloud_billing_lake::{Compaction, Error, Manifest, Table, Unit, parquet};
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, Result, ScalarValue, project_schema};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::listing::helpers::expr_applicable_for_cols;
use datafusion::datasource::physical_plan::parquet::DefaultParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfigBuilder, ParquetFileReaderFactory, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};

use crate::apis::Asked;
use crate::months;
use crate::snapshot::Snapshot;

/// The columns that are names of folders.
///
/// The account is the first of them: in compacted files it is the last column within, and the others are names of folders.
pub(crate) const PARTITIONS: [&str; 3] = [ACCOUNT, "service", "billing_period"];

/// Where the engine finds the store of the lake.
pub(crate) fn store_url() -> Result<ObjectStoreUrl> {
    ObjectStoreUrl::parse("lake://bills")
}

/// Opens files. The engine keeps figures of each file until the query ends, which are 6 kB; nothing here shows them.
#[derive(Debug)]
struct Files(DefaultParquetFileReaderFactory);

impl ParquetFileReaderFactory for Files {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        hint: Option<usize>,
        _: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        self.0.create_reader(partition, file, hint, &ExecutionPlanMetricsSet::new())
    }
}

/// A table of the lake.
#[derive(Debug)]
pub(crate) struct LakeTable {
    table: Table,
    /// Of files of units.
    schema: TableSchema,
    /// Of compacted files. The columns are the same, in the same order.
    compacted: TableSchema,
    snapshot: Arc<Snapshot>,
}

/// The columns of files, and behind them those that are names of folders.
fn columns(within: SchemaRef, folders: &[&str]) -> TableSchema {
    let folders = folders.iter().map(|name| FieldRef::new(Field::new(*name, DataType::Utf8, false)));
    TableSchema::builder(within).with_table_partition_cols(folders.collect::<Vec<_>>()).build()
}

impl LakeTable {
    pub(crate) fn new(table: Table, snapshot: Arc<Snapshot>) -> Self {
        let [_, folders @ ..] = PARTITIONS;
        let schema = columns(parquet::schema(table.fields()), &PARTITIONS);
        Self { table, schema, compacted: columns(merge::schema(table), &folders), snapshot }
    }

    /// The manifests of the units that the filters let through.
    async fn manifests(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<Arc<Manifest>>> {
        let filter = physical(state, filters, &PARTITIONS, &folders())?;
        let asked = match &filter {
            Some(filter) if self.snapshot.is_filled() => Asked::of(filter),
            _ => Asked::default(),
        };
        let mut units = self.snapshot.units(&asked).await.map_err(external)?;
        if let Some(filter) = filter {
            units = matching(&filter, units)?;
        }
        if let Some(filter) = physical(state, filters, &[months::START], &months::schema())?
            && self.table == Table::CostAndUsage
        {
            units = months::within(filter, units)?;
        }
        self.snapshot.manifests(units).await.map_err(external)
    }

    /// The files of this table of units.
    fn files(&self, manifests: &[Arc<Manifest>]) -> Vec<PartitionedFile> {
        let folder = format!("{}/", self.table.folder());
        let of = |it: &Arc<Manifest>| (it.files.clone(), values(&it.unit).to_vec());
        manifests.iter().map(of).flat_map(|(files, values)| partitioned(files, &folder, values)).collect()
    }

    /// The compacted files of this table.
    fn compacted_files(&self, compactions: &[Arc<Compaction>]) -> Vec<PartitionedFile> {
        let of = |it: &Arc<Compaction>| {
            let values = vec![it.month.service.to_string(), it.month.period.to_string()];
            partitioned(it.files.clone(), &format!("{}/", it.month.folder(self.table)), values)
        };
        compactions.iter().flat_map(of).collect()
    }
}

/// Those files that are below a folder, with the values of their own folders.
fn partitioned(files: Vec<File>, below: &str, values: Vec<String>) -> Vec<PartitionedFile> {
    let values: Vec<_> = values.into_iter().map(|value| ScalarValue::Utf8(Some(value))).collect();
    let files = files.into_iter().filter(|file| file.path.starts_with(below));
    files.map(|file| PartitionedFile::new(file.path, file.bytes).with_partition_values(values.clone())).collect()
}

/// What the columns of [`PARTITIONS`] hold.
fn values(unit: &Unit) -> [String; 3] {
    [format!("a-{}", unit.account), unit.service.to_string(), unit.period.to_string()]
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(error.into())
}

/// Whether these columns alone decide a filter.
fn is_of(filter: &Expr, columns: &[&str]) -> bool {
    use Expr::{Exists, InSubquery, ScalarSubquery, SetComparison};

    let queries = |it: &Expr| matches!(it, ScalarSubquery(_) | InSubquery(_) | Exists(_) | SetComparison(_));
    let queries = filter.exists(|it| Ok(queries(it))).unwrap_or(true);
    !queries && !filter.column_refs().is_empty() && expr_applicable_for_cols(columns, filter)
}

fn folders() -> Schema {
    Schema::new(PARTITIONS.map(|name| Field::new(name, DataType::Utf8, false)).to_vec())
}

/// Those of the filters that these columns alone decide, as one.
fn physical(
    state: &dyn Session,
    filters: &[Expr],
    columns: &[&str],
    schema: &Schema,
) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let filters = filters.iter().filter(|filter| is_of(filter, columns)).cloned();
    let schema = DFSchema::try_from(schema.clone())?;
    conjunction(filters).map(|filter| state.create_physical_expr(filter, &schema)).transpose()
}

/// The units that a filter lets through.
fn matching(filter: &Arc<dyn PhysicalExpr>, units: Vec<Unit>) -> Result<Vec<Unit>> {
    let rows: Vec<[String; 3]> = units.iter().map(values).collect();
    let column = |at: usize| Arc::new(rows.iter().map(|row| row.get(at)).collect::<StringArray>()) as ArrayRef;
    let batch = RecordBatch::try_new(Arc::new(folders()), vec![column(0), column(1), column(2)])?;
    let verdicts = filter.evaluate(&batch)?.into_array(units.len())?;
    let verdicts = verdicts.as_boolean().iter();
    Ok(units.into_iter().zip(verdicts).filter_map(|(unit, verdict)| (verdict == Some(true)).then_some(unit)).collect())
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.schema.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // The others choose row groups, and are asked again of each row.
        let of = |filter: &&Expr| match is_of(filter, &PARTITIONS) {
            true => TableProviderFilterPushDown::Exact,
            false => TableProviderFilterPushDown::Inexact,
        };
        Ok(filters.iter().map(of).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (copies, units) = self.snapshot.compacted(self.manifests(state, filters).await?).await;
        let files = [(&self.schema, self.files(&units)), (&self.compacted, self.compacted_files(&copies))];
        let store = state.runtime_env().object_store(store_url()?)?;
        let reader = Arc::new(Files(DefaultParquetFileReaderFactory::new(store)));
        let mut scans = Vec::new();
        for (schema, files) in files.into_iter().filter(|(_, files)| !files.is_empty()) {
            let groups = FileGroup::new(files).split_files(state.config().target_partitions());
            let source = ParquetSource::new(schema.clone());
            let source = source.with_parquet_file_reader_factory(Arc::clone(&reader) as Arc<_>);
            let scan = FileScanConfigBuilder::new(store_url()?, Arc::new(source))
                .with_file_groups(groups)
                .with_projection_indices(projection.cloned())?
                .with_limit(limit);
            scans.push(DataSourceExec::from_data_source(scan.build()) as Arc<dyn ExecutionPlan>);
        }
        match scans.len() {
            0 => Ok(Arc::new(EmptyExec::new(project_schema(&self.schema(), projection)?))),
            // One of them is that one.
            _ => UnionExec::try_new(scans),
        }
    }
}
