//! The arithmetic of TTLs beside a slow reading of the rules of Vault's `sdk/framework/lease.go`: by counting down until
//! nothing is in the way, and with durations that are spelt out digit by digit.
//!
//! `OKTA_AUTH_TTLS` says how many inputs are tried (20,000).

use okta_auth::token::{Terms, ttl};
use okta_auth::ttls::Ttls;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

const ISSUED: i64 = 1_700_000_000;

/// One question: times in a unit of so many seconds each.
#[derive(Clone, Debug)]
struct Question {
    unit: i64,
    default: i64,
    greatest: i64,
    /// Increment, TTL, period, maximum, explicit maximum.
    terms: [i64; 5],
    age: i64,
}

fn question() -> impl Strategy<Value = Question> {
    // Half of all fields are not set.
    let field = || prop_oneof![3 => Just(0_i64), 1 => -3..0_i64, 4 => 1..40_i64];
    let unit = prop_oneof![Just(1_i64), Just(7), Just(60), Just(90), Just(3_600), Just(5_400)];
    let terms = [field(), field(), field(), field(), field()];
    (unit, 1..30_i64, -1..40_i64, terms, 0..45_i64)
        .prop_map(|(unit, default, greatest, terms, age)| Question { unit, default, greatest, terms, age })
}

/// What is granted, in units, and what is warned of; or the error.
fn plainly(question: &Question) -> Result<(i64, Vec<String>), &'static str> {
    let [increment, own, period, maximum, explicit] = question.terms;
    // Nobody may have more than any of these.
    let mut ceilings = vec![question.greatest];
    ceilings.extend([maximum, explicit].into_iter().filter(|ceiling| *ceiling > 0));
    if ceilings.iter().any(|ceiling| *ceiling <= 0) {
        return Err("max TTL must be greater than zero");
    }
    let mut warnings = Vec::new();
    let is_periodic = period > 0;
    let wished = [period, increment, own, question.default].into_iter().find(|wish| *wish > 0).unwrap_or(0);
    let mut granted = wished;
    if is_periodic {
        while ceilings.iter().any(|ceiling| granted > *ceiling) {
            granted -= 1;
        }
        if granted < wished {
            warnings.push(warning("period", "period", wished, granted, question.unit));
        }
    }
    // The ends of its life: for a periodic one only that which was said outright.
    let ends: Vec<i64> =
        if is_periodic { [explicit].into_iter().filter(|end| *end > 0).collect() } else { ceilings };
    let outlives = |seconds: i64| ends.iter().any(|end| question.age + seconds > *end);
    // Not even one unit is left.
    if outlives(1) {
        return Err("past the max TTL, cannot renew");
    }
    let before = granted;
    while outlives(granted) {
        granted -= 1;
    }
    if granted < before {
        warnings.push(warning("TTL", "TTL", before, granted, question.unit));
    }
    Ok((granted, warnings))
}

fn warning(what: &str, value: &str, wished: i64, granted: i64, unit: i64) -> String {
    format!(
        "{what} of \"{}\" exceeded the effective max_ttl of \"{}\"; {value} value is capped accordingly",
        spelt(wished * unit),
        spelt(granted * unit)
    )
}

/// A duration as Go's people write it: no unit of which there is none.
fn spelt(mut seconds: i64) -> String {
    let mut text = String::new();
    for (letter, length) in [('h', 3_600), ('m', 60), ('s', 1)] {
        let mut count = 0;
        while seconds >= length {
            seconds -= length;
            count += 1;
        }
        if count > 0 {
            text.push_str(&format!("{count}{letter}"));
        }
    }
    text
}

#[test]
fn ttls_are_what_a_plain_reading_of_the_rules_says() {
    let cases = std::env::var("OKTA_AUTH_TTLS").map_or(20_000, |text| text.parse().expect("a number"));
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let result = runner.run(&question(), |question| {
        let unit = question.unit;
        let [increment, own, period, max, explicit_max] = question.terms.map(|time| time * unit);
        let mount = Ttls { default: question.default * unit, max: question.greatest * unit };
        let terms = Terms { increment, ttl: own, period, max, explicit_max };
        let answer = ttl(mount, terms, ISSUED, ISSUED + question.age * unit);
        match (plainly(&question), answer) {
            (Ok((granted, warnings)), Ok(answer)) => prop_assert_eq!((granted * unit, warnings), answer),
            (Err(text), Err(error)) => {
                prop_assert_eq!((500, Some(text)), (error.status(), error.text()));
            }
            (expected, answer) => {
                return Err(TestCaseError::fail(format!("{expected:?}, but {answer:?}")));
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
