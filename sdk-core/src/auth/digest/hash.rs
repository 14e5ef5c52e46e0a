//! The hash functions of HTTP Digest.

use md5::Md5;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A hash function, ordered by strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Md5,
    Sha256,
}

impl Hash {
    /// Joins the parts with colons and returns their hash in lower-case hexadecimal.
    pub(super) fn of(self, parts: &[&[u8]]) -> Zeroizing<String> {
        match self {
            Self::Md5 => joined::<Md5>(parts),
            Self::Sha256 => joined::<Sha256>(parts),
        }
    }
}

fn joined<D: Digest>(parts: &[&[u8]]) -> Zeroizing<String> {
    let mut hasher = D::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hasher.update(b":");
        }
        hasher.update(part);
    }
    hex(&hasher.finalize())
}

/// Encodes bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> Zeroizing<String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        // RFC 1321, appendix A.5, and FIPS 180-2, appendix B.1.
        assert_eq!(*Hash::Md5.of(&[b"abc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(*Hash::Sha256.of(&[b"abc"]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Hash::Md5.of(&[b"a", b"b"]), Hash::Md5.of(&[b"a:b"]));
    }
}
