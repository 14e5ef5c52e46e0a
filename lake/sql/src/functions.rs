//! Functions that the engine lacks. They have the names that DuckDB has for them, so that one text asks both.
//!
//! | function | is |
//! |---|---|
//! | `strftime(time, format)` | a time as text: `'%Y-%m'` |
//! | `getvariable('month')` | the first instant of the session's month |
//! | `ratio(amount, units)` | a quotient with six digits, cut off; null if there are no units |
//! | `json_exists(json, '$.key')` | whether an object has a key |
//! | `json_extract_string(json, '$.key')` | what it has there |

use std::sync::Arc;

use cloud_billing_core::BillingMonth;
use cloud_billing_lake::unit::start_of;
use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Decimal128Array, StringArray};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, DecimalType, TimeUnit, i256};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::functions::datetime::to_char;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use serde_json::{Map, Value};

/// All of them.
pub(crate) fn all(month: BillingMonth) -> Vec<ScalarUDF> {
    let mut all = vec![to_char().as_ref().clone().with_aliases(["strftime"])];
    let month = Function::new("getvariable", vec![DataType::Utf8], What::Month(start_of(month).saturating_mul(1_000)));
    let texts = || vec![DataType::Utf8, DataType::Utf8];
    let decimals = vec![DataType::Decimal128(38, 12); 2];
    let others = [
        month,
        Function::new("ratio", decimals, What::Ratio),
        Function::new("json_exists", texts(), What::Exists),
        Function::new("json_extract_string", texts(), What::Text),
    ];
    all.extend(others.map(ScalarUDF::new_from_impl));
    all
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Function {
    name: &'static str,
    takes: Vec<DataType>,
    signature: Signature,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    /// An instant, in microseconds.
    Month(i64),
    Ratio,
    Exists,
    Text,
}

impl Function {
    fn new(name: &'static str, takes: Vec<DataType>, what: What) -> Self {
        Self { name, takes, signature: Signature::user_defined(Volatility::Immutable), what }
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let takes = self.takes.len();
        if types.len() != takes {
            return plan_err!("{} takes {takes} arguments, and not {}", self.name, types.len());
        }
        Ok(self.takes.clone())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.what {
            What::Month(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            What::Ratio => DataType::Decimal128(38, 6),
            What::Exists => DataType::Boolean,
            What::Text => DataType::Utf8,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let What::Month(start) = self.what {
            return month(start, &args.args);
        }
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [one, two] = arrays.as_slice() else { return exec_err!("{} takes two arguments", self.name) };
        let array: ArrayRef = match self.what {
            What::Ratio => Arc::new(ratios(one, two)?),
            What::Exists => Arc::new(
                each(one, two, |object, key| Some(object.contains_key(key)))?.into_iter().collect::<BooleanArray>(),
            ),
            What::Text | What::Month(_) => Arc::new(each(one, two, text)?.into_iter().collect::<StringArray>()),
        };
        Ok(ColumnarValue::Array(array))
    }
}

fn month(start: i64, args: &[ColumnarValue]) -> Result<ColumnarValue> {
    match args {
        [ColumnarValue::Scalar(name)] if name.try_as_str() == Some(Some("month")) => {
            Ok(ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(Some(start), Some("UTC".into()))))
        }
        _ => exec_err!("there is one variable: getvariable('month')"),
    }
}

fn ratios(amounts: &ArrayRef, units: &ArrayRef) -> Result<Decimal128Array> {
    let (amounts, units) = (amounts.as_primitive::<Decimal128Type>(), units.as_primitive::<Decimal128Type>());
    let ratio = |(amount, units): (Option<i128>, Option<i128>)| match (amount, units) {
        (Some(amount), Some(units)) if units != 0 => ratio(amount, units).map(Some),
        _ => Ok(None),
    };
    let ratios: Decimal128Array = amounts.iter().zip(units).map(ratio).collect::<Result<_>>()?;
    Ok(ratios.with_precision_and_scale(38, 6)?)
}

/// A quotient of two numbers with as many digits behind the point, in millionths.
fn ratio(amount: i128, units: i128) -> Result<i128> {
    let millions = i256::from_i128(amount).wrapping_mul(i256::from_i128(1_000_000));
    let quotient = millions.checked_div(i256::from_i128(units)).and_then(i256::to_i128);
    match quotient.filter(|quotient| Decimal128Type::is_valid_decimal_precision(*quotient, 38)) {
        Some(quotient) => Ok(quotient),
        None => exec_err!("a ratio has more than 38 digits"),
    }
}

/// Applies a function to each object and its key.
fn each<T>(
    objects: &ArrayRef,
    paths: &ArrayRef,
    of: impl Fn(&Map<String, Value>, &str) -> Option<T>,
) -> Result<Vec<Option<T>>> {
    let one = |(json, path): (Option<&str>, Option<&str>)| {
        let (Some(json), Some(path)) = (json, path) else { return Ok(None) };
        let Some(key) = key(path) else {
            return exec_err!("`{path}` is no path of one key, such as $.env or $.\"cost center\"");
        };
        match serde_json::from_str(json) {
            Ok(Value::Object(object)) => Ok(of(&object, key)),
            Ok(_) => Ok(None),
            Err(error) => exec_err!("a value is no JSON: {error}"),
        }
    };
    objects.as_string::<i32>().iter().zip(paths.as_string::<i32>()).map(one).collect()
}

/// The key of a path.
fn key(path: &str) -> Option<&str> {
    let key = path.strip_prefix("$.")?;
    if let Some(quoted) = key.strip_prefix('"') {
        return quoted.strip_suffix('"').filter(|key| !key.contains(['"', '\\']));
    }
    (!key.is_empty() && !key.contains(['.', '[', '"', '*'])).then_some(key)
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
