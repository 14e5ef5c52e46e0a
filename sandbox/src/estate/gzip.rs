//! Compressing a body while it is sent.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::answer::Pieces;
use crate::reply::Chunks;

/// The pieces, compressed. What the encoder holds back comes with a later piece, or the last.
pub(super) fn compressed(pieces: Pieces) -> Chunks {
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::default()));
    let mut pieces = pieces;
    Box::new(std::iter::from_fn(move || {
        loop {
            let Some(piece) = pieces.next() else { return encoder.take()?.finish().ok() };
            let open = encoder.as_mut()?;
            open.write_all(piece.as_bytes()).ok()?;
            let ready = std::mem::take(open.get_mut());
            if !ready.is_empty() {
                return Some(ready);
            }
        }
    }))
}
