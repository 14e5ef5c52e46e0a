//! Takes what describes the service as a whole: title, version, servers.

use serde_json::Value;

use super::{Lowering, text};
use crate::diagnostic::Diagnostics;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let root = &lowering.root;
    let info = root.get("info").unwrap_or(&Value::Null);
    lowering.side.title = text(info, "title");
    lowering.side.api_version = text(info, "version");
    let servers = root.get("servers").and_then(Value::as_array);
    lowering.side.servers =
        servers.into_iter().flatten().map(|server| (text(server, "url"), text(server, "description"))).collect();
    Ok(())
}
