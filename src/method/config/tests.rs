//! Requests of the recorded scenarios, and what they leave behind.

use super::super::test_support::{Fixture, fields, shown};
use super::*;

/// A configuration that many tests start from.
const ACME: &str = r#"{"org_name":"acme","api_token":"00TokenForTests"}"#;

fn write(fixture: &Fixture, json: &str) -> String {
    let creating = !fixture.method().config_exists().expect("storage");
    shown(fields(CONFIG_FIELDS, json).and_then(|fields| fixture.method().write_config(&fields, creating)))
}

fn read(fixture: &Fixture) -> Reply {
    fixture.method().read_config().expect("storage").expect("a configuration")
}

/// Members of the configuration, as JSON; what a fresh one has is left out.
fn changed(fixture: &Fixture) -> String {
    let mut data = read(fixture).data.expect("data");
    let fresh = Config::default().to_reply().data.expect("data");
    data.retain(|name, value| {
        let text = |value: &Value| {
            let mut text = Vec::new();
            value.write(&mut text);
            text
        };
        fresh.get(name).is_none_or(|fresh| text(fresh) != text(value))
    });
    data.remove("organization");
    shown(Ok(Some(Reply::data(data))))
}

fn check(start: &str, steps: &[(&str, &str, &str)]) {
    let fixture = Fixture::new();
    if !start.is_empty() {
        assert_eq!(write(&fixture, start), "nothing", "{start}");
    }
    for (request, answer, stored) in steps {
        assert_eq!(write(&fixture, request), *answer, "{request}");
        assert_eq!(changed(&fixture), *stored, "{request}");
    }
}

