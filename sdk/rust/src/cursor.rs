//! Cursors: `<epoch>-<offset>`, 8 hex digits, a hyphen and a decimal offset.

/// The parts of a cursor, or `None` when the text is not one.
pub(crate) fn parts(cursor: &str) -> Option<(&str, u64)> {
    let (epoch, offset) = cursor.split_once('-')?;
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let decimal = !offset.is_empty() && offset.bytes().all(|byte| byte.is_ascii_digit());
    if epoch.len() != 8 || !epoch.bytes().all(hex) || !decimal {
        return None;
    }
    Some((epoch, offset.parse().ok()?))
}

/// Decimal digits of the largest offset.
const MAX_DIGITS: usize = 20;

/// The cursor of an event.
pub(crate) fn of(epoch: &str, offset: u64) -> String {
    let mut cursor = String::with_capacity(epoch.len() + 1 + MAX_DIGITS);
    cursor.push_str(epoch);
    cursor.push('-');
    let mut digits = [0; MAX_DIGITS];
    let mut first = MAX_DIGITS;
    let mut rest = offset;
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    cursor.extend(digits[first..].iter().map(|digit| char::from(*digit)));
    cursor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_has_two_parts() {
        assert_eq!(parts("0a1b2c3d-12"), Some(("0a1b2c3d", 12)));
        for offset in [0, 9, 10, 12, u64::MAX] {
            assert_eq!(of("0a1b2c3d", offset), format!("0a1b2c3d-{offset}"));
        }
        let largest = parts("ffffffff-18446744073709551615");
        assert_eq!(largest, Some(("ffffffff", u64::MAX)));
    }

    #[test]
    fn what_is_no_cursor_has_no_parts() {
        for text in [
            "",
            "-",
            "0a1b2c3d",
            "0a1b2c3d-",
            "0a1b2c3-1",
            "0A1B2C3D-1",
            "0a1b2c3d-+1",
            "0a1b2c3d-18446744073709551616",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
