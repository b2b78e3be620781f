//! Where time comes from. Tests drive it; no C symbol sets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall-clock time in whole seconds since 1970 (Unix time), the unit of everything stored.
pub type UnixSeconds = i64;

/// A source of wall-clock time and of pauses.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

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
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it; a [`Clock::pause`] moves it by the pause
    /// and returns at once. For tests.
    pub fn driven(start: UnixSeconds) -> Self {
        Self(Source::Driven(Arc::new(AtomicI64::new(start * 1_000))))
    }

    /// Seconds since 1970.
    pub fn now(&self) -> UnixSeconds {
        self.now_millis().div_euclid(1_000)
    }

    /// Milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        match &self.0 {
            Source::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
                Err(_) => 0,
            },
            Source::Driven(millis) => millis.load(Ordering::SeqCst),
        }
    }

    /// Moves a driven clock on; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Driven(millis) = &self.0 {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            millis.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Waits on the network runtime; a driven clock jumps instead.
    pub async fn pause(&self, pause: Duration) {
        match &self.0 {
            Source::System => tokio::time::sleep(pause).await,
            Source::Driven(_) => {
                self.advance(pause);
                tokio::task::yield_now().await;
            }
        }
    }
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
    fn a_driven_clock_moves_only_when_told() {
        let clock = Clock::driven(1_000);
        let copy = clock.clone();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!((copy.now(), copy.now_millis()), (1_001, 1_001_500));
    }
}
