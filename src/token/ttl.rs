//! How long a token lives: the arithmetic of Vault's leases (its `sdk/framework/lease.go`).

use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::field::format_duration;
use crate::ttls::Ttls;

/// What is asked for, in seconds; 0 is "not set".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What the caller of a renewal wishes.
    pub increment: i64,
    /// What the method or the creator of the token sets.
    pub ttl: i64,
    /// A periodic token gets this at each renewal, and ends only by its explicit maximum.
    pub period: i64,
    /// The method's maximum.
    pub max: i64,
    /// The token's own maximum, fixed when it was issued.
    pub explicit_max: i64,
}

/// Seconds from `now` for a token that was issued at `issued`, with Vault's warnings where they were cut.
///
/// # Errors
/// 500 as Vault has it: a maximum that is not above zero, or a token past its maximum.
pub fn ttl(mount: Ttls, terms: Terms, issued: UnixSeconds, now: UnixSeconds) -> Result<(i64, Vec<String>)> {
    let set = |value: i64| (value > 0).then_some(value);
    let max = [set(terms.max), set(terms.explicit_max)].into_iter().flatten().fold(mount.max, i64::min);
    if max <= 0 {
        return Err(Error::raised(500, Code::InvalidRequest, "max TTL must be greater than zero"));
    }
    let mut warnings = Vec::new();
    let (mut ttl, lifetime) = match set(terms.period) {
        Some(period) => {
            if period > max {
                warnings.push(capped("period", "period", period, max));
            }
            (period.min(max), set(terms.explicit_max))
        }
        None => (set(terms.increment).or(set(terms.ttl)).unwrap_or(mount.default), Some(max)),
    };
    if let Some(lifetime) = lifetime {
        let remaining = issued.saturating_add(lifetime).saturating_sub(now);
        if remaining <= 0 {
            return Err(Error::raised(500, Code::ReloginRequired, "past the max TTL, cannot renew"));
        }
        if ttl > remaining {
            warnings.push(capped("TTL", "TTL", ttl, remaining));
            ttl = remaining;
        }
    }
    Ok((ttl, warnings))
}

fn capped(what: &str, value: &str, wished: i64, max: i64) -> String {
    format!(
        "{what} of \"{}\" exceeded the effective max_ttl of \"{}\"; {value} value is capped accordingly",
        format_duration(wished),
        format_duration(max)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600;
    const MOUNT: Ttls = Ttls { default: 5 * HOUR, max: 30 * HOUR };

    /// That of Vault's `sdk/framework/lease_test.go`, in hours.
    #[test]
    fn table_of_vaults_unit_test() {
        for ([increment, ttl_given, max, period, explicit_max], hours, warnings) in [
            ([1, 30, 0, 0, 0], 1, 0),
            ([1, 0, 0, 0, 0], 1, 0),
            ([0, 30, 0, 0, 0], 30, 0),
            ([0, 0, 0, 0, 0], 5, 0),
            ([0, 40, 45, 0, 0], 30, 1),
            ([40, 40, 50, 0, 0], 30, 1),
            ([4, 9, 5, 0, 0], 4, 0),
            ([5, 9, 4, 0, 0], 4, 1),
            ([-7, 0, 0, 0, 0], 5, 0),
            ([40, 0, 0, 0, 0], 30, 1),
            ([3, 4, 2, 1, 0], 1, 0),
            ([0, 0, 0, 2, 1], 1, 1),
            ([0, 0, 1, 2, 0], 1, 1),
        ] {
            let terms = Terms {
                increment: increment * HOUR,
                ttl: ttl_given * HOUR,
                period: period * HOUR,
                max: max * HOUR,
                explicit_max: explicit_max * HOUR,
            };
            let (seconds, texts) = ttl(MOUNT, terms, 1_000, 1_000).expect("within the maximum");
            assert_eq!((seconds, texts.len()), (hours * HOUR, warnings), "{terms:?}");
        }
    }

    #[test]
    fn warnings_are_vaults() {
        let texts = |terms| ttl(MOUNT, terms, 0, 0).expect("within the maximum").1;
        assert_eq!(
            texts(Terms { ttl: 40 * HOUR, ..Terms::default() }),
            ["TTL of \"40h\" exceeded the effective max_ttl of \"30h\"; TTL value is capped accordingly"]
        );
        assert_eq!(
            texts(Terms { period: 2 * HOUR, max: HOUR, ..Terms::default() }),
            ["period of \"2h\" exceeded the effective max_ttl of \"1h\"; period value is capped accordingly"]
        );
    }

    #[test]
    fn past_its_maximum_a_token_is_not_renewed() {
        let terms = Terms { explicit_max: HOUR, period: 60, ..Terms::default() };
        assert_eq!(ttl(MOUNT, terms, 0, HOUR - 1).expect("one second left").0, 1);
        let error = ttl(MOUNT, terms, 0, HOUR).expect_err("past");
        assert_eq!((error.status(), error.text()), (500, Some("past the max TTL, cannot renew")));
        let error = ttl(Ttls { default: 0, max: 0 }, Terms::default(), 0, 0).expect_err("no maximum");
        assert_eq!(error.text(), Some("max TTL must be greater than zero"));
    }

    fn terms() -> impl Strategy<Value = Terms> {
        (-10..2_000_i64, -10..2_000_i64, -10..300_i64, -10..2_000_i64, -10..2_000_i64).prop_map(
            |(increment, ttl, period, max, explicit_max)| Terms { increment, ttl, period, max, explicit_max },
        )
    }

    proptest! {
        #[test]
        fn never_beyond_a_deadline_and_never_negative(
            terms in terms(), default in 1..2_000_i64, max in 1..2_000_i64, age in 0..3_000_i64,
        ) {
            let mount = Ttls { default, max };
            let issued = 1_700_000_000;
            match ttl(mount, terms, issued, issued + age) {
                Ok((seconds, _)) => {
                    prop_assert!(seconds > 0);
                    let lifetime = if terms.period > 0 { None } else { Some(max) };
                    let caps = [lifetime, (terms.max > 0 && terms.period <= 0).then_some(terms.max),
                        (terms.explicit_max > 0).then_some(terms.explicit_max)];
                    for cap in caps.into_iter().flatten() {
                        prop_assert!(age + seconds <= cap);
                    }
                }
                Err(error) => prop_assert_eq!(error.text(), Some("past the max TTL, cannot renew")),
            }
        }

        #[test]
        fn a_longer_wish_never_gives_less(terms in terms(), more in 0..1_000_i64, age in 0..500_i64) {
            let mount = Ttls { default: 300, max: 1_500 };
            prop_assume!(terms.increment > 0);
            let longer = Terms { increment: terms.increment + more, ..terms };
            if let (Ok((less, _)), Ok((seconds, _))) = (ttl(mount, terms, 0, age), ttl(mount, longer, 0, age)) {
                prop_assert!(seconds >= less);
            }
        }

        #[test]
        fn the_end_never_moves_back_as_time_goes_on(terms in terms(), age in 0..500_i64, later in 0..500_i64) {
            let mount = Ttls { default: 300, max: 1_500 };
            if let (Ok((first, _)), Ok((second, _))) = (ttl(mount, terms, 0, age), ttl(mount, terms, 0, age + later)) {
                prop_assert!(age + later + second >= age + first);
            }
        }
    }
}
