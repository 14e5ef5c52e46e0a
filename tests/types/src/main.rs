//! The program of `docs/values.md`, built without the clients.

include!("../../guide/saved.rs");
