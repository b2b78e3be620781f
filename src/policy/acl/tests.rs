use super::*;
use crate::deadline::Cancel;
use crate::json::parse;
use crate::policy::template::tests::Named;
use std::time::Duration;

/// The rule set of Vault's own tests.
pub const FIRST: &str = r#"
path "dev/*" { capabilities = ["read", "update", "delete", "create", "list", "sudo"] }
path "stage/*" { policy = "write" }
path "stage/aws/*" { policy = "read" capabilities = ["update", "sudo"] }
path "stage/aws/policy/*" { policy = "sudo" }
path "prod/*" { policy = "read" }
path "prod/aws/*" { policy = "deny" }
path "sys/*" { policy = "deny" }
path "foo/bar" { capabilities = ["read", "create", "sudo"] }
path "baz/quux" { capabilities = ["read", "create", "patch"] }
path "test/+/segment" { capabilities = ["read"] }
path "+/segment/at/front" { capabilities = ["read"] }
path "test/segment/at/end/+" { capabilities = ["read"] }
path "test/segment/at/end/v2/+/" { capabilities = ["read"] }
path "test/+/wildcard/+/*" { capabilities = ["read"] }
path "test/+/wildcardglob/+/end*" { capabilities = ["read"] }
path "1/2/*" { capabilities = ["create"] }
path "1/2/+" { capabilities = ["read"] }
path "1/2/+/+" { capabilities = ["update"] }
"#;

/// Merged onto the first.
const SECOND: &str = r#"
path "dev/hide/*" { capabilities = ["deny"] }
path "stage/aws/policy/*" { capabilities = ["deny", "read", "update"] }
path "prod/*" { policy = "write" }
path "sys/seal" { capabilities = ["update", "sudo"] }
path "foo/bar" { capabilities = ["deny"] }
path "baz/quux" { capabilities = ["deny"] }
"#;

fn acl(texts: &[&str]) -> Acl {
    let compile = |(number, text): (usize, &&str)| {
        Arc::new(Policy::compile(&format!("p{number}"), text).expect("a policy").0)
    };
    Acl::new(texts.iter().enumerate().map(compile).collect())
}

fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(60), Cancel::default())
}

fn ask(acl: &Acl, operation: &str, path: &str, data: &str, wrap_ttl: Option<i64>) -> Decision {
    let data = parse(data).expect("valid JSON");
    let data = data.as_object().expect("an object");
    let asked = Asked {
        capability: Capability::of(operation),
        path,
        data,
        fields: &[],
        wrap_ttl,
        protected: false,
        one_form: None,
    };
    acl.decide(&asked, None, &deadline()).expect("decided in time")
}

/// Operations (allowed or with a `!` not), a path, and whether `sudo` is granted, where that is told.
type Row = (&'static str, &'static str, Option<bool>);

fn check(acl: &Acl, rows: &[Row]) {
    for (operations, path, sudo) in rows {
        for operation in operations.split(' ') {
            let (operation, allowed) =
                operation.strip_prefix('!').map_or((operation, true), |name| (name, false));
            let decision = ask(acl, operation, path, "{}", None);
            assert_eq!(decision.allowed, allowed, "{operation} {path}: {decision:?}");
            assert!(sudo.is_none_or(|sudo| sudo == decision.sudo), "{operation} {path}: {decision:?}");
        }
    }
}

#[test]
fn vaults_table() {
    let rows: &[Row] = &[
        ("!read", "root", Some(false)),
        ("read update", "dev/foo", Some(true)),
        ("delete", "stage/foo", Some(false)),
        ("list update", "stage/aws/foo", Some(true)),
        ("update", "stage/aws/policy/foo", Some(true)),
        ("!delete !update read list", "prod/foo", Some(false)),
        ("!read", "prod/aws/foo", Some(false)),
        ("read create !list !update", "foo/bar", Some(true)),
        ("read create patch !list !update", "baz/quux", Some(false)),
        ("!read", "test/foo/bar/segment", None),
        ("read", "test/foo/segment", None),
        ("read", "test/bar/segment", None),
        ("!read", "test/segment/at/frond", None),
        ("read", "test/segment/at/front", None),
        ("read", "test/segment/at/end/foo", None),
        ("!read", "test/segment/at/end/foo/", None),
        ("read", "test/segment/at/end/v2/foo/", None),
        ("read", "test/segment/wildcard/at/foo/", None),
        ("read", "test/segment/wildcard/at/end", None),
        ("read", "test/segment/wildcard/at/end/", None),
        ("!read", "1/2/3/4", None),
        ("read !update", "1/2/3", None),
        ("update", "1/2/3/4", None),
        ("create", "1/2/3/4/5", None),
    ];
    check(&acl(&[FIRST]), rows);
    assert!(ask(&Acl::root(), "delete", "anything", "{}", None).allowed);
}

