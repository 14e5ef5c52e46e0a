//! `sum` of numbers that does not wrap.
//!
//! The engine's own sum of decimals wraps beyond 38 digits, and that of whole numbers beyond 64 bits, both without a word. This one
//! takes its place under its name: decimals and whole numbers are added up as decimals of 38 digits, and what does not fit is an
//! error. Floats are the engine's.
//!
//! An accumulator holds 128 bits, more than 38 digits, and its state is checked whenever it leaves it: for the result, and for
//! another accumulator. Between those, a sum that passes the 128 bits stays at their end, which is checked too.

use std::mem::size_of;

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, DecimalType, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err, not_impl_err, plan_err};
use datafusion::functions_aggregate;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature, Volatility,
};
use datafusion_functions_aggregate_common::aggregate::groups_accumulator::prim_op::PrimitiveGroupsAccumulator;

/// Digits of a whole number of 64 bits.
const WHOLE: u8 = 20;

/// A sum that has left the 128 bits, and never comes back.
const LOST: i128 = i128::MAX;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    signature: Signature,
    floats: functions_aggregate::sum::Sum,
}

impl Default for Sum {
    fn default() -> Self {
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { signature, floats: functions_aggregate::sum::Sum::new() }
    }
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [of] = types else { return plan_err!("sum takes one argument, and not {}", types.len()) };
        Ok(vec![match of {
            DataType::Decimal32(digits, scale)
            | DataType::Decimal64(digits, scale)
            | DataType::Decimal128(digits, scale) => DataType::Decimal128(*digits, *scale),
            of if of.is_integer() => DataType::Decimal128(WHOLE, 0),
            of if of.is_floating() => DataType::Float64,
            DataType::Null => DataType::Float64,
            of => return plan_err!("sum adds up numbers of at most 38 digits, and not {of}"),
        }])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            // As many digits more as ten billion rows can make.
            [DataType::Decimal128(digits, scale)] => {
                Ok(DataType::Decimal128(DECIMAL128_MAX_PRECISION.min(digits.saturating_add(10)), *scale))
            }
            _ => Ok(DataType::Float64),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match digits(args.return_field.data_type()) {
            // The engine makes another query of one that has `DISTINCT` in all of its aggregates.
            Some(_) if args.is_distinct => {
                not_impl_err!("sum(DISTINCT ...) beside other aggregates: add up a SELECT DISTINCT in its place")
            }
            Some((digits, scale)) => Ok(Box::new(Total { digits, scale, sum: 0, count: 0 })),
            None => self.floats.accumulator(args),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match digits(args.return_field.data_type()) {
            Some(_) => self.accumulator(args),
            None => self.floats.create_sliding_accumulator(args),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.floats.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        match digits(args.return_field.data_type()) {
            Some((digits, scale)) => Ok(Box::new(Totals {
                digits,
                scale,
                sums: PrimitiveGroupsAccumulator::new(args.return_field.data_type(), |sum, next| {
                    *sum = added(*sum, next);
                }),
            })),
            None => self.floats.create_groups_accumulator(args),
        }
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

fn digits(of: &DataType) -> Option<(u8, i8)> {
    match of {
        DataType::Decimal128(digits, scale) => Some((*digits, *scale)),
        _ => None,
    }
}

fn added(sum: i128, next: i128) -> i128 {
    if sum == LOST { LOST } else { sum.checked_add(next).unwrap_or(LOST) }
}

fn fits(sum: i128, digits: u8, scale: i8) -> Result<()> {
    match Decimal128Type::is_valid_decimal_precision(sum, digits) {
        true => Ok(()),
        false => exec_err!("a sum has more than {digits} digits, of which {scale} are behind the point"),
    }
}

/// One sum.
#[derive(Debug)]
struct Total {
    digits: u8,
    scale: i8,
    sum: i128,
    /// How many numbers are in it: the sum of none is null.
    count: u64,
}

impl Accumulator for Total {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in numbers(values).iter().flatten() {
            self.sum = added(self.sum, value);
            self.count += 1;
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        // What is lost cannot be taken out again.
        fits(self.sum, self.digits, self.scale)?;
        for value in numbers(values).iter().flatten() {
            self.sum = self.sum.checked_sub(value).unwrap_or(LOST);
            self.count = self.count.saturating_sub(1);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        fits(self.sum, self.digits, self.scale)?;
        Ok(ScalarValue::Decimal128((self.count > 0).then_some(self.sum), self.digits, self.scale))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

fn numbers(values: &[ArrayRef]) -> &datafusion::arrow::array::Decimal128Array {
    // The engine calls with one argument of the coerced type.
    values[0].as_primitive::<Decimal128Type>()
}

/// A sum for each group.
struct Totals<F: Fn(&mut i128, i128) + Send + Sync + 'static> {
    digits: u8,
    scale: i8,
    sums: PrimitiveGroupsAccumulator<Decimal128Type, F>,
}

impl<F: Fn(&mut i128, i128) + Send + Sync + 'static> GroupsAccumulator for Totals<F> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.sums.update_batch(values, groups, filter, total)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.sums.merge_batch(states, groups, total)
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let sums = self.sums.evaluate(emit)?;
        let mut all = sums.as_primitive::<Decimal128Type>().iter().flatten();
        all.try_for_each(|sum| fits(sum, self.digits, self.scale))?;
        Ok(sums)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit)?])
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.sums.convert_to_state(values, filter)
    }

    fn size(&self) -> usize {
        self.sums.size()
    }
}
