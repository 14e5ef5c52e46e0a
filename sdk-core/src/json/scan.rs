//! Looks at eight bytes at once.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The position, at or after `start`, of the first quote, backslash or control character, or the length of the text.
#[inline]
pub(super) fn plain_end(bytes: &[u8], start: usize) -> usize {
    let mut rest = bytes.get(start..).unwrap_or_default();
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let found = special(u64::from_le_bytes(*chunk));
        if found != 0 {
            return bytes.len() - rest.len() + first_byte(found);
        }
        rest = after;
    }
    let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
    bytes.len() - rest.len() + plain
}

/// Sets the high bit of each byte that is a quote, a backslash or a control character. Only the lowest such bit is reliable:
/// a borrow may set bits above it.
#[inline]
const fn special(word: u64) -> u64 {
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    (quote | backslash | control) & !word & HIGH_BITS
}

/// The index of the lowest byte whose high bit is set.
#[inline]
const fn first_byte(high_bits: u64) -> usize {
    (high_bits.trailing_zeros() / 8) as usize
}

/// Reads the digits at `at` and appends them to `number`. Returns the number and the position after the digits. With more
/// than 19 digits in all, the number is meaningless.
#[inline]
pub(crate) fn digits(bytes: &[u8], mut at: usize, mut number: u64) -> (u64, usize) {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let (count, value) = leading_digits(*chunk);
        number = number.wrapping_mul(POWERS[count]).wrapping_add(value);
        at += count;
        if count < 8 {
            return (number, at);
        }
    }
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        at += 1;
    }
    (number, at)
}

const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// The number of digits at the start of eight bytes, and their value.
#[inline]
fn leading_digits(chunk: [u8; 8]) -> (usize, u64) {
    let word = u64::from_le_bytes(chunk);
    let values = word.wrapping_sub(ONES * b'0' as u64);
    // The high bit of a byte below `0` or above `9` is set; the lowest such bit is reliable.
    let other = (values | word.wrapping_add(ONES * (0x7f - b'9' as u64))) & HIGH_BITS;
    let count = first_byte(other);
    if count == 0 {
        return (0, 0);
    }
    // Pad with zeros in front, then add up neighbours: digits to pairs, pairs to fours, fours to the value.
    let padded = values << (64 - 8 * count);
    let pairs = (padded.wrapping_mul(10 * 256 + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 * 65_536 + 1) >> 16) & 0x0000_ffff_0000_ffff;
    (count, fours.wrapping_mul(10_000 * 4_294_967_296 + 1) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_in_every_position_of_digits() {
        for byte in 0..=255_u8 {
            for position in 0..19 {
                let mut text = *b"1234567890123456789";
                text[position] = byte;
                let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let value = text[..count].iter().fold(7_u64, |n, b| n.wrapping_mul(10).wrapping_add((b - b'0').into()));
                assert_eq!(digits(&text, 0, 7), (value, count), "{text:?}");
            }
        }
    }

    #[test]
    fn every_byte_in_every_position_of_a_text() {
        for byte in 0..=255_u8 {
            for position in 0..20 {
                let mut text = [b'a'; 20];
                text[position] = byte;
                let special = matches!(byte, b'"' | b'\\' | 0..0x20);
                assert_eq!(plain_end(&text, 0), if special { position } else { 20 });
                assert_eq!(plain_end(&text, position + 1), 20);
            }
        }
    }
}
