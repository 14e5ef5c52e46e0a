//! Attributes and tokens as text.

use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments among attributes.
pub(super) fn docs(attributes: &[Attribute]) -> String {
    let text = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            other => Some(other.to_token_stream().to_string()),
        },
        _ => None,
    };
    attributes.iter().filter_map(text).collect::<Vec<_>>().join("\n")
}

pub(super) fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

/// Tokens about as a person writes them: the text is compared and shown.
pub(super) fn text(tokens: &impl ToTokens) -> String {
    const LOOSE: [&str; 16] =
        [" :: ", ":: ", " < ", "< ", " <", " >", " ,", " ;", " :", "& ", "( ", " (", " )", "[ ", " ]", " ."];
    LOOSE.iter().fold(tokens.to_token_stream().to_string(), |text, loose| text.replace(loose, loose.trim()))
}
