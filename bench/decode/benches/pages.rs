//! Decoding in bytes per second: `cargo bench --manifest-path bench/Cargo.toml --package decode`.

use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

#[divan::bench(args = decode::WAYS.iter().map(|(name, _)| *name))]
fn page(bencher: Bencher<'_, '_>, way: &str) {
    let page = decode::page(way);
    let decode = decode::WAYS.iter().find(|(name, _)| *name == way).map(|(_, decode)| decode).expect("it is listed");
    bencher.counter(BytesCount::of_slice(&page)).bench(|| decode(divan::black_box(&page)));
}
