//! How long to wait before asking again: Okta's rate-limit headers, which are to be trusted only so far.

use crate::clock::UnixSeconds;
use crate::limits;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use ring::rand::{SecureRandom, SystemRandom};
use std::time::{Duration, UNIX_EPOCH};

const LIMIT: &str = "x-rate-limit-limit";
const REMAINING: &str = "x-rate-limit-remaining";
const RESET: &str = "x-rate-limit-reset";

/// Seconds until a rate-limited call makes sense again, at least 1 and at most
/// [`limits::OKTA_RETRY_AFTER_SECONDS`]; `None` when the headers do not say.
///
/// `Reset` is compared with the `Date` of the same answer, since our clock need not agree with Okta's. It can come
/// twice, once for a factor's cool-down and once for the organisation: the sooner one is taken. `Limit` 0 with
/// `Remaining` 0 is the limit on calls at once, for which `Reset` means nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let at_once = smallest(headers, LIMIT) == Some(0) && smallest(headers, REMAINING) == Some(0);
    let from_reset = || {
        let date = date(headers)?;
        let reset = smallest(headers, RESET)?;
        Some(u64::try_from(reset.saturating_sub(date)).unwrap_or(0))
    };
    // Okta documents no Retry-After; proxies in front of it send one, in seconds.
    let seconds = smallest(headers, RETRY_AFTER.as_str())
        .map(|seconds| u64::try_from(seconds).unwrap_or(0))
        .or_else(|| if at_once { None } else { from_reset() })?;
    Some(seconds.clamp(1, limits::OKTA_RETRY_AFTER_SECONDS))
}

/// How long a read that was answered with `status` waits before its next try; `None`: it is not to be tried again.
/// `tries` have been made, at least one.
pub(super) fn pause_before_retry(status: u16, retry_after: Option<u64>, tries: u32) -> Option<Duration> {
    if tries >= limits::OKTA_READ_TRIES {
        return None;
    }
    let doubled = |first: Duration| first.saturating_mul(1 << tries.saturating_sub(1).min(8));
    let pause = match (status, retry_after) {
        (429, Some(seconds)) => Duration::from_secs(seconds),
        (429, None) => doubled(Duration::from_secs(1)),
        (503 | 504, _) => doubled(Duration::from_millis(300)),
        _ => return None,
    };
    Some(pause.min(limits::OKTA_RETRY_WAIT) + jitter())
}

/// Up to a quarter of a second, which keeps processes from coming back together. Without a random byte, which the
/// system hardly ever refuses, they do.
fn jitter() -> Duration {
    let mut byte = [0];
    let _ = SystemRandom::new().fill(&mut byte);
    Duration::from_millis(u64::from(byte[0]))
}

/// The smallest number in all lines of a header and all parts between commas.
fn smallest(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|number| number.trim().parse::<i64>().ok())
        .min()
}

fn date(headers: &HeaderMap) -> Option<UnixSeconds> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const NOON: &str = "Tue, 24 Nov 2026 12:00:00 GMT";
    const NOON_SECONDS: i64 = 1_795_521_600;

    fn headers(lines: &[(&str, String)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            headers.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        headers
    }

    #[test]
    fn retry_after_of_all_variants() {
        let reset = |seconds: i64| ("X-Rate-Limit-Reset", (NOON_SECONDS + seconds).to_string());
        let date = || ("Date", NOON.to_owned());
        let limit = |limit: u32, remaining: u32| {
            [("X-Rate-Limit-Limit", limit.to_string()), ("X-Rate-Limit-Remaining", remaining.to_string())]
        };
        for (about, lines, expected) in [
            ("normal", vec![date(), reset(17)], Some(17)),
            ("no date", vec![reset(17)], None),
            ("broken date", vec![("Date", "yesterday".into()), reset(17)], None),
            ("no reset", vec![date()], None),
            ("reset is no number", vec![date(), ("X-Rate-Limit-Reset", "soon".into())], None),
            ("past", vec![date(), reset(-500)], Some(1)),
            ("far negative", vec![date(), ("X-Rate-Limit-Reset", i64::MIN.to_string())], Some(1)),
            ("in ten years", vec![date(), reset(315_360_000)], Some(300)),
            ("twice", vec![date(), reset(50), reset(9)], Some(9)),
            (
                "twice in one line",
                vec![date(), ("X-Rate-Limit-Reset", format!("{}, {}", NOON_SECONDS + 50, NOON_SECONDS + 9))],
                Some(9),
            ),
            ("0/0", [vec![date(), reset(120)], limit(0, 0).to_vec()].concat(), None),
            ("600/0", [vec![date(), reset(20)], limit(600, 0).to_vec()].concat(), Some(20)),
            ("retry-after", vec![("Retry-After", "7".into())], Some(7)),
        ] {
            assert_eq!(retry_after(&headers(&lines)), expected, "{about}");
        }
    }

    #[test]
    fn reads_wait_within_bounds_and_not_for_ever() {
        for (status, retry_after, tries, expected) in [
            (429, Some(12), 1, Some(12_000)),
            (429, Some(300), 1, Some(30_000)),
            (429, None, 1, Some(1_000)),
            (429, None, 2, Some(2_000)),
            (503, Some(12), 1, Some(300)),
            (504, None, 2, Some(600)),
            (429, Some(1), 3, None),
            (500, None, 1, None),
            (401, None, 1, None),
        ] {
            let pause = pause_before_retry(status, retry_after, tries).map(|pause| pause.as_millis());
            let without_jitter =
                |expected: u128| pause.is_some_and(|p| (expected..expected + 256).contains(&p));
            assert!(
                expected.map_or(pause.is_none(), without_jitter),
                "{status} {retry_after:?} {tries}: {pause:?}"
            );
        }
    }
}
