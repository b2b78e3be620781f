//! Durations as Go writes and reads them, in whole seconds.

use super::convert::go_quote;

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
];
const OVERFLOW: &str = "multiplication of durations resulted in overflow, one operand may be too large";

/// Reads seconds: an integer, `<integer>d` for days, or a Go duration such as `1h30m`. A fraction of a second
/// is cut off.
///
/// # Errors
/// The text that Vault's parser gives for the same input.
pub fn parse_seconds(text: &str) -> Result<i64, String> {
    parse_nanos(text).map(whole_seconds)
}

/// As [`parse_seconds`], but less than a second is not cut to nothing, which would ask for no life at all.
///
/// # Errors
/// As those of [`parse_seconds`].
pub fn parse_lifetime(text: &str) -> Result<i64, String> {
    let nanos = parse_nanos(text)?;
    Ok(match whole_seconds(nanos) {
        0 => whole_seconds(nanos.signum() * NANOS_PER_SECOND),
        seconds => seconds,
    })
}

/// As [`parse_seconds`], in nanoseconds; what is read fits an `i64`.
///
/// # Errors
/// As those of [`parse_seconds`].
pub fn parse_nanos(text: &str) -> Result<i128, String> {
    if text.is_empty() {
        return Ok(0);
    }
    if let Some(days) = text.strip_suffix('d') {
        let days = parse_decimal(days)?;
        return in_range(i128::from(days) * 86_400 * NANOS_PER_SECOND);
    }
    let is_number = {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if is_number && let Ok(seconds) = text.parse::<i64>() {
        return in_range(i128::from(seconds) * NANOS_PER_SECOND);
    }
    parse_go(text)
}

fn parse_decimal(text: &str) -> Result<i64, String> {
    let why = match text.parse::<i64>() {
        Ok(value) => return Ok(value),
        Err(error)
            if matches!(
                error.kind(),
                std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow
            ) =>
        {
            "value out of range"
        }
        Err(_) => "invalid syntax",
    };
    Err(format!("strconv.ParseInt: parsing {}: {why}", go_quote(text)))
}

fn in_range(nanos: i128) -> Result<i128, String> {
    if i64::try_from(nanos).is_ok() { Ok(nanos) } else { Err(OVERFLOW.to_owned()) }
}

fn whole_seconds(nanos: i128) -> i64 {
    i64::try_from(nanos / NANOS_PER_SECOND).unwrap_or(i64::MAX)
}

/// Go's `time.ParseDuration`, in nanoseconds.
fn parse_go(text: &str) -> Result<i128, String> {
    let invalid = || format!("time: invalid duration {}", go_quote(text));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let is_part_of_number = |c: char| c == '.' || c.is_ascii_digit();
        let number_end = rest.find(|c: char| !is_part_of_number(c)).unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(invalid());
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let unit_end = after.find(is_part_of_number).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", go_quote(text)));
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {} in duration {}", go_quote(unit), go_quote(text)));
        };
        nanos = i128::from(whole)
            .checked_mul(*scale)
            .and_then(|part| part.checked_add(fraction_of(fraction, *scale)))
            .and_then(|part| nanos.checked_add(part))
            .filter(|sum| *sum <= i128::from(i64::MAX) + i128::from(negative))
            .ok_or_else(invalid)?;
        rest = next;
    }
    Ok(if negative { -nanos } else { nanos })
}

/// `.5` of a unit, cut to whole nanoseconds.
fn fraction_of(digits: &str, scale: i128) -> i128 {
    let mut place = scale;
    let mut sum = 0;
    for digit in digits.bytes() {
        place *= 10;
        sum = sum * 10 + i128::from(digit - b'0');
        // More digits than any unit can resolve.
        if place > scale * 1_000_000_000_000_000 {
            break;
        }
    }
    if place == scale { 0 } else { sum * scale / (place / scale) }
}

/// Seconds as Vault's warnings print them: `1h30m`, `90s` as `1m30s`, without zero units.
pub fn format_duration(seconds: i64) -> String {
    if seconds == 0 {
        return "0s".to_owned();
    }
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let mut text = sign.to_owned();
    for (amount, unit) in [(seconds / 3_600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")] {
        if amount > 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepted_forms() {
        for (text, seconds) in [
            ("", 0),
            ("3600", 3600),
            ("+5", 5),
            ("-5m", -300),
            ("1h30m", 5400),
            ("1500ms", 1),
            ("1.5h", 5400),
            (".5m", 30),
            ("2d", 172_800),
            ("106751d", 9_223_286_400),
            ("9223372036", 9_223_372_036),
            ("1h1h", 7200),
            ("999999999ns", 0),
            ("1.000000000000000000000000000001s", 1),
        ] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn refused_forms() {
        for (text, error) in [
            ("3600.5", "time: missing unit in duration \"3600.5\""),
            ("1e3", "time: unknown unit \"e\" in duration \"1e3\""),
            ("1e+300", "time: unknown unit \"e+\" in duration \"1e+300\""),
            ("abc", "time: invalid duration \"abc\""),
            ("1.5d", "strconv.ParseInt: parsing \"1.5\": invalid syntax"),
            (" 60", "time: invalid duration \" 60\""),
            ("1h ", "time: unknown unit \"h \" in duration \"1h \""),
            ("99999999999999999999", "time: invalid duration \"99999999999999999999\""),
            ("9223372037", OVERFLOW),
            ("106752d", OVERFLOW),
            ("2562048h", "time: invalid duration \"2562048h\""),
            ("-", "time: invalid duration \"-\""),
            ("1..5s", "time: invalid duration \"1..5s\""),
        ] {
            assert_eq!(parse_seconds(text), Err(error.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = parse_seconds(&text);
        }

        #[test]
        fn what_is_printed_reads_back(seconds in -9_000_000_000_i64..9_000_000_000) {
            prop_assert_eq!(parse_seconds(&format_duration(seconds)), Ok(seconds));
        }

        #[test]
        fn parts_add_up(hours in 0_i64..1_000_000, minutes in 0_i64..100_000, seconds in 0_i64..1_000_000) {
            let text = format!("{hours}h{minutes}m{seconds}s");
            prop_assert_eq!(parse_seconds(&text), Ok(hours * 3_600 + minutes * 60 + seconds));
        }
    }
}
