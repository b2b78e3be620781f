//! The nine `token_*` fields that Vault's auth methods share: what tokens of their logins are like.

use crate::cidr::Cidr;
use crate::error::{Code, Error, Result};
use crate::field::Fields;
use crate::json::{self, Object, Value};
use serde::{Deserialize, Serialize};

/// The fields as they are stored. All times are in seconds; 0 is "not set".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFields {
    /// `token_bound_cidrs`: where logins and their tokens may be used from; empty is everywhere.
    pub bound_cidrs: Vec<Cidr>,
    /// `token_explicit_max_ttl`: a hard end, periodic tokens included.
    pub explicit_max_ttl: i64,
    /// `token_max_ttl`
    pub max_ttl: i64,
    /// `token_no_default_policy`
    pub no_default_policy: bool,
    /// `token_period`: tokens can be renewed by this much for ever.
    pub period: i64,
    /// `token_policies`, as they were written.
    pub policies: Vec<String>,
    /// `token_type`
    pub token_type: TokenType,
    /// `token_ttl`
    pub ttl: i64,
    /// `token_num_uses`: 0 is unlimited.
    pub num_uses: i64,
}

/// `token_type`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    /// What the mount says.
    #[default]
    Default,
    /// Stored, renewable, revocable.
    Service,
    /// Not stored: sealed into the token itself.
    Batch,
}

impl TokenType {
    /// The name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Service => "service",
            Self::Batch => "batch",
        }
    }

    /// Vault refuses `default-service` and `default-batch` here too, though its documentation names one as the
    /// default.
    fn parse(text: &str) -> Result<Self> {
        match text {
            "" | "default" => Ok(Self::Default),
            "service" => Ok(Self::Service),
            "batch" => Ok(Self::Batch),
            _ => Err(refused(format!("invalid 'token_type' value {text:?}"))),
        }
    }
}

/// Which type tokens have, where whoever asks for them may say so, or may not: of a mount, and of a token role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeRule {
    /// Service tokens unless batch tokens are asked for.
    #[default]
    DefaultService,
    /// Batch tokens unless service tokens are asked for.
    DefaultBatch,
    /// Service tokens, whatever is asked for.
    Service,
    /// Batch tokens, whatever is asked for.
    Batch,
}

impl TypeRule {
    const NAMES: [(&'static str, Self); 4] = [
        ("default-service", Self::DefaultService),
        ("default-batch", Self::DefaultBatch),
        ("service", Self::Service),
        ("batch", Self::Batch),
    ];

    /// Vault's name.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, value)| *value == self);
        found.map_or("default-service", |(name, _)| name)
    }

    /// The rule of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Whether it makes a batch token of what is asked for.
    pub fn is_batch(self, asked: TokenType) -> bool {
        match self {
            Self::Service => false,
            Self::Batch => true,
            Self::DefaultService => asked == TokenType::Batch,
            Self::DefaultBatch => asked != TokenType::Service,
        }
    }
}

impl TokenFields {
    /// Takes over the fields that the request has. Call [`TokenFields::check`] before storing.
    ///
    /// # Errors
    /// 400 with Vault's text for a value that is wrong by itself.
    pub fn set(&mut self, fields: &Fields) -> Result<()> {
        self.set_limits(fields)?;
        set_seconds(&mut self.max_ttl, "token_max_ttl", fields)?;
        if let Some(policies) = fields.list("token_policies")? {
            self.policies = policies;
        }
        if let Some(token_type) = fields.string("token_type")? {
            self.token_type = TokenType::parse(&token_type)?;
        }
        set_seconds(&mut self.ttl, "token_ttl", fields)
    }

