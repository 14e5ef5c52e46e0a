//! Prints the counts of the catalogue, for `tests/witness/check.sh`.

fn main() {
    for service in cloud_billing_catalogue::SERVICES {
        print!("{}", workspace_tests::catalogue::counts(service));
    }
}
