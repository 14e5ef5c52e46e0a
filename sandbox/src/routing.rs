//! Routing: the operation of a method and a path.
//!
//! A path is split into segments before the values of its parameters are decoded, so a `%2F` never becomes a
//! separator. Literal parts are compared without decoding: `lineItems%3Asearch` is not `lineItems:search`.

use axum::http::Method;

/// One segment of a path template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// A parameter with the literal text around it: `{invoiceId}:generateAndDownloadReport`.
    Parameter {
        name: String,
        prefix: String,
        suffix: String,
    },
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let Some((prefix, rest)) = text.split_once('{') else {
            return match text.contains('}') {
                false => Ok(Self::Literal(text.to_owned())),
                true => Err(format!("`{text}` closes a brace that it did not open")),
            };
        };
        match rest.split_once('}') {
            Some((name, suffix)) if !name.is_empty() && !suffix.contains(['{', '}']) => {
                Ok(Self::Parameter { name: name.to_owned(), prefix: prefix.to_owned(), suffix: suffix.to_owned() })
            }
            _ => Err(format!("`{text}` is not a name in one pair of braces")),
        }
    }

    /// How specific the segment is. More specific templates are tried first.
    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 2,
            Self::Parameter { prefix, suffix, .. } if prefix.is_empty() && suffix.is_empty() => 0,
            Self::Parameter { .. } => 1,
        }
    }
}

/// A path with parameters, as in `/orgs/{orgId}/invoices`.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    text: String,
    segments: Vec<Segment>,
}

impl Template {
    /// # Errors
    ///
    /// If the text is not a template; the error says why.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let path = text.strip_prefix('/').ok_or_else(|| format!("`{text}` does not begin with a slash"))?;
        let segments = path.split('/').map(Segment::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The template as the spec has it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    fn rank(&self) -> Vec<u8> {
        self.segments.iter().map(Segment::rank).collect()
    }

    /// The raw values of the parameters, if the path fits. A value is neither empty nor a dot segment, since a dot segment
    /// stands for another path.
    fn captures<'t, 'p>(&'t self, path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
        let mut captures = Vec::new();
        let mut parts = path.strip_prefix('/')?.split('/');
        for segment in &self.segments {
            let part = parts.next()?;
            match segment {
                Segment::Literal(text) if text == part => {}
                Segment::Literal(_) => return None,
                Segment::Parameter { name, prefix, suffix } => {
                    let value = part.strip_prefix(prefix.as_str())?.strip_suffix(suffix.as_str())?;
                    if matches!(value, "" | "." | "..") {
                        return None;
                    }
                    captures.push((name.as_str(), value));
                }
            }
        }
        parts.next().is_none().then_some(captures)
    }
}

/// A template and the target of each of its methods.
#[derive(Debug)]
struct Route<T> {
    template: Template,
    methods: Vec<(Method, T)>,
}

/// The result of routing a method and a path.
#[derive(Debug)]
pub(crate) enum Routed<'r, 'p, T> {
    /// The target, and the raw values of the path's parameters.
    Found(&'r T, Vec<(&'r str, &'p str)>),
    /// The path exists, but not with that method.
    WrongMethod { template: &'r Template, allowed: Vec<&'r Method> },
    /// No template fits the path.
    UnknownPath,
}

/// Templates in the order in which they are tried.
#[derive(Debug)]
pub(crate) struct Router<T> {
    routes: Vec<Route<T>>,
}

impl<T> Router<T> {
    pub(crate) fn new(routes: Vec<(Template, Vec<(Method, T)>)>) -> Self {
        let mut routes: Vec<_> = routes.into_iter().map(|(template, methods)| Route { template, methods }).collect();
        routes.sort_by_cached_key(|route| std::cmp::Reverse(route.template.rank()));
        Self { routes }
    }

    /// Routes to the first template that fits, whether or not it has the method.
    pub(crate) fn find<'r, 'p>(&'r self, method: &Method, path: &'p str) -> Routed<'r, 'p, T> {
        for Route { template, methods } in &self.routes {
            let Some(captures) = template.captures(path) else { continue };
            return match methods.iter().find(|(declared, _)| declared == method) {
                Some((_, target)) => Routed::Found(target, captures),
                None => Routed::WrongMethod { template, allowed: methods.iter().map(|(method, _)| method).collect() },
            };
        }
        Routed::UnknownPath
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router<&'static str> {
        let route =
            |template, methods: &[(Method, &'static str)]| (Template::parse(template).unwrap(), methods.to_vec());
        Router::new(vec![
            route("/i/{id}", &[(Method::GET, "one")]),
            route("/i/{id}:generate", &[(Method::POST, "generate")]),
            route("/i/pending", &[(Method::GET, "pending")]),
            route("/i/{id}/lines:search", &[(Method::GET, "search")]),
        ])
    }

    fn found(method: &Method, path: &str) -> Option<(&'static str, String)> {
        match router().find(method, path) {
            Routed::Found(target, captures) => {
                let captures: Vec<_> = captures.iter().map(|(name, value)| format!("{name}={value}")).collect();
                Some((*target, captures.join(",")))
            }
            Routed::WrongMethod { .. } | Routed::UnknownPath => None,
        }
    }

    #[test]
    fn a_literal_beats_a_parameter() {
        assert_eq!(found(&Method::GET, "/i/pending"), Some(("pending", String::new())));
        assert_eq!(found(&Method::GET, "/i/pendings"), Some(("one", "id=pendings".into())));
        assert_eq!(found(&Method::GET, "/i/%70ending"), Some(("one", "id=%70ending".into())));
    }

    #[test]
    fn a_colon_belongs_to_the_last_segment() {
        assert_eq!(found(&Method::POST, "/i/7:generate"), Some(("generate", "id=7".into())));
        assert_eq!(found(&Method::POST, "/i/a:b:generate"), Some(("generate", "id=a:b".into())));
        assert_eq!(found(&Method::GET, "/i/7:other"), Some(("one", "id=7:other".into())));
        assert_eq!(found(&Method::POST, "/i/:generate"), None);
        assert_eq!(found(&Method::POST, "/i/7%3Agenerate"), None);
        assert_eq!(found(&Method::GET, "/i/7/lines:search"), Some(("search", "id=7".into())));
        assert_eq!(found(&Method::GET, "/i/7/lines%3Asearch"), None);
    }

    #[test]
    fn an_encoded_slash_does_not_separate() {
        assert_eq!(found(&Method::GET, "/i/a%2Fb"), Some(("one", "id=a%2Fb".into())));
        for path in ["/i/a/b", "/i/", "/i", "/i/a/", "//i/a", "i/a", "/i/..", "/"] {
            assert_eq!(found(&Method::GET, path), None, "{path}");
        }
    }

    #[test]
    fn the_most_exact_template_decides_about_the_method() {
        let router = router();
        let Routed::WrongMethod { template, allowed } = router.find(&Method::POST, "/i/pending") else {
            panic!("POST is not declared there");
        };
        assert_eq!((template.as_str(), allowed), ("/i/pending", vec![&Method::GET]));
    }

    #[test]
    fn what_is_no_template() {
        for text in ["i", "/{}", "/{a}{b}", "/a}", "/{a", "/{a}}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
