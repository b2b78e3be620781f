//! Every answer of Okta's at every point of a login.

use super::super::script::{Script, block_on};
use super::*;

const REFUSED: &str = "400 okta authentication failed";
const ENROL: &str = "400 okta authentication failed: you must complete MFA enrollment to continue";
const ANOTHER_USER: &str = "400 Okta auth failed: an answer of Okta's names another user than the one before";

fn shown(progress: Result<Progress>) -> String {
    match progress {
        Err(error) => format!("{} {}", error.status(), error.text().unwrap_or_default()),
        Ok(Progress::Passed(passed)) if passed.password_warning.is_some() => {
            format!("passed {} warned", passed.user.id)
        }
        Ok(Progress::Passed(passed)) => format!("passed {}", passed.user.id),
        Ok(Progress::PasswordWarning(_)) => "warning".to_owned(),
        Ok(Progress::FactorRequired(required)) => format!("{} factors", required.factors().len()),
        Ok(Progress::Challenged(challenged)) => {
            format!("{:?} {:?}", challenged.awaits(), challenged.number())
        }
    }
}

/// Takes the login through the answers, one step for each, the first factor where one is asked for.
fn progress(answers: &[&str], bypass: bool) -> String {
    let script = Script::new(answers);
    let steps = async {
        let mut progress = start(&script, "fred", &Secret::from("s3cret"), bypass).await?;
        for _ in answers.iter().skip(1) {
            progress = match &progress {
                Progress::Passed(_) => break,
                Progress::PasswordWarning(warning) => warning.skip(&script).await?,
                Progress::FactorRequired(required) => {
                    let factor = required.factors().first().expect("a factor");
                    required.verify(&script, factor, Answer::Nothing).await?
                }
                Progress::Challenged(challenged) => challenged.poll(&script).await?,
            };
        }
        Ok(progress)
    };
    shown(block_on(steps))
}

#[test]
fn answers_to_the_password() {
    for (answer, plain, bypassed) in [
        ("success", "passed 00u1fred", "passed 00u1fred"),
        ("warn", "warning", "warning"),
        ("warn noskip", REFUSED, REFUSED),
        ("required push OKTA,sms OKTA", "2 factors", "passed 00u1fred"),
        ("required push OKTA as nobody", "1 factors", "400 Okta auth failed: Okta's answer names no user"),
        ("enroll", ENROL, "passed 00u1fred"),
        ("challenge waiting", REFUSED, REFUSED),
        ("challenge accepted", REFUSED, REFUSED),
        ("expired", REFUSED, REFUSED),
        ("locked", REFUSED, REFUSED),
        ("refused", REFUSED, REFUSED),
        (
            "fails credentials E0000004",
            "400 Okta auth failed: the API returned an error: why (code=E0000004)",
            "400 Okta auth failed: the API returned an error: why (code=E0000004)",
        ),
    ] {
        assert_eq!(progress(&[answer], false), plain, "{answer}");
        assert_eq!(progress(&[answer], true), bypassed, "{answer}, bypassed");
    }
}

#[test]
fn answers_about_a_factor() {
    for (answer, shown) in [
        ("success", "passed 00u1fred"),
        ("success as 00u2wilma", ANOTHER_USER),
        ("warn", "warning"),
        ("required totp OKTA", "1 factors"),
        ("required totp OKTA as 00u2wilma", ANOTHER_USER),
        ("challenge waiting", "Device None"),
        ("challenge waiting 0", "Device Some(0)"),
        ("challenge waiting 92 as nobody", "Device Some(92)"),
        ("challenge waiting as 00u2wilma", ANOTHER_USER),
        ("challenge accepted", "Device None"),
        ("challenge code", "Passcode None"),
        ("challenge rejected", "400 multi-factor authentication denied"),
        ("challenge timeout", "400 failed to complete multi-factor authentication"),
        ("challenge", REFUSED),
        ("challenge CANCELLED", REFUSED),
        ("enroll", ENROL),
        ("expired", REFUSED),
        ("locked", REFUSED),
        ("refused", REFUSED),
        ("fails passcode E0000068", "400 Okta auth failed: the API returned an error: why (code=E0000068)"),
    ] {
        assert_eq!(progress(&["required push OKTA", answer], false), shown, "{answer}");
        let polled = progress(&["required push OKTA", "challenge waiting", answer], false);
        assert_eq!(polled, shown.replace("failed: the API", "failed checking loop: the API"), "{answer}");
    }
}

#[test]
fn moves_within_a_challenge() {
    /// What comes of the answer to a move, and what was asked.
    fn moved(answer: &str, mv: &str) -> (String, String) {
        let script = Script::new(&["required push OKTA,totp OKTA", "challenge waiting", answer]);
        let steps = async {
            let started = start(&script, "fred", &Secret::from("s3cret"), false).await?;
            let Progress::FactorRequired(required) = started else { panic!("a factor is required") };
            let push = required.factors().first().expect("a factor");
            let Progress::Challenged(challenged) = required.verify(&script, push, Answer::Nothing).await?
            else {
                panic!("a challenge")
            };
            match mv {
                "back" => challenged.back(&script).await,
                "resend" => challenged.resend(&script).await,
                "look" => challenged.look(&script).await,
                "verify" => challenged.verify(&script, Answer::PassCode(Secret::from("123456"))).await,
                _ => required.look(&script).await,
            }
        };
        let shown = shown(block_on(steps));
        (shown, script.asked().last().cloned().unwrap_or_default())
    }
    for (mv, answer, expected, asked) in [
        ("back", "required push OKTA", "1 factors", "previous"),
        // Nobody asked for a challenge here.
        ("back", "challenge waiting of push OKTA", REFUSED, "previous"),
        ("resend", "challenge waiting 5", "Device Some(5)", "resend f0"),
        ("resend", "challenge rejected", "400 multi-factor authentication denied", "resend f0"),
        ("look", "challenge waiting 7", "Device Some(7)", "state"),
        ("look", "challenge timeout", "400 failed to complete multi-factor authentication", "state"),
        ("look", "required push OKTA", "1 factors", "state"),
        ("look", "success as 00u2wilma", ANOTHER_USER, "state"),
        ("look from the choice", "challenge waiting of push OKTA", "Device None", "state"),
        // To poll a message would send another.
        ("look from the choice", "challenge waiting of sms OKTA", "Passcode None", "state"),
        ("look from the choice", "challenge code of sms OKTA", "Passcode None", "state"),
        // Of what factor Okta does not say.
        ("look from the choice", "challenge waiting", REFUSED, "state"),
        ("verify", "success", "passed 00u1fred", "verify f0 123456"),
    ] {
        assert_eq!(moved(answer, mv), (expected.to_owned(), asked.to_owned()), "{mv}: {answer}");
    }
}

#[test]
fn only_what_comes_after_a_skipped_warning_counts() {
    for (answer, shown) in [
        ("success", "passed 00u1fred warned"),
        ("success as 00u2wilma", ANOTHER_USER),
        ("required push OKTA", "1 factors"),
        ("warn", REFUSED),
        ("expired", REFUSED),
        ("challenge waiting", REFUSED),
        ("fails other", "400 Okta auth failed: the API returned an error: why"),
    ] {
        assert_eq!(progress(&["warn", answer], false), shown, "{answer}");
    }
    let all = ["warn", "required push OKTA", "challenge waiting", "success"];
    assert_eq!(progress(&all, false), "passed 00u1fred warned");
    assert_eq!(progress(&["required push OKTA", "warn", "success"], false), "passed 00u1fred warned");
}
