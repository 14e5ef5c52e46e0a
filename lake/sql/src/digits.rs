//! Decimals that have more digits than their type.
//!
//! The engine checks whether the results of `+`, `-`, `*` and `/` stay within 128 bits, which hold some numbers of 39 digits. Where
//! it makes a text of one it cuts off the last digit. So each result of an operator is checked, and each value of an answer.

use datafusion::arrow::array::{Array, AsArray, make_array};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, exec_datafusion_err, internal_err};
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

/// Whether all decimals of a column, also those within its lists and objects, have at most the digits of their type.
pub(crate) fn check(column: &dyn Array) -> Result<()> {
    let (digits, scale, fits) = match column.data_type() {
        DataType::Decimal128(digits, scale) => {
            (digits, scale, column.as_primitive::<Decimal128Type>().validate_decimal_precision(*digits))
        }
        DataType::Decimal256(digits, scale) => {
            (digits, scale, column.as_primitive::<Decimal256Type>().validate_decimal_precision(*digits))
        }
        of if of.is_nested() => {
            let data = column.to_data();
            let mut parts = data.child_data().iter().cloned().map(make_array);
            return parts.try_for_each(|part| check(&part));
        }
        _ => return Ok(()),
    };
    fits.map_err(|_| {
        exec_datafusion_err!(
            "a number has more than {digits} digits, of which {scale} are behind the point (factors of fewer digits \
             help, as in CAST(a * b AS DECIMAL(30, 12)) * c)"
        )
    })
}

/// Lets each decimal result of an operator be checked.
#[derive(Debug)]
pub(crate) struct Rule;

impl FunctionRewrite for Rule {
    fn name(&self) -> &'static str {
        "digits"
    }

    fn rewrite(&self, expr: Expr, schema: &DFSchema, _: &ConfigOptions) -> Result<Transformed<Expr>> {
        let is_decimal = matches!(expr, Expr::BinaryExpr(_))
            && expr.get_type(schema).is_ok_and(|of| matches!(of, DataType::Decimal128(..) | DataType::Decimal256(..)));
        Ok(match is_decimal {
            true => Transformed::yes(ScalarUDF::from(Checked::default()).call(vec![expr])),
            false => Transformed::no(expr),
        })
    }
}

/// Its argument, if that has no more digits than its type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked(Signature);

impl Default for Checked {
    fn default() -> Self {
        Self(Signature::any(1, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &'static str {
        "checked"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        types.first().cloned().map_or_else(|| internal_err!("nothing to check"), Ok)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        args.arg_fields.first().cloned().map_or_else(|| internal_err!("nothing to check"), Ok)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(value) = args.args.into_iter().next() else { return internal_err!("nothing to check") };
        match &value {
            ColumnarValue::Array(array) => check(array)?,
            ColumnarValue::Scalar(scalar) => check(&scalar.to_array()?)?,
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, Decimal128Array, Decimal256Array, StructArray};
    use datafusion::arrow::datatypes::{Field, i256};

    use super::*;

    #[test]
    fn numbers_of_any_column_are_checked() {
        let fits = i128::MAX / 10;
        for (number, is_right) in [(fits, true), (-fits, true), (i128::MAX, false), (i128::MIN, false)] {
            let decimals = Decimal128Array::from(vec![None, Some(number)]).with_data_type(DataType::Decimal128(38, 36));
            let field = Arc::new(Field::new("a", decimals.data_type().clone(), true));
            let object = StructArray::from(vec![(field, Arc::new(decimals.clone()) as ArrayRef)]);
            let wide =
                Decimal256Array::from(vec![i256::from_i128(number)]).with_data_type(DataType::Decimal256(38, 36));
            let columns: [&dyn Array; 3] = [&decimals, &object, &wide];
            assert!(columns.iter().all(|column| check(*column).is_ok() == is_right), "{number}");
        }
    }
}
