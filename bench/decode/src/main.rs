//! Decodes a page in one way several times, for callgrind.

use std::hint::black_box;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (way, times) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let Some((_, decode)) = decode::WAYS.iter().find(|(name, _)| *name == way) else {
        eprintln!("there is no way `{way}`");
        std::process::exit(2);
    };
    let page = decode::page(&way);
    for _ in 0..times.parse().unwrap_or(1) {
        black_box(decode(black_box(&page)));
    }
}
