//! Where time comes from. Tests drive it; no C symbol sets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall-clock time in whole seconds since 1970 (Unix time), the unit of everything stored.
pub type UnixSeconds = i64;

/// A source of wall-clock time and of pauses. Copies share what was seen.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    source: Source,
    /// The greatest time that was ever seen, in milliseconds.
    furthest: Arc<AtomicI64>,
}

/// One look at a clock.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The time it shows.
    pub now: UnixSeconds,
    /// The greatest time it ever showed to this process: more than `now` once it was set back.
    pub furthest: UnixSeconds,
}

impl Reading {
    /// The greatest time it ever showed, where it was set back since.
    pub fn ahead(self) -> Option<UnixSeconds> {
        (self.furthest > self.now).then_some(self.furthest)
    }
}

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    /// Milliseconds since 1970.
    Driven(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it; a [`Clock::pause`] moves it by the pause
    /// and returns at once. For tests.
    pub fn driven(start: UnixSeconds) -> Self {
        Self::of(Source::Driven(Arc::new(AtomicI64::new(start * 1_000))))
    }

    fn of(source: Source) -> Self {
        Self { source, furthest: Arc::default() }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> UnixSeconds {
        self.now_millis().div_euclid(1_000)
    }

    /// The time, and the greatest one that was seen.
    pub fn read(&self) -> Reading {
        let now = self.now();
        Reading { now, furthest: self.furthest.load(Ordering::SeqCst).div_euclid(1_000) }
    }

    /// Milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        let now = self.source.millis();
        // Mostly another thread has seen as much already.
        if self.furthest.load(Ordering::Relaxed) < now {
            self.furthest.fetch_max(now, Ordering::SeqCst);
        }
        now
    }

    /// The time as Vault prints it in audit lines: RFC 3339 in UTC, to the nanosecond, without zeros at the end.
    pub fn now_rfc3339_nanos(&self) -> String {
        rfc3339_nanos(self.source.nanos())
    }

    /// Moves a driven clock on; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Driven(millis) = &self.source {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            millis.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Sets a driven clock, also back; the system's clock is left alone.
    pub fn set(&self, to: UnixSeconds) {
        if let Source::Driven(millis) = &self.source {
            millis.store(to * 1_000, Ordering::SeqCst);
        }
    }

    /// Waits on the network runtime; a driven clock jumps instead.
    pub async fn pause(&self, pause: Duration) {
        match &self.source {
            Source::System => tokio::time::sleep(pause).await,
            Source::Driven(_) => {
                self.advance(pause);
                tokio::task::yield_now().await;
            }
        }
    }
}

impl Source {
    fn millis(&self) -> i64 {
        match self {
            Self::System => i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX),
            Self::Driven(millis) => millis.load(Ordering::SeqCst),
        }
    }

    fn nanos(&self) -> i128 {
        match self {
            Self::System => i128::try_from(since_1970().as_nanos()).unwrap_or(i128::MAX),
            Self::Driven(millis) => i128::from(millis.load(Ordering::SeqCst)) * 1_000_000,
        }
    }
}

/// The system's time; 1970 for a clock that is set before it.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn rfc3339_nanos(nanos: i128) -> String {
    let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let mut text = rfc3339(i64::try_from(seconds).unwrap_or(i64::MAX));
    if nanos > 0 {
        let digits = format!(".{nanos:09}");
        text.insert_str(text.len() - 1, digits.trim_end_matches('0'));
    }
    text
}

/// `2026-11-24T03:07:43Z`, as Vault prints times of whole seconds (RFC 3339).
pub fn rfc3339(time: UnixSeconds) -> String {
    let days = time.div_euclid(86_400);
    let second_of_day = time.rem_euclid(86_400);
    let (year, month, day) = civil_from_days(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second_of_day / 3_600,
        second_of_day / 60 % 60,
        second_of_day % 60
    )
}

/// Reads `2031-04-02T09:15:30.000Z`, as Okta writes times: RFC 3339 in UTC; a fraction of a second is dropped.
pub fn from_rfc3339(text: &str) -> Option<UnixSeconds> {
    let text = text.strip_suffix('Z')?;
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let in_range = (1970..=9999).contains(&year) && hour < 24 && minute < 60 && second <= 60;
    let days = days_from_civil(year, month, day);
    // 31 April would come back as 1 May.
    (in_range && civil_from_days(days) == (year, month, day))
        .then(|| days * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Three numbers of digits only.
fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut numbers = text.split(separator).map(|digits| {
        let digits_only =
            !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
        if digits_only { digits.parse::<i64>().ok() } else { None }
    });
    let three = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(three)
}

/// The inverse of [`civil_from_days`]; a month or day out of range gives a neighbouring date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9).rem_euclid(12);
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The Gregorian date of a day counted from 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // Count from 0000-03-01, so that the leap day ends a year and every 400 years are alike.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_of_known_times() {
        for (time, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_799, "2024-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(time), text);
        }
    }

    #[test]
    fn fractions_of_a_second_have_no_zeros_at_their_end() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.000000001Z"),
            (951_782_400_120_000_000, "2000-02-29T00:00:00.12Z"),
            (951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z"),
        ] {
            assert_eq!(rfc3339_nanos(nanos), text);
        }
        let clock = Clock::driven(951_782_400);
        clock.advance(Duration::from_millis(50));
        assert_eq!(clock.now_rfc3339_nanos(), "2000-02-29T00:00:00.05Z");
    }

    #[test]
    fn rfc3339_reads_back() {
        for time in [0, 951_782_400, 1_709_164_799, 1_932_894_930, 4_107_542_400] {
            assert_eq!(from_rfc3339(&rfc3339(time)), Some(time));
        }
        assert_eq!(from_rfc3339("2031-04-02T09:15:30.000Z"), Some(1_932_887_730));
        for text in [
            "",
            "Z",
            "2031-04-02",
            "2031-04-02T09:15:30",
            "2031-04-31T09:15:30Z",
            "2031-00-01T09:15:30Z",
            "2031-04-02T24:00:00Z",
            "2031-04-02T09:15Z",
            "2031-04-02T09:15:30:00Z",
            "+031-04-02T09:15:30Z",
            "2031-04-02T09:15:30+02:00",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(from_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn a_driven_clock_moves_only_when_told() {
        let clock = Clock::driven(1_000);
        let copy = clock.clone();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!((copy.now(), copy.now_millis()), (1_001, 1_001_500));
    }

    #[test]
    fn a_clock_that_was_set_back_knows_how_far_it_had_come() {
        let clock = Clock::driven(1_000);
        assert_eq!(clock.read().ahead(), None);
        clock.advance(Duration::from_secs(50));
        assert_eq!(clock.clone().now(), 1_050);
        clock.set(1_010);
        assert_eq!((clock.read().now, clock.read().ahead()), (1_010, Some(1_050)));
        clock.set(1_050);
        assert_eq!(clock.read().ahead(), None);
    }
}