#[test]
fn vaults_table_of_two_policies() {
    let rows: &[Row] = &[
        ("!read", "dev/hide/foo", None),
        ("!update", "stage/aws/policy/foo", None),
        ("delete update", "prod/foo", None),
        ("!read !update", "prod/aws/foo", None),
        ("!read", "sys/status", None),
        ("update", "sys/seal", Some(true)),
        ("!read !create !list !update", "foo/bar", None),
        ("!read !create !patch", "baz/quux", None),
    ];
    for texts in [[FIRST, SECOND], [SECOND, FIRST]] {
        check(&acl(&texts), rows);
    }
}

#[test]
fn wrapping_is_bounded() {
    let rule = |bounds: &str| format!(r#"path "a" {{ policy = "write" {bounds} }}"#);
    for (bounds, ttl, data, allowed) in [
        (
            r#"denied_parameters = { "zap" = [] } min_wrapping_ttl = 300 max_wrapping_ttl = 400"#,
            None,
            "{}",
            false,
        ),
        ("min_wrapping_ttl = 300 max_wrapping_ttl = 400", Some(50), r#"{"zip":1}"#, false),
        ("min_wrapping_ttl = 300 max_wrapping_ttl = 400", Some(450), "{}", false),
        ("min_wrapping_ttl = 300 max_wrapping_ttl = 400", Some(350), "{}", true),
        (r#"allowed_parameters = { "hello" = [] } min_wrapping_ttl = 300"#, None, r#"{"hello":1}"#, false),
        (
            r#"allowed_parameters = { "hello" = [] } min_wrapping_ttl = 300"#,
            Some(50),
            r#"{"hello":1}"#,
            false,
        ),
        (
            r#"allowed_parameters = { "hello" = [] } min_wrapping_ttl = 300"#,
            Some(450),
            r#"{"hello":1}"#,
            true,
        ),
        ("max_wrapping_ttl = 400", None, "{}", false),
        ("max_wrapping_ttl = 400", Some(400), "{}", true),
        ("max_wrapping_ttl = 400", Some(i64::MAX), "{}", false),
        (r#"max_wrapping_ttl = "500ms""#, Some(1), "{}", false),
        (r#"min_wrapping_ttl = "1500ms""#, Some(1), "{}", false),
        (r#"min_wrapping_ttl = "1500ms""#, Some(2), "{}", true),
    ] {
        let decision = ask(&acl(&[&rule(bounds)]), "update", "a", data, ttl);
        assert_eq!(decision.allowed, allowed, "{bounds} {ttl:?}: {decision:?}");
        assert!(allowed || decision.reason == Reason::WrapTtl);
    }
    // Each rule by itself is satisfiable, both together are not.
    let (short, long) = (rule("max_wrapping_ttl = 100"), rule("min_wrapping_ttl = 200"));
    assert!(!ask(&acl(&[&short, &long]), "update", "a", "{}", Some(150)).allowed);
}

#[test]
fn a_decision_names_who_made_it() {
    let texts = [
        r#"path "a/*" { capabilities = ["read"] }"#,
        r#"path "a/*" { capabilities = ["update"] required_parameters = ["x"] }"#,
        r#"path "/a/b" { capabilities = ["deny"] }"#,
    ];
    let acl = acl(&texts);
    let told = |operation: &str, path: &str| {
        let decision = ask(&acl, operation, path, r#"{"x":1}"#, None);
        let names: Vec<_> = decision.policies.iter().map(|name| name.to_string()).collect();
        (names.join(" "), decision.rule.map(|rule| rule.to_string()).unwrap_or_default(), decision.reason)
    };
    assert_eq!(told("read", "a/x"), ("p0".into(), "a/*".into(), Reason::Granted));
    assert_eq!(told("update", "a/x"), ("p1".into(), "a/*".into(), Reason::Granted));
    assert_eq!(told("delete", "a/x"), ("p0 p1".into(), "a/*".into(), Reason::NotGranted));
    assert_eq!(told("read", "a/b"), ("p2".into(), "a/b".into(), Reason::Denied));
    assert_eq!(told("read", "b"), (String::new(), String::new(), Reason::NoRule));
    assert_eq!(ask(&acl, "read", "a/x", "{}", None).reason, Reason::ParameterMissing);
    assert_eq!(ask(&Acl::root(), "read", "b", "{}", None).reason, Reason::Root);
}

#[test]
fn a_listing_looks_at_the_folder_first() {
    let text = r#"path "a/*" { capabilities = ["list"] }
        path "a/b/*" { capabilities = ["deny"] }
        path "c" { capabilities = ["list"] }
        path "+/d" { capabilities = ["list"] }"#;
    for (path, allowed) in [("a/b/", true), ("a/b/c/", false), ("c/", true), ("x/d/", true), ("x/", false)] {
        assert_eq!(ask(&acl(&[text]), "list", path, "{}", None).allowed, allowed, "{path}");
    }
    assert!(!ask(&acl(&[text]), "read", "c/", "{}", None).allowed);
}

#[test]
fn a_folder_is_reached_by_whatever_is_granted_below_it() {
    for (text, reached) in [
        (r#"path "auth/okta/users/fred" { capabilities = ["read"] }"#, true),
        (r#"path "auth/okta/users/f*" { capabilities = ["read"] }"#, true),
        (r#"path "auth/*" { capabilities = ["read"] }"#, true),
        (r#"path "auth/+/config" { capabilities = ["read"] }"#, true),
        (r#"path "auth/+/users/*" { capabilities = ["read"] }"#, true),
        (r#"path "+/ok*" { capabilities = ["read"] }"#, true),
        (r#"path "auth/okta/{{identity.entity.name}}" { capabilities = ["read"] }"#, true),
        (r#"path "auth/okta2/users" { capabilities = ["read"] }"#, false),
        (r#"path "auth/+" { capabilities = ["read"] }"#, true),
        (r#"path "auth/+/" { capabilities = ["deny"] }"#, false),
        (r#"path "auth/okta/config" { capabilities = ["deny"] }"#, false),
        (r#"path "auth/okta/config" {}"#, false),
        ("", false),
    ] {
        let fred: Option<&dyn Attributes> = Some(&Named("fred"));
        assert_eq!(acl(&[text]).reaches("auth/okta/", fred), reached, "{text}");
    }
    let granted = r#"path "auth/okta/config" { capabilities = ["read"] }"#;
    let denied = r#"path "auth/okta/config" { capabilities = ["deny"] }"#;
    assert!(!acl(&[granted, denied]).reaches("auth/okta/", None));
    assert!(Acl::root().reaches("auth/okta/", None));
    // Nor does a name that cannot be put in open what is denied there.
    let denied = r#"path "auth/okta/users/{{identity.entity.name}}/{{x}}" { capabilities = ["deny"] }
        path "auth/okta/users/*" { capabilities = ["read"] }"#;
    let reached = |name: &str| acl(&[denied]).reaches("auth/okta/", Some(&Named(name)));
    assert_eq!((reached("fred"), reached("a..b")), (true, false));
}

#[test]
fn protected_paths_need_sudo_beside_the_right() {
    let text = r#"path "a" { capabilities = ["read", "sudo"] } path "b" { capabilities = ["read"] }
        path "c" { capabilities = ["sudo"] }"#;
    for (path, reason) in [("a", Reason::Granted), ("b", Reason::SudoMissing), ("c", Reason::NotGranted)] {
        let data = &Object::new();
        let asked = Asked {
            capability: Some(Capability::Read),
            path,
            data,
            fields: &[],
            wrap_ttl: None,
            protected: true,
            one_form: None,
        };
        assert_eq!(acl(&[text]).decide(&asked, None, &deadline()).expect("decided in time").reason, reason);
    }
}

/// Otherwise a name could be chosen so that a rule that denies says nothing.
#[test]
fn a_name_that_cannot_be_put_in_escapes_no_rule_that_denies() {
    let text = r#"path "a/*" { capabilities = ["read"] }
        path "a/{{identity.entity.name}}/own" { capabilities = ["deny"] }"#;
    let acl = acl(&[text, r#"path "b/*" { capabilities = ["read"] }"#]);
    let granted = |name: &str, path: &str| acl.capabilities(path, None, Some(&Named(name))).join(" ");
    assert_eq!(
        (granted("fred", "a/fred/own").as_str(), granted("fred", "a/x/own").as_str()),
        ("deny", "read")
    );
    for name in ["a..b", ".a", "+a", "a/b", "*"] {
        assert_eq!(granted(name, "a/x/own"), "deny", "{name}");
        assert_eq!(granted(name, "b/x"), "read", "{name}");
    }
    assert_eq!(granted("", "a/x/own"), "read");
}

#[test]
fn templates_are_merged_with_what_is_written_out() {
    let text = r#"path "a/{{identity.entity.name}}/*" { capabilities = ["read"] }
        path "a/{{identity.entity.id}}/*" { capabilities = ["update"] }
        path "b/{{identity.entity.name}}*" { capabilities = ["read"] }
        path "a/fred/*" { capabilities = ["list"] }"#;
    let acl = acl(&[text, r#"path "a/joe/*" { capabilities = ["deny"] }"#]);
    let granted = |name: &str, path: &str| acl.capabilities(path, None, Some(&Named(name))).join(" ");
    assert_eq!(granted("fred", "a/fred/x"), "list read");
    assert_eq!(granted("joe", "a/joe/x"), "deny");
    assert_eq!(granted("ann", "a/fred/x"), "list");
    assert_eq!(granted("a/b", "a/a/b/x"), "deny");
    assert_eq!(granted("*", "a/x/x"), "deny");
    assert_eq!(granted("x+", "b/x+y"), "deny");
    assert_eq!(acl.capabilities("a/fred/x", None, None).join(" "), "list");
    assert!(acl.reads_entity_for("a/x", None) && !acl.reads_entity_for("c/x", None));
    assert!(acl.reads_entity_below("a/x/") && !acl.reads_entity_below("c/"));
    assert!(acl.reads_entity_below("") && !acl.reads_entity_for("", None));
}

/// A policy of a megabyte and one of ten thousand rules do not make a request slow: nothing here is looked through.
#[test]
fn many_rules_are_not_looked_through() {
    let rules: String = (0..10_000)
        .map(|n| {
            let path = ["x/{n}", "x/{n}*", "x/+/{n}", "x/+/{n}*"][n % 4].replace("{n}", &n.to_string());
            format!("path \"{path}\" {{ capabilities = [\"read\"] }}\n")
        })
        .collect();
    let acl = acl(&[&rules]);
    for (path, rule) in
        [("x/8", "x/8"), ("x/9994/y", "x/9*"), ("x/y/9998", "x/+/9998"), ("x/y/99997", "x/+/9999*")]
    {
        let decision = ask(&acl, "read", path, "{}", None);
        assert_eq!(decision.rule.as_deref(), Some(rule), "{path}");
    }
}

#[test]
fn the_default_policy_lets_an_entity_be_read_by_its_bearer() {
    let default = crate::policy::builtin::text("default").expect("a text");
    let acl = acl(&[default]);
    let granted = |path: &str| acl.capabilities(path, None, Some(&Named("entity_1"))).join(" ");
    assert_eq!(granted("identity/entity/name/entity_1"), "read");
    assert_eq!(granted("identity/entity/name/entity_2"), "deny");
    assert_eq!(granted("identity/entity/name/"), "deny");
}
