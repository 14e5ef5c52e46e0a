//! Percent-decoding that refuses what it cannot decode.

/// Decodes one path segment or one name or value of a query. In a query a plus sign stands for a space.
///
/// # Errors
///
/// If a percent sign is not followed by two hexadecimal digits, or the bytes are not UTF-8; the text says which.
pub(crate) fn decode(raw: &str, plus_is_space: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = rest.next().and_then(hex_digit);
                let low = rest.next().and_then(hex_digit);
                let (Some(high), Some(low)) = (high, low) else {
                    return Err("a `%` is not followed by two hexadecimal digits".to_owned());
                };
                high * 16 + low
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| "its bytes are not UTF-8".to_owned())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_segments_and_query_values() {
        assert_eq!(decode("us-south%3A54%2F57", false).as_deref(), Ok("us-south:54/57"));
        assert_eq!(decode("a+b%20c", true).as_deref(), Ok("a b c"));
        assert_eq!(decode("a+b", false).as_deref(), Ok("a+b"));
        assert_eq!(decode("%C3%A4", false).as_deref(), Ok("ä"));
    }

    #[test]
    fn refuses_what_is_no_escape() {
        for raw in ["%", "%4", "%zz", "%+1", "100%"] {
            assert!(decode(raw, true).is_err(), "{raw}");
        }
        assert_eq!(decode("%FF", false), Err("its bytes are not UTF-8".to_owned()));
    }
}
