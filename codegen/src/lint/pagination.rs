//! `x-sdk-pagination`: the names in it exist, and the client can paginate with what they name.

use serde_json::Value;

use super::{Operation, Spec};
use crate::node::Node;

/// The keys of a style, by the kind of thing that they name.
struct Style {
    name: &'static str,
    /// Query parameters.
    parameters: &'static [&'static str],
    /// Lists in the success schema.
    lists: &'static [&'static str],
    /// Text in the success schema.
    texts: &'static [&'static str],
    /// Keys that name nothing in the spec.
    others: &'static [&'static str],
}

const STYLES: [Style; 2] = [
    Style {
        name: "cursor",
        parameters: &["token", "size"],
        lists: &["items"],
        texts: &["next-href", "next-token"],
        others: &[],
    },
    Style {
        name: "page-number",
        parameters: &["page", "size"],
        lists: &["items", "links"],
        texts: &[],
        others: &["next-rel", "total"],
    },
];

/// The pagination of one operation.
struct Pagination<'s, 'a> {
    spec: &'s Spec<'a>,
    operation: &'s Operation<'s>,
    style: &'static Style,
    mark: &'s Node<'a>,
}

pub(super) fn check(spec: &Spec<'_>, operation: &Operation<'_>, mark: &Node<'_>) {
    let wanted = mark.text("style").unwrap_or_default();
    let Some(style) = STYLES.iter().find(|style| style.name == wanted) else {
        let message = format!("`{wanted}` is not a style");
        let help = format!("`style` is `{}`", STYLES.map(|style| style.name).join("` or `"));
        return spec.report(&mark.pointer.join("style"), "extension-target", message, &help);
    };
    let pagination = Pagination { spec, operation, style, mark };
    pagination.keys();
    pagination.parameters();
    let Some(page) = operation.success_schema() else {
        let message = format!("{} does not answer in JSON", operation.name());
        return pagination.refuse("items", "extension-target", message, "remove the extension");
    };
    pagination.lists(&page);
    pagination.texts(&page);
    pagination.total(&page);
    pagination.id(&page);
}

impl<'s, 'a> Pagination<'s, 'a> {
    fn refuse(&self, key: &str, rule: &'static str, message: String, help: &str) {
        self.spec.report(&self.mark.pointer.join(key), rule, message, help);
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.mark.text(key)
    }

    /// Checks that every key has a meaning for the style, and that none is missing.
    fn keys(&self) {
        let Style { name, parameters, lists, texts, others } = self.style;
        let known = [*parameters, *lists, *texts, *others].concat();
        for (key, _) in self.mark.members() {
            if ["style", "id"].iter().chain(&known).any(|known| *known == key) {
                continue;
            }
            let help = format!("it has: {}", known.join(", "));
            self.refuse(&key, "extension-target", format!("`{key}` has no meaning for the style `{name}`"), &help);
        }
        for key in [*parameters, *lists].concat() {
            if !self.mark.has(key) {
                let help = format!("the style `{name}` needs: style, {}", [*parameters, *lists].concat().join(", "));
                self.spec.report(&self.mark.pointer, "extension-target", format!("`{key}` is missing"), help);
            }
        }
        if !texts.is_empty() && !texts.iter().any(|key| self.mark.has(key)) {
            let help = "name the property with the link to the next page as `next-href`, or the one with the cursor \
                        itself as `next-token`";
            let message = "neither `next-href` nor `next-token` is given";
            self.spec.report(&self.mark.pointer, "pagination-next", message, help);
        }
    }

    fn parameters(&self) {
        let declared = self.operation.parameters();
        for key in self.style.parameters {
            let Some(name) = self.text(key) else { continue };
            let in_query = |p: &&Node<'_>| p.text("in") == Some("query") && p.text("name") == Some(name);
            let Some(found) = declared.iter().map(|(_, parameter)| parameter).find(in_query) else {
                let message = format!("{} has no query parameter `{name}`", self.operation.name());
                self.refuse(key, "extension-target", message, "name one of its parameters");
                continue;
            };
            self.parameter(key, name, found);
        }
        if let (Some(page), Some(size)) = (self.text("page"), self.text("size"))
            && page == size
        {
            let help = "name the parameter that sets how many items a page has";
            self.refuse("size", "pagination-number", format!("`{size}` is the page number already"), help);
        }
    }

    fn parameter(&self, key: &str, name: &str, parameter: &Node<'_>) {
        let Some(schema) = parameter.schema_of("schema") else { return };
        let optional = !parameter.flag("required");
        if key == "token" {
            let help =
                "the cursor is a query parameter of `type: string`, without `format`, `enum`, `x-sdk-id` or `required`";
            let is_id = schema.flag("x-sdk-id").then_some("is an id");
            if let Some(fault) = not_text(&schema).or(is_id).or((!optional).then_some("is required")) {
                self.refuse(key, "pagination-cursor", format!("the cursor parameter `{name}` {fault}"), help);
            }
            return;
        }
        let help = "it is an optional query parameter of `type: integer` with `format: int32` or `int64`";
        let is_number = schema.text("type") == Some("integer") && schema.text("format") != Some("epoch-millis");
        if !is_number {
            self.refuse(key, "pagination-number", format!("the parameter `{name}` is not an integer"), help);
        } else if !optional && self.style.name == "page-number" {
            self.refuse(key, "pagination-number", format!("the parameter `{name}` is required"), help);
        } else if key == "size"
            && self.style.name == "page-number"
            && !schema.value.get("default").is_some_and(Value::is_u64)
        {
            let help = "add the service's `default` to its schema: it tells a full page from a short one";
            self.refuse(key, "extension-target", "the page size has no default".to_owned(), help);
        }
    }