#[test]
fn a_minimal_configuration_reads_back_with_its_defaults() {
    let fixture = Fixture::new();
    assert_eq!(shown(fixture.method().read_config()), "nothing");
    assert_eq!(write(&fixture, r#"{"org_name":"acme"}"#), "nothing");
    let text = shown(fixture.method().read_config());
    assert_eq!(
        text,
        format!(
            r#"{{"base_url":"okta.com","bypass_okta_mfa":false,"org_name":"acme","organization":"acme","token_bound_cidrs":[],"token_explicit_max_ttl":0,"token_max_ttl":0,"token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":[],"token_ttl":0,"token_type":"default"}} {:?}"#,
            [NO_API_TOKEN]
        )
    );
}

#[test]
fn an_organisation_is_required_and_stays() {
    let fixture = Fixture::new();
    for request in [
        r#"{"api_token":"00TokenForTests"}"#,
        "{}",
        r#"{"org_name":""}"#,
        r#"{"org_name":null}"#,
        r#"{"organization":""}"#,
        r#"{"org_url":""}"#,
        r#"{"base_url":"exa mple.com"}"#,
    ] {
        assert_eq!(write(&fixture, request), "400 org_name is missing", "{request}");
    }
    assert!(!fixture.method().config_exists().expect("storage"));
    let acme = r#"{"org_name":"acme"}"#;
    check(
        ACME,
        &[
            (r#"{"org_name":""}"#, "400 org_name is missing", acme),
            (r#"{"org_name":null}"#, "400 org_name is missing", acme),
            (r#"{"organization":"second"}"#, "nothing", r#"{"org_name":"second"}"#),
            (r#"{"organization":"third","org_name":"fourth"}"#, "nothing", r#"{"org_name":"fourth"}"#),
            (r#"{"organization":"fifth","org_name":""}"#, "nothing", r#"{"org_name":"fifth"}"#),
            (r#"{"org_name":12345}"#, "nothing", r#"{"org_name":"12345"}"#),
            (r#"{"org_name":true}"#, "nothing", r#"{"org_name":"1"}"#),
            (r#"{"org_name":1.5}"#, "nothing", r#"{"org_name":"1.5"}"#),
            (r#"{"org_name":"  spaced  "}"#, "nothing", r#"{"org_name":"  spaced  "}"#),
            (r#"{"org_name":"ünïcode"}"#, "nothing", r#"{"org_name":"ünïcode"}"#),
        ],
    );
}

#[test]
fn domains_that_are_taken() {
    let fixture = Fixture::new();
    write(&fixture, ACME);
    for domain in [
        "oktapreview.com",
        "okta-emea.com",
        "okta-gov.com",
        "okta.mil",
        "example.test",
        "okta.com:8443",
        "OKTA.com",
        "127.0.0.1",
        "0.0.1:8443",
    ] {
        assert_eq!(write(&fixture, &format!(r#"{{"base_url":"{domain}"}}"#)), "nothing", "{domain}");
        assert_eq!(changed(&fixture), format!(r#"{{"base_url":"{domain}","org_name":"acme"}}"#));
    }
    for nothing in [r#""""#, "null"] {
        write(&fixture, r#"{"base_url":"example.test"}"#);
        assert_eq!(write(&fixture, &format!(r#"{{"base_url":{nothing}}}"#)), "nothing");
        assert_eq!(changed(&fixture), r#"{"org_name":"acme"}"#);
    }
}

#[test]
fn domains_that_are_refused_and_change_nothing() {
    let fixture = Fixture::new();
    write(&fixture, r#"{"org_name":"acme","base_url":"example.test","api_token":"t"}"#);
    for domain in [
        "https://okta.com",
        "okta.com/path",
        "okta.com?x=1",
        "okta.com#f",
        "user@okta.com",
        " okta.com",
        "exa mple.com",
        "okta.com:bar",
        "%zz",
        "okta.com/",
        ".okta.com",
        "okta..com",
        "[::1]",
    ] {
        let answer = write(&fixture, &format!(r#"{{"base_url":"{domain}","token_ttl":1}}"#));
        assert!(answer.starts_with("400 Error parsing given base_url: "), "{domain}: {answer}");
        assert!(answer.contains("org_url"), "{answer}");
        assert_eq!(changed(&fixture), r#"{"base_url":"example.test","org_name":"acme"}"#, "{domain}");
    }
}

#[test]
fn the_last_word_on_the_address_counts() {
    let own = r#"{"org_url":"https://sso.example.ca"}"#;
    check(
        r#"{"org_url":"https://SSO.example.ca/","api_token":"t"}"#,
        &[
            ("{}", "nothing", own),
            (
                r#"{"org_url":"ftp://x"}"#,
                "400 Error parsing given org_url: the address must begin with https://",
                own,
            ),
            (r#"{"base_url":"example.test"}"#, "400 org_name is missing", own),
            (
                r#"{"base_url":"okta.com","production":true,"org_url":"https://sso.example.ca"}"#,
                "nothing",
                own,
            ),
            (r#"{"org_name":"acme"}"#, "nothing", r#"{"org_name":"acme"}"#),
            (
                r#"{"org_url":"https://sso.example.ca"}"#,
                "nothing",
                r#"{"org_name":"acme","org_url":"https://sso.example.ca"}"#,
            ),
            // Nothing new.
            (
                r#"{"org_name":"acme"}"#,
                "nothing",
                r#"{"org_name":"acme","org_url":"https://sso.example.ca"}"#,
            ),
            (r#"{"base_url":"example.test"}"#, "nothing", r#"{"base_url":"example.test","org_name":"acme"}"#),
            (
                r#"{"org_url":"http://127.0.0.1:8080"}"#,
                "nothing",
                r#"{"org_name":"acme","org_url":"http://127.0.0.1:8080"}"#,
            ),
            (r#"{"org_url":""}"#, "nothing", r#"{"org_name":"acme"}"#),
        ],
    );
}

#[test]
fn a_name_beside_a_whole_address_is_warned_of() {
    let fixture = Fixture::new();
    let warnings = |json: &str, creating| {
        let fields = fields(CONFIG_FIELDS, json).expect("valid");
        let reply = fixture.method().write_config(&fields, creating).expect("written");
        reply.map(|reply| reply.warnings).unwrap_or_default()
    };
    assert_eq!(warnings(r#"{"org_name":"acme","org_url":"https://sso.example.ca"}"#, true).len(), 1);
    assert_eq!(warnings(r#"{"organization":"acme","org_url":"https://sso.example.ca"}"#, false).len(), 1);
    // As one reads it and writes it back.
    assert!(warnings(r#"{"org_name":"","org_url":"https://sso.example.ca"}"#, false).is_empty());
    assert!(warnings(r#"{"org_name":"other"}"#, false).is_empty());
}

#[test]
fn production_counts_only_without_a_domain() {
    let preview = r#"{"base_url":"oktapreview.com","org_name":"acme","production":false}"#;
    check(
        ACME,
        &[
            (r#"{"production":false}"#, "nothing", preview),
            ("{}", "nothing", preview),
            (r#"{"production":true}"#, "nothing", r#"{"org_name":"acme","production":true}"#),
            (
                r#"{"production":false,"base_url":"okta.mil"}"#,
                "nothing",
                r#"{"base_url":"okta.mil","org_name":"acme"}"#,
            ),
            (r#"{"production":null,"base_url":""}"#, "nothing", preview),
        ],
    );
}

#[test]
fn deprecated_times() {
    check(
        r#"{"org_name":"acme","api_token":"t","ttl":3600,"max_ttl":7200}"#,
        &[
            (
                "{}",
                "nothing",
                r#"{"max_ttl":7200,"org_name":"acme","token_max_ttl":7200,"token_ttl":3600,"ttl":3600}"#,
            ),
            (
                r#"{"token_ttl":600}"#,
                "nothing",
                r#"{"max_ttl":7200,"org_name":"acme","token_max_ttl":7200,"token_ttl":600}"#,
            ),
            (
                r#"{"ttl":700,"token_ttl":800}"#,
                "nothing",
                r#"{"max_ttl":7200,"org_name":"acme","token_max_ttl":7200,"token_ttl":800,"ttl":800}"#,
            ),
            (r#"{"ttl":null,"max_ttl":""}"#, "nothing", r#"{"org_name":"acme","token_ttl":800,"ttl":800}"#),
            (
                r#"{"max_ttl":"1h","token_max_ttl":"3h"}"#,
                "nothing",
                r#"{"max_ttl":10800,"org_name":"acme","token_max_ttl":10800,"token_ttl":800,"ttl":800}"#,
            ),
            (
                r#"{"ttl":"4h"}"#,
                "400 'token_ttl' cannot be greater than 'token_max_ttl'",
                r#"{"max_ttl":10800,"org_name":"acme","token_max_ttl":10800,"token_ttl":800,"ttl":800}"#,
            ),
            (
                r#"{"max_ttl":-1}"#,
                r#"400 error converting input for field "max_ttl": cannot provide negative value '-1'"#,
                r#"{"max_ttl":10800,"org_name":"acme","token_max_ttl":10800,"token_ttl":800,"ttl":800}"#,
            ),
        ],
    );
}

#[test]
fn a_failed_write_stores_nothing() {
    let stored = r#"{"org_name":"acme","token_ttl":600}"#;
    check(
        r#"{"org_name":"acme","api_token":"t","token_ttl":600}"#,
        &[
            (
                r#"{"org_name":"other","token_type":"nonsense"}"#,
                r#"400 invalid 'token_type' value "nonsense""#,
                stored,
            ),
            (
                r#"{"org_name":"other","token_ttl":"abc"}"#,
                r#"400 error converting input for field "token_ttl": time: invalid duration "abc""#,
                stored,
            ),
            (
                r#"{"org_name":"other","token_ttl":900,"token_max_ttl":60}"#,
                "400 'token_ttl' cannot be greater than 'token_max_ttl'",
                stored,
            ),
        ],
    );
}

#[test]
fn the_bypass_warns_at_write_and_read() {
    let fixture = Fixture::new();
    let warned = format!("null {:?}", [BYPASS]);
    assert_eq!(write(&fixture, r#"{"org_name":"acme","bypass_okta_mfa":"t"}"#), warned);
    assert_eq!(read(&fixture).warnings, [BYPASS, NO_API_TOKEN]);
    assert_eq!(write(&fixture, r#"{"token_ttl":60}"#), warned);
    assert_eq!(write(&fixture, r#"{"bypass_okta_mfa":null,"api_token":"t"}"#), "nothing");
    assert_eq!(read(&fixture).warnings, Vec::<String>::new());
}

#[test]
fn the_api_token_and_its_older_name() {
    let fixture = Fixture::new();
    let token = || {
        let config = fixture.method().config().expect("storage").expect("a configuration");
        config.api_token().map(|token| token.expose().clone())
    };
    for (request, kept) in [
        (r#"{"org_name":"acme","token":"old"}"#, Some("old")),
        (r#"{"api_token":"new","token":"ignored"}"#, Some("new")),
        ("{}", Some("new")),
        (r#"{"token":""}"#, None),
        (r#"{"token":"again"}"#, Some("again")),
        (r#"{"api_token":null,"token":"ignored"}"#, None),
    ] {
        assert_eq!(write(&fixture, request), "nothing", "{request}");
        assert_eq!(token().as_deref(), kept, "{request}");
        assert_eq!(read(&fixture).warnings.is_empty(), kept.is_some(), "{request}");
    }
    for bad in [r#""hunter2\n""#, r#"["hunter2"]"#] {
        let answer = write(&fixture, &format!(r#"{{"api_token":{bad}}}"#));
        assert!(answer.starts_with("400 ") && !answer.contains("hunter2"), "{answer}");
    }
    write(&fixture, r#"{"api_token":"hunter2"}"#);
    assert!(!shown(fixture.method().read_config()).contains("hunter2"));
}

#[test]
fn addresses_of_okta() {
    for (request, address) in [
        (r#"{"org_name":"acme"}"#, Ok("https://acme.okta.com")),
        (r#"{"org_name":"acme","production":false}"#, Ok("https://acme.oktapreview.com")),
        (r#"{"org_name":"127","base_url":"0.0.1:8443"}"#, Ok("https://127.0.0.1:8443")),
        (r#"{"org_name":"acme","org_url":"https://sso.example.ca"}"#, Ok("https://sso.example.ca")),
        (r#"{"org_name":"evil.example/"}"#, Err(400)),
        (r#"{"org_name":"evil.example#"}"#, Err(400)),
        (r#"{"org_name":"me@evil"}"#, Err(400)),
        (r#"{"org_name":"  spaced  "}"#, Err(500)),
    ] {
        let mut config = Config::default();
        let applied = config.apply(&fields(CONFIG_FIELDS, request).expect("valid"));
        let org = applied.and_then(|()| Ok(config.org()?.to_string())).map_err(|error| error.status());
        assert_eq!(org.as_deref().map_err(|status| *status), address, "{request}");
    }
}

#[test]
fn concurrent_partial_updates_lose_nothing() {
    let fixture = Fixture::new();
    write(&fixture, ACME);
    let requests = [
        r#"{"token_ttl":1}"#,
        r#"{"token_max_ttl":2}"#,
        r#"{"token_period":3}"#,
        r#"{"token_explicit_max_ttl":4}"#,
        r#"{"token_num_uses":5}"#,
        r#"{"token_policies":"dev"}"#,
    ];
    std::thread::scope(|scope| {
        for request in requests {
            let fixture = &fixture;
            scope.spawn(move || assert_eq!(write(fixture, request), "nothing", "{request}"));
        }
    });
    assert_eq!(
        changed(&fixture),
        r#"{"org_name":"acme","token_explicit_max_ttl":4,"token_max_ttl":2,"token_num_uses":5,"token_period":3,"token_policies":["dev"],"token_ttl":1}"#
    );
}

#[test]
fn a_right_to_create_is_none_to_update() {
    let fixture = Fixture::new();
    write(&fixture, ACME);
    for creating in [true, false] {
        let other = if creating { fixture.method() } else { Method { mount_id: "m2", ..fixture.method() } };
        let request = fields(CONFIG_FIELDS, r#"{"org_name":"other"}"#).expect("valid");
        let error = other.write_config(&request, creating).err().expect("refused");
        assert_eq!((error.status(), error.code()), (503, Code::StorageBusy));
    }
    assert_eq!(changed(&fixture), r#"{"org_name":"acme"}"#);
}
