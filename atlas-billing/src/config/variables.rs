//! Environment variables.

use cloud_billing_core::Error;
use cloud_billing_core::config::{Environment, Settings};

/// The prefixes of the environment variables that the client reads, in order of precedence.
pub const PREFIXES: [&str; 2] = ["MONGODB_ATLAS_", "MCLI_"];

/// The variables that are read, without prefix.
const KNOWN: [&str; 12] = [
    "ACCESS_TOKEN",
    "AUTH_TYPE",
    "BASE_URL",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "OPS_MANAGER_URL",
    "PRIVATE_API_KEY",
    "PRIVATE_KEY",
    "PROFILE",
    "PUBLIC_API_KEY",
    "PUBLIC_KEY",
    "SERVICE",
];

/// Reads the variables of the first prefix under which a known one is set.
pub(super) fn load(environment: &Environment) -> Result<Settings, Error> {
    for prefix in PREFIXES {
        let (known, _) = Settings::of_variables(environment, prefix)?.partition(|name| KNOWN.contains(&name));
        if !known.is_empty() {
            return Ok(known);
        }
    }
    Ok(Settings::new(PREFIXES[0]))
}
