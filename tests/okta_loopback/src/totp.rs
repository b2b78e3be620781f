//! Time-based one-time passwords (RFC 6238: HMAC-SHA1, 30 s, six digits), as Okta Verify and Google
//! Authenticator make them.

use ring::hmac;

const STEP_SECONDS: i64 = 30;

/// The code of a base32 secret at a Unix time in seconds.
///
/// # Panics
/// If the secret is not base32 (RFC 4648, padding optional).
pub fn totp(secret: &str, time: i64) -> String {
    let secret = base32(secret).expect("a base32 secret");
    code(&secret, counter(time))
}

/// Which time step a moment falls into.
pub(crate) fn counter(time: i64) -> i64 {
    time.div_euclid(STEP_SECONDS)
}

/// The code of a time step.
pub(crate) fn code(secret: &[u8], counter: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = u32::from_be_bytes([tag[offset], tag[offset + 1], tag[offset + 2], tag[offset + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// Base32 without regard to case, padding or blanks; `None` for other characters.
pub(crate) fn base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for character in text.bytes().filter(|byte| !matches!(byte, b'=' | b' ')) {
        let value = match character.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        buffer = buffer << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the SHA1 rows cut to six digits. The secret is `12345678901234567890`.
    #[test]
    fn codes_of_the_rfc() {
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", time), expected, "at {time}");
        }
    }

    #[test]
    fn base32_is_lenient_about_case_and_padding_only() {
        assert_eq!(base32("mzxw6===").as_deref(), Some(&b"foo"[..]));
        assert_eq!(base32("MZXW6YTB OI======").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(base32("MZXW1"), None);
    }
}