    /// As [`TokenFields::set`], for those fields that a token role has, too: all but the policies, the type and the
    /// TTLs that end with a renewal.
    pub fn set_limits(&mut self, fields: &Fields) -> Result<()> {
        self.set_cidrs("token_bound_cidrs", fields)?;
        set_seconds(&mut self.explicit_max_ttl, "token_explicit_max_ttl", fields)?;
        if let Some(no_default_policy) = fields.bool("token_no_default_policy")? {
            self.no_default_policy = no_default_policy;
        }
        set_seconds(&mut self.period, "token_period", fields)?;
        if let Some(num_uses) = fields.int("token_num_uses")? {
            self.num_uses = not_negative(num_uses, "token_num_uses")?;
        }
        Ok(())
    }

    /// As [`TokenFields::set`], for a field by the name that it had in a token role before.
    pub fn set_by_old_name(&mut self, name: &str, fields: &Fields) -> Result<()> {
        match name {
            "period" => set_seconds(&mut self.period, name, fields),
            "explicit_max_ttl" => set_seconds(&mut self.explicit_max_ttl, name, fields),
            "bound_cidrs" => self.set_cidrs(name, fields),
            _ => Ok(()),
        }
    }

    fn set_cidrs(&mut self, name: &str, fields: &Fields) -> Result<()> {
        if let Some(cidrs) = fields.list(name)? {
            self.bound_cidrs = cidrs.iter().map(|text| Cidr::parse(text)).collect::<Result<_>>()?;
        }
        Ok(())
    }

    /// Whether the values go together.
    ///
    /// # Errors
    /// 400 with Vault's text.
    pub fn check(&self) -> Result<()> {
        if self.token_type == TokenType::Batch {
            let conflict = if self.period > 0 {
                Some("generate periodic tokens")
            } else if self.num_uses > 0 {
                Some("generate tokens with limited use count")
            } else {
                None
            };
            if let Some(conflict) = conflict {
                return Err(refused(format!(
                    "'token_type' cannot be 'batch' or 'default_batch' when set to {conflict}"
                )));
            }
        }
        if self.ttl > 0 && self.max_ttl > 0 && self.ttl > self.max_ttl {
            return Err(refused("'token_ttl' cannot be greater than 'token_max_ttl'"));
        }
        Ok(())
    }

    /// The fields as Vault shows them.
    pub fn to_json(&self) -> Object {
        let cidrs: Vec<String> = self.bound_cidrs.iter().map(Cidr::to_string).collect();
        json::object([
            ("token_bound_cidrs", Value::from(cidrs)),
            ("token_explicit_max_ttl", Value::from(self.explicit_max_ttl)),
            ("token_max_ttl", Value::from(self.max_ttl)),
            ("token_no_default_policy", Value::from(self.no_default_policy)),
            ("token_period", Value::from(self.period)),
            ("token_policies", Value::from(self.policies.clone())),
            ("token_type", Value::from(self.token_type.name())),
            ("token_ttl", Value::from(self.ttl)),
            ("token_num_uses", Value::from(self.num_uses)),
        ])
    }
}

fn set_seconds(target: &mut i64, name: &str, fields: &Fields) -> Result<()> {
    if let Some(seconds) = fields.seconds(name)? {
        *target = not_negative(seconds, name)?;
    }
    Ok(())
}

/// The value of a field that may be 0 or more.
pub(crate) fn not_negative(value: i64, name: &str) -> Result<i64> {
    if value < 0 { Err(refused(format!("'{name}' cannot be negative"))) } else { Ok(value) }
}

