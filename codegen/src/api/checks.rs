//! Checks of values before they are sent, as the generated code writes them.

use syn::{Expr, ExprLit, Lit, Member, UnOp};

use super::docs::text;

/// One check. Bounds are inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Text of one class of characters.
    Chars { class: Vec<(char, char)>, min: i128, max: i128, anchored: bool },
    /// `Length`, `Items` (their number) or `Range` (the value itself), with the least and the greatest.
    Bounds(String, i128, i128),
    /// An unknown check, as source text.
    Other(String),
}

/// How the checks of a value changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Same,
    /// Everything that passed before passes now.
    Looser,
    /// Something that passed before may be refused now.
    Tighter,
}

/// How a list of checks changed. It is looser if each new check follows from an old one, else tighter.
pub(super) fn shift(old: &[Check], new: &[Check]) -> Shift {
    if old == new {
        return Shift::Same;
    }
    let admitted = new.iter().all(|check| old.iter().any(|known| known.implies(check)));
    if admitted { Shift::Looser } else { Shift::Tighter }
}

impl Check {
    /// Whether everything that passes this passes `other`.
    fn implies(&self, other: &Self) -> bool {
        let within = |min: i128, max: i128, low: i128, high: i128| low <= min && max <= high;
        match (self, other) {
            (Self::Bounds(kind, min, max), Self::Bounds(of, low, high)) => {
                kind == of && within(*min, *max, *low, *high)
            }
            (
                Self::Chars { class, min, max, anchored },
                Self::Chars { class: of, min: low, max: high, anchored: whole },
            ) => {
                let known = |c: char| of.iter().any(|(first, last)| (*first..=*last).contains(&c));
                (*anchored || !whole)
                    && within(*min, *max, *low, *high)
                    && class.iter().all(|(first, last)| (*first..=*last).all(known))
            }
            // If the pattern is anchored, the bounds of its repetition are the bounds of the length.
            (Self::Chars { min, max, anchored: true, .. }, Self::Bounds(kind, low, high)) => {
                kind == "Length" && within(*min, *max, *low, *high)
            }
            _ => self == other,
        }
    }

    /// As the outline shows it.
    pub(super) fn shown(&self) -> String {
        let end = |bound: i128, open: bool| if open { String::new() } else { bound.to_string() };
        match self {
            Self::Chars { class, min, max, .. } => {
                let range = |(first, last): &(char, char)| {
                    if first == last { first.to_string() } else { format!("{first}-{last}") }
                };
                let class: String = class.iter().map(range).collect();
                format!("[{class}]{{{min},{}}}", end(*max, *max == OPEN))
            }
            Self::Bounds(kind, min, max) => {
                let kind = kind.to_lowercase();
                format!("{kind} {}..{}", end(*min, *min == -OPEN), end(*max, *max == OPEN))
            }
            Self::Other(text) => text.clone(),
        }
    }
}

/// Several checks in one text.
pub(super) fn shown(checks: &[Check]) -> String {
    let all: Vec<String> = checks.iter().map(Check::shown).collect();
    if all.is_empty() { "no check".to_owned() } else { all.join(", ") }
}

/// The bound of a side that has none. The code has the `MAX` or `MIN` of some integer type there.
const OPEN: i128 = i128::MAX;

/// `&[Constraint::..., ...]`.
pub(super) fn list(expression: &Expr) -> Option<Vec<Check>> {
    let Expr::Reference(reference) = expression else { return None };
    let Expr::Array(array) = &*reference.expr else { return None };
    Some(array.elems.iter().map(one).collect())
}

fn one(expression: &Expr) -> Check {
    read(expression).unwrap_or_else(|| Check::Other(text(expression)))
}

fn read(expression: &Expr) -> Option<Check> {
    let Expr::Struct(item) = expression else { return None };
    let field = |name: &str| {
        let named = |member: &Member| matches!(member, Member::Named(ident) if ident == name);
        item.fields.iter().find(|field| named(&field.member)).map(|field| &field.expr)
    };
    let kind = item.path.segments.last()?.ident.to_string();
    let (min, max) = (number(field("min")?)?, number(field("max")?)?);
    match kind.as_str() {
        "Chars" => {
            let Expr::Reference(class) = field("class")? else { return None };
            let Expr::Array(class) = &*class.expr else { return None };
            let class = class.elems.iter().map(range).collect::<Option<_>>()?;
            let anchored = text(field("anchored")?) == "true";
            Some(Check::Chars { class, min, max, anchored })
        }
        "Length" | "Items" | "Range" if item.fields.len() == 2 => Some(Check::Bounds(kind, min, max)),
        _ => None,
    }
}

fn range(expression: &Expr) -> Option<(char, char)> {
    let Expr::Tuple(pair) = expression else { return None };
    let character = |expression: &Expr| match expression {
        Expr::Lit(ExprLit { lit: Lit::Char(c), .. }) => Some(c.value()),
        _ => None,
    };
    Some((character(pair.elems.first()?)?, character(pair.elems.get(1)?)?))
}

fn number(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        Expr::Path(path) => match path.path.segments.last()?.ident.to_string().as_str() {
            "MAX" => Some(OPEN),
            "MIN" => Some(-OPEN),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str) -> Vec<Check> {
        syn::parse_str::<Expr>(text).ok().as_ref().and_then(list).unwrap_or_default()
    }

    #[test]
    fn what_is_refused_anew_is_tighter() {
        let digits =
            |max: &str| format!("&[Constraint::Chars {{ class: &[('0', '9')], min: 1, max: {max}, anchored: true }}]");
        let range = |min: i64, max: &str| format!("&[Constraint::Range {{ min: {min}, max: {max} }}]");
        let length = "&[Constraint::Length { min: 1, max: 9 }]";
        let pairs = [
            (range(1, "500"), range(1, "100"), Shift::Tighter),
            (range(1, "100"), range(1, "500"), Shift::Looser),
            (range(1, "100"), range(-1, "i64::MAX"), Shift::Looser),
            (range(1, "i64::MAX"), range(1, "i64::MAX"), Shift::Same),
            ("&[]".to_owned(), range(1, "5"), Shift::Tighter),
            (range(1, "5"), "&[]".to_owned(), Shift::Looser),
            (digits("9"), digits("8"), Shift::Tighter),
            (digits("9"), digits("usize::MAX"), Shift::Looser),
            (digits("9"), digits("9").replace("('0', '9')", "('0', '4'), ('4', 'f')"), Shift::Looser),
            (digits("9"), digits("9").replace("'9'", "'8'"), Shift::Tighter),
            (digits("9"), digits("9").replace("true", "false"), Shift::Looser),
            (digits("9"), length.to_owned(), Shift::Looser),
            (length.to_owned(), digits("9"), Shift::Tighter),
            ("&[Other(1)]".to_owned(), "&[Other(2)]".to_owned(), Shift::Tighter),
        ];
        for (old, new, expected) in pairs {
            assert_eq!(shift(&checks(&old), &checks(&new)), expected, "{old} -> {new}");
        }
        assert_eq!(shown(&checks(&range(1, "i64::MAX"))), "range 1..");
        assert_eq!(shown(&checks(&digits("9"))), "[0-9]{1,9}");
    }
}
