//! Runs last, since tests run by the order of their names: what all of them came to.

use crate::figures;

#[test]
fn figures() {
    // Only `cargo reliability` runs all tests one after the other.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--nocapture", "--test-threads", "1"] {
        assert!(figures::sum_up(), "a figure is missing");
    }
}