fn refused(text: impl Into<String>) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        let value = json::parse(json).expect("valid JSON");
        Fields::new(&[], value.as_object().expect("an object").clone())
    }

    fn apply(token: &mut TokenFields, fields: &Fields) -> Result<()> {
        token.set(fields)?;
        token.check()
    }

    fn shown(token: &TokenFields) -> String {
        let mut text = Vec::new();
        json::write_object(&token.to_json(), &mut text);
        String::from_utf8(text).expect("UTF-8")
    }

    #[test]
    fn defaults_as_vault_shows_them() {
        assert_eq!(
            shown(&TokenFields::default()),
            r#"{"token_bound_cidrs":[],"token_explicit_max_ttl":0,"token_max_ttl":0,"token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":[],"token_ttl":0,"token_type":"default"}"#
        );
    }

    #[test]
    fn everything_at_once_and_only_what_is_present_changes() {
        let mut token = TokenFields::default();
        let all = r#"{"token_ttl":3600,"token_max_ttl":7200,"token_policies":["dev","ops"],
            "token_bound_cidrs":["10.0.0.0/8","127.0.0.1/32"],"token_explicit_max_ttl":"48h",
            "token_no_default_policy":true,"token_num_uses":5,"token_period":0,"token_type":"service"}"#;
        apply(&mut token, &fields(all)).expect("applied");
        let expected = r#"{"token_bound_cidrs":["10.0.0.0/8","127.0.0.1"],"token_explicit_max_ttl":172800,"token_max_ttl":7200,"token_no_default_policy":true,"token_num_uses":5,"token_period":0,"token_policies":["dev","ops"],"token_ttl":3600,"token_type":"service"}"#;
        assert_eq!(shown(&token), expected);
        apply(&mut token, &fields(r#"{"token_ttl":null}"#)).expect("applied");
        assert_eq!(shown(&token), expected);
        let stored = serde_json::to_vec(&token).expect("JSON");
        assert_eq!(serde_json::from_slice::<TokenFields>(&stored).expect("reads back"), token);
    }

    #[test]
    fn null_empties_all_but_times() {
        let mut token = TokenFields::default();
        let set = r#"{"token_policies":"dev","token_bound_cidrs":"::1","token_num_uses":3,
            "token_no_default_policy":"1","token_type":"service","token_ttl":60}"#;
        apply(&mut token, &fields(set)).expect("applied");
        let nulls = r#"{"token_policies":null,"token_bound_cidrs":null,"token_num_uses":null,
            "token_no_default_policy":null,"token_type":null,"token_ttl":null}"#;
        apply(&mut token, &fields(nulls)).expect("applied");
        assert_eq!(token, TokenFields { ttl: 60, ..TokenFields::default() });
    }

    #[test]
    fn refusals() {
        const PERIODIC: &str =
            "'token_type' cannot be 'batch' or 'default_batch' when set to generate periodic tokens";
        const LIMITED: &str = "'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with limited use count";
        for (before, request, text) in [
            ("{}", r#"{"token_type":"batch","token_period":60}"#, PERIODIC),
            ("{}", r#"{"token_type":"batch","token_num_uses":2}"#, LIMITED),
            (r#"{"token_type":"batch"}"#, r#"{"token_period":"1h"}"#, PERIODIC),
            (r#"{"token_type":"batch"}"#, r#"{"token_num_uses":2}"#, LIMITED),
            (r#"{"token_num_uses":2}"#, r#"{"token_type":"batch"}"#, LIMITED),
            ("{}", r#"{"token_type":"default-service"}"#, "invalid 'token_type' value \"default-service\""),
            ("{}", r#"{"token_num_uses":-1}"#, "'token_num_uses' cannot be negative"),
            ("{}", r#"{"token_ttl":-1}"#, "'token_ttl' cannot be negative"),
            (
                "{}",
                r#"{"token_ttl":7200,"token_max_ttl":3600}"#,
                "'token_ttl' cannot be greater than 'token_max_ttl'",
            ),
            (
                r#"{"token_ttl":3600,"token_max_ttl":3600}"#,
                r#"{"token_max_ttl":3599}"#,
                "'token_ttl' cannot be greater than 'token_max_ttl'",
            ),
            (
                "{}",
                r#"{"token_bound_cidrs":["10.0.0.0/8","junk"]}"#,
                "error parsing address \"junk\": Unable to convert \"junk\" to an IPv4 or IPv6 address, or a UNIX Socket",
            ),
        ] {
            let mut token = TokenFields::default();
            apply(&mut token, &fields(before)).expect(before);
            let error = apply(&mut token, &fields(request)).expect_err(request);
            assert_eq!((error.status(), error.text()), (400, Some(text)), "{before} {request}");
        }
    }
}