    fn lists(&self, page: &Node<'a>) {
        for key in self.style.lists {
            let Some(path) = self.text(key) else { continue };
            if path.contains('.') {
                let help = "name a list of the success schema itself; one inside another object cannot be paged";
                self.refuse(key, "pagination-list", format!("`{path}` is a path of properties"), help);
                continue;
            }
            let Some(list) = self.property(key, page, path) else { continue };
            let array = list.schema().filter(|schema| schema.text("type") == Some("array"));
            if array.is_none() {
                let message = format!("`{path}` is not of type array");
                self.refuse(key, "extension-target", message, "name a property of that type");
            } else if list.flag("x-sdk-lenient") {
                let help = "remove `x-sdk-lenient` from the list; its `items` can have it";
                self.refuse(key, "pagination-list", format!("the list `{path}` is lenient"), help);
            } else if let Some(fault) = array.and_then(|array| not_objects(&array)) {
                let help = "name a list of objects that are components; its items cannot be lenient";
                self.refuse(key, "pagination-list", format!("the items of `{path}` {fault}"), help);
            } else if *key == "links" {
                self.item_text(key, path, page, "rel", "name a list of links, each with a `rel`");
            }
        }
    }

    fn texts(&self, page: &Node<'a>) {
        for key in self.style.texts {
            let Some(path) = self.text(key) else { continue };
            let mut at = page.clone();
            let names: Vec<&str> = path.split('.').collect();
            for (index, name) in names.iter().enumerate() {
                let Some(field) = self.property(key, &at, name) else { break };
                let Some(schema) = field.schema() else { break };
                let last = index + 1 == names.len();
                let fault = unreadable(&field).or_else(|| if last { not_text(&schema) } else { None });
                if let Some(fault) = fault {
                    let help = "it is an optional property of `type: string`, without `format`, `enum`, \
                                `x-sdk-guaranteed` or `x-sdk-lenient`, and so are the objects above it";
                    self.refuse(key, "pagination-text", format!("`{name}` of `{path}` {fault}"), help);
                    break;
                }
                at = schema;
            }
        }
        let Some(token) = self.text("next-token") else { return };
        let help = "name the property that holds the cursor itself, or leave `next-token` out: the cursor is then taken \
                    from the link's query";
        if self.text("next-href") == Some(token) {
            let message = format!("`{token}` is the link already");
            self.refuse("next-token", "pagination-next", message, help);
        } else if is_link(token) {
            let message = format!("`{token}` is a link, and would be sent as the cursor");
            self.refuse("next-token", "pagination-next", message, help);
        }
    }

    fn total(&self, page: &Node<'a>) {
        let Some(name) = self.text("total") else { return };
        let Some(field) = self.property("total", page, name) else { return };
        let integer = field.schema().is_some_and(|schema| schema.text("type") == Some("integer"));
        if !integer {
            let help = "name the property with the number of items of the whole list, or remove `total`";
            self.refuse("total", "pagination-number", format!("`{name}` is not an integer"), help);
        }
    }

    fn id(&self, page: &Node<'a>) {
        if let (Some(items), Some(id)) = (self.text("items"), self.text("id")) {
            let help = "name an optional plain text property that tells items apart, or remove `id`";
            self.item_text("id", items, page, id, help);
        }
    }

    /// Checks that the items of a list have a property of this name, and that it is plain text.
    fn item_text(&self, key: &str, list: &str, page: &Node<'a>, name: &str, help: &str) {
        let list_schema = page.property(list).and_then(|list| list.schema());
        let Some(item) = list_schema.and_then(|list| list.schema_of("items")) else { return };
        let field = item.property(name);
        let Some((field, schema)) = field.and_then(|field| Some((field.clone(), field.schema()?))) else {
            let message = format!("the items of `{list}` have no property `{name}`");
            return self.refuse(key, "extension-target", message, help);
        };
        if let Some(fault) = unreadable(&field).or_else(|| not_text(&schema)) {
            self.refuse(key, "pagination-text", format!("`{name}` of the items of `{list}` {fault}"), help);
        }
    }

    /// A property as the spec has it. Reports one that is missing.
    fn property(&self, key: &str, of: &Node<'a>, name: &str) -> Option<Node<'a>> {
        let found = of.property(name);
        if found.is_none() {
            let message = format!("`{name}` is not a property of `{}`", of.pointer.last());
            let help = "name a property of the success schema, with `.` between levels";
            self.refuse(key, "extension-target", message, help);
        }
        found
    }
}

/// Why the items of a list are not objects.
fn not_objects(list: &Node<'_>) -> Option<&'static str> {
    if list.get("items")?.flag("x-sdk-lenient") {
        return Some("are lenient");
    }
    let is_object = list.schema_of("items").is_some_and(|schema| schema.has("properties"));
    (!is_object).then_some("are not objects")
}

/// Why a schema is not plain text.
fn not_text(schema: &Node<'_>) -> Option<&'static str> {
    match (schema.text("type"), schema.text("format"), schema.has("enum")) {
        (Some("string"), None, false) => None,
        (Some("string"), Some(_), _) => Some("has a format"),
        (Some("string"), None, true) => Some("is an enum"),
        _ => Some("is not text"),
    }
}

/// Why a property cannot be looked into for the next page.
fn unreadable(property: &Node<'_>) -> Option<&'static str> {
    let guaranteed = property.flag("x-sdk-guaranteed").then_some("is guaranteed, not optional");
    guaranteed.or_else(|| property.flag("x-sdk-lenient").then_some("is lenient"))
}

/// Whether a property is named like the address of a page.
fn is_link(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ["href", "url", "uri"].iter().any(|ending| name.ends_with(ending))
}
