//! Which second factor a login takes, when nobody was asked.

use crate::error::{Code, Error, Result};
use crate::okta::{Factor, FactorKind, Provider};

/// Reads `provider` of a login request: any letter case, nothing trimmed; empty is no choice.
///
/// # Errors
/// 400 with Vault's text.
pub(super) fn provider(text: &str) -> Result<Option<Provider>> {
    match text.to_uppercase().as_str() {
        "" => Ok(None),
        "OKTA" => Ok(Some(Provider::Okta)),
        "GOOGLE" => Ok(Some(Provider::Google)),
        other => Err(Error::bad_request(
            Code::InvalidRequest,
            format!("provider {other} is not among the supported ones [GOOGLE OKTA]"),
        )),
    }
}

/// Vault's choice among the active factors. With a passcode it is TOTP where the user has that; else a push of
/// Okta's, even if a passcode was given. Of several of one kind it is the last.
///
/// # Errors
/// 400 with Vault's texts: a passcode is needed, or there is no factor that Vault knows.
pub(super) fn choose(
    factors: &[Factor],
    provider: Option<Provider>,
    passcode_given: bool,
) -> Result<&Factor> {
    let known = |factor: &&Factor| {
        factor.active
            && matches!(factor.provider, Provider::Okta | Provider::Google)
            && provider.is_none_or(|provider| provider == factor.provider)
    };
    let last = |kind| factors.iter().filter(known).rfind(|factor| factor.kind == kind);
    let push = last(FactorKind::Push).filter(|push| push.provider == Provider::Okta);
    match (last(FactorKind::Totp), push) {
        (Some(totp), _) if passcode_given => Ok(totp),
        (_, Some(push)) => Ok(push),
        (Some(_), None) => Err(Error::bad_request(
            Code::PasscodeRequired,
            "'totp' passcode parameter is required to perform MFA",
        )),
        (None, None) => Err(Error::bad_request(
            Code::NoSupportedFactor,
            "Okta Verify Push or TOTP or Google TOTP factor is required in order to perform MFA",
        )),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const TOTP_MISSING: &str = "'totp' passcode parameter is required to perform MFA";
    const NONE_USABLE: &str =
        "Okta Verify Push or TOTP or Google TOTP factor is required in order to perform MFA";

    /// `push OKTA`, `totp GOOGLE`, `sms OKTA`; ` off` behind it: not active. The id is the position.
    pub fn factors(texts: &[&str]) -> Vec<Factor> {
        let factor = |(index, text): (usize, &&str)| {
            let mut words = text.split(' ');
            let (kind, provider) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            Factor {
                id: format!("f{index}"),
                kind: match kind {
                    "push" => FactorKind::Push,
                    "totp" => FactorKind::Totp,
                    "sms" => FactorKind::Sms,
                    _ => FactorKind::Unsupported,
                },
                factor_type: kind.to_owned(),
                provider: match provider {
                    "OKTA" => Provider::Okta,
                    "GOOGLE" => Provider::Google,
                    _ => Provider::Other,
                },
                provider_name: provider.to_owned(),
                name: String::new(),
                question: None,
                active: words.next().is_none(),
            }
        };
        texts.iter().enumerate().map(factor).collect()
    }

    #[test]
    fn providers() {
        assert_eq!(provider("").ok(), Some(None));
        assert_eq!(provider("okta").ok(), Some(Some(Provider::Okta)));
        assert_eq!(provider("Google").ok(), Some(Some(Provider::Google)));
        for (text, shown) in [("DUO", "DUO"), (" okta", " OKTA"), ("x", "X"), ("OKTA,GOOGLE", "OKTA,GOOGLE")]
        {
            let error = provider(text).expect_err(text);
            let expected = format!("provider {shown} is not among the supported ones [GOOGLE OKTA]");
            assert_eq!((error.status(), error.text()), (400, Some(expected.as_str())));
        }
    }

    #[test]
    fn choices_of_vault() {
        const BOTH: &[&str] = &["push OKTA", "totp OKTA", "totp GOOGLE"];
        for (texts, provider, passcode, choice) in [
            (BOTH, None, true, Ok("f2")),
            (BOTH, None, false, Ok("f0")),
            (BOTH, Some(Provider::Okta), true, Ok("f1")),
            (BOTH, Some(Provider::Okta), false, Ok("f0")),
            (BOTH, Some(Provider::Google), true, Ok("f2")),
            (BOTH, Some(Provider::Google), false, Err(TOTP_MISSING)),
            (&["totp OKTA", "push OKTA"], None, false, Ok("f1")),
            (&["totp OKTA", "push OKTA"], None, true, Ok("f0")),
            (&["totp GOOGLE", "totp OKTA"], None, true, Ok("f1")),
            (&["totp GOOGLE", "totp OKTA"], None, false, Err(TOTP_MISSING)),
            (&["push OKTA", "push OKTA"], None, false, Ok("f1")),
            (&["push OKTA"], None, true, Ok("f0")),
            (&["push OKTA"], Some(Provider::Google), true, Err(NONE_USABLE)),
            (&["totp GOOGLE"], Some(Provider::Okta), true, Err(NONE_USABLE)),
            (&["sms OKTA"], None, true, Err(NONE_USABLE)),
            (&["push DUO"], None, false, Err(NONE_USABLE)),
            (&["push GOOGLE"], None, false, Err(NONE_USABLE)),
            (&["totp SYMANTEC"], None, true, Err(NONE_USABLE)),
            (&["push okta"], None, false, Err(NONE_USABLE)),
            (&[], None, false, Err(NONE_USABLE)),
            (&["push OKTA off", "totp OKTA"], None, false, Err(TOTP_MISSING)),
            (&["push OKTA", "push OKTA off"], None, false, Ok("f0")),
            (&["totp OKTA off", "push OKTA"], None, true, Ok("f1")),
        ] {
            let factors = factors(texts);
            let chosen = choose(&factors, provider, passcode);
            let chosen = chosen.map(|factor| factor.id.as_str());
            let shown = chosen.as_ref().map(|id| *id).map_err(|error| error.text().unwrap_or_default());
            assert_eq!(shown, choice, "{texts:?} {provider:?} {passcode}");
        }
    }
}
