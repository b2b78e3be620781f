//! Renewals against a scripted Okta.

use super::super::config::CONFIG_FIELDS;
use super::super::groups::GROUP_FIELDS;
use super::super::script::{Script, block_on};
use super::super::test_support::{Fixture, fields};
use super::super::users::USER_FIELDS;
use super::*;

const LOCAL: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
const BOTH_QUERIES: &[&str] = &["user 00u1fred t", "groups 00u1fred t"];

struct Mount(Fixture);

impl Mount {
    /// Engineers may `dev`, fred himself `own`.
    fn new(config: &str) -> Self {
        let fixture = Fixture::new();
        let method = fixture.method();
        if !config.is_empty() {
            method.write_config(&fields(CONFIG_FIELDS, config).expect("valid"), true).expect("written");
        }
        let engineers = fields(GROUP_FIELDS, r#"{"policies":["dev"]}"#).expect("valid");
        method.write_group("Engineers", &engineers).expect("written");
        let fred = fields(USER_FIELDS, r#"{"groups":[""],"policies":["Own",""]}"#).expect("valid");
        method.write_user("fred", &fred).expect("written");
        Self(fixture)
    }

    fn renew(&self, script: &Script, policies: &[&str]) -> Result<RenewalTerms> {
        let policies: Vec<String> = policies.iter().map(|name| (*name).to_owned()).collect();
        let token = Renewed { username: "fred", okta_user_id: "00u1fred", policies: &policies };
        let method = self.0.method();
        let prepared = method.prepare_renewal(LOCAL)?;
        let premise = prepared.premise.clone();
        let groups = block_on(still_active(script.clone(), prepared, token.okta_user_id.to_owned()))?;
        method.finish_renewal(&premise, token, &groups)
    }
}

#[test]
fn a_renewal_takes_todays_configuration() {
    let mount = Mount::new(
        r#"{"org_name":"acme","api_token":"t","token_ttl":60,"token_max_ttl":120,"token_period":30,"token_policies":"Mixed,"}"#,
    );
    let script = Script::default().with_queries("active", "Engineers,Everyone");
    let renewal = mount.renew(&script, &["default", "dev", "mixed", "own"]).expect("renewed");
    assert_eq!(script.asked(), BOTH_QUERIES);
    assert_eq!((renewal.ttl, renewal.max_ttl, renewal.period), (60, 120, 30));
    assert_eq!(renewal.groups, ["Engineers", "Everyone"]);
    assert_eq!(renewal.warnings, Vec::<String>::new());
}

#[test]
fn a_user_without_groups_is_told_as_at_login() {
    let mount = Mount::new(r#"{"org_name":"acme","api_token":"t"}"#);
    let renewal = mount.renew(&Script::default().with_queries("active", ""), &["default", "own"]);
    assert_eq!(renewal.expect("renewed").warnings, [NO_GROUPS]);
}

/// While Okta was asked, as that takes its time.
#[test]
fn what_one_organisation_said_is_worth_nothing_at_another() {
    for (change, code) in [
        (r#"{"org_name":"umbrella"}"#, Code::ReloginRequired),
        (r#"{"token_bound_cidrs":"10.0.0.0/8"}"#, Code::PermissionDenied),
    ] {
        let mount = Mount::new(r#"{"org_name":"acme","api_token":"t"}"#);
        let method = mount.0.method();
        let premise = method.prepare_renewal(LOCAL).expect("prepared").premise;
        method.write_config(&fields(CONFIG_FIELDS, change).expect("valid"), false).expect("written");
        let policies = ["default".to_owned(), "own".to_owned()];
        let token = Renewed { username: "fred", okta_user_id: "00u1fred", policies: &policies };
        let error = method.finish_renewal(&premise, token, &[]).expect_err("refused");
        assert_eq!(error.code(), code, "{change}");
    }
}

#[test]
fn refusals() {
    const ACME: &str = r#"{"org_name":"acme","api_token":"t"}"#;
    const BOUND: &str = r#"{"org_name":"acme","api_token":"t","token_bound_cidrs":"10.0.0.0/8"}"#;
    const CHANGED: &str = "500 relogin_required 1 error occurred:\n\t* failed to renew entry: policies have changed, not renewing\n\n";
    const NOT_ACTIVE: &str =
        "400 relogin_required okta authentication failed: the user is not active at Okta";
    let user_only = &BOTH_QUERIES[..1];
    for (config, user, groups, asked, end) in [
        (
            "",
            "active",
            "Engineers",
            &[][..],
            "500 not_configured 1 error occurred:\n\t* failed to renew entry: Okta backend not configured\n\n",
        ),
        (
            BOUND,
            "active",
            "Engineers",
            &[],
            "403 permission_denied 1 error occurred:\n\t* failed to renew entry: permission denied\n\n",
        ),
        (
            r#"{"org_name":"acme"}"#,
            "active",
            "Engineers",
            &[],
            "400 relogin_required the token of a login cannot be renewed without a configured api_token, as Okta cannot be asked whether the user is still active: log in again",
        ),
        (ACME, "suspended", "Engineers", user_only, NOT_ACTIVE),
        (ACME, "fails notfound E0000007", "Engineers", user_only, NOT_ACTIVE),
        (
            ACME,
            "active as 00u2wilma",
            "Engineers",
            user_only,
            "400 okta_invalid_answer okta failure retrieving the user: Okta's answer is about another user",
        ),
        (
            ACME,
            "fails unreachable",
            "Engineers",
            user_only,
            "503 okta_unreachable okta failure retrieving the user: the API returned an error: why",
        ),
        (
            ACME,
            "active",
            "fails token E0000011",
            BOTH_QUERIES,
            "400 api_token_refused okta failure retrieving groups: the API returned an error: why (code=E0000011)",
        ),
        (ACME, "active", "Everyone", BOTH_QUERIES, CHANGED),
        (ACME, "active", "", BOTH_QUERIES, CHANGED),
    ] {
        let script = Script::default().with_queries(user, groups);
        let error = Mount::new(config).renew(&script, &["default", "dev", "own"]).expect_err("refused");
        let shown =
            format!("{} {} {}", error.status(), error.code().name(), error.shown(true).unwrap_or_default());
        assert_eq!(
            (shown.as_str(), script.asked().as_slice()),
            (end, &asked.iter().map(|call| (*call).to_owned()).collect::<Vec<_>>()[..])
        );
    }
}

#[test]
fn a_token_without_a_user_of_oktas_cannot_be_renewed() {
    let mount = Mount::new(r#"{"org_name":"acme","api_token":"t"}"#);
    let script = Script::default();
    let prepared = mount.0.method().prepare_renewal(LOCAL).expect("prepared");
    let error = block_on(still_active(script.clone(), prepared, String::new())).expect_err("refused");
    assert_eq!(error.code(), Code::ReloginRequired);
    assert_eq!(script.asked(), Vec::<String>::new());
}
