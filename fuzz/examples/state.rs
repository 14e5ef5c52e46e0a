//! Prints the state of the code of a target, for `fuzz/run`.

fn main() {
    let target = std::env::args().nth(1).expect("the name of a target");
    println!("{}", workspace_tests::fuzz_targets::state(&target));
}
