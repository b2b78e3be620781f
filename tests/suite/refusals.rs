//! Every refusal that the header lists for an operation happens as it says, and none happens that is not listed.

use okta_auth::api::Client;
use okta_auth::api::operations::OPERATIONS;
use okta_auth::limits;
use okta_loopback::{
    API_TOKEN, Enrollment, Factor, Fault, FaultKind, Okta, PasswordState, PushScript, RateLimitVariant, User,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PASSWORD: &str = "correct horse";
const FRED: &str = r#"{"username":"fred","password":"correct horse"}"#;

/// An Okta that knows fred, and a client that is configured for it.
struct World {
    okta: Okta,
    client: Client,
}

/// What is done to a world of its own before the request, and the request, where that depends on an answer.
type Scene = fn(&World) -> Option<String>;

/// What needs more than a request to show, and the test that does.
const ELSEWHERE: &[(&str, u16, &str, &str)] = &[
    ("enable_auth_method", 400, "limit_reached", "mount::tests"),
    ("create_or_update_token_role", 400, "limit_reached", "token::role_tests"),
    ("create_or_update_acl_policy", 400, "limit_reached", "policy::store"),
    ("register_user", 400, "limit_reached", "method::users"),
    ("register_group", 400, "limit_reached", "method::groups"),
];

/// (operation, what comes before, request, status, code)
type Case = (&'static str, Option<Scene>, &'static str, u16, &'static str);

const CASES: &[Case] = &[
    ("configure", None, r#"{"org_name":7,"token_ttl":"soon"}"#, 400, "invalid_request"),
    ("read_config", None, r#"{"mount_point":"empty"}"#, 404, "not_found"),
    ("register_user", None, r#"{"username":"a\u0007b"}"#, 400, "invalid_request"),
    ("read_user", None, r#"{"username":"nobody"}"#, 404, "not_found"),
    ("list_users", None, "{}", 404, "not_found"),
    ("register_group", None, r#"{"name":""}"#, 400, "invalid_request"),
    ("read_group", None, r#"{"name":"nobody"}"#, 404, "not_found"),
    ("list_groups", None, "{}", 404, "not_found"),
    ("login", None, r#"{"username":"fred"}"#, 400, "invalid_request"),
    ("login", None, r#"{"username":"fred","password":"x","mount_point":"empty"}"#, 400, "not_configured"),
    ("login", None, r#"{"username":"fred","password":"wrong"}"#, 400, "invalid_credentials"),
    ("login", Some(locked), FRED, 400, "locked_out"),
    ("login", Some(expired), FRED, 400, "password_expired"),
    ("login", Some(warned_without_a_way_on), FRED, 400, "login_refused"),
    ("login", Some(to_enroll), FRED, 400, "mfa_enrollment_required"),
    ("login", Some(with_question), FRED, 400, "no_supported_factor"),
    ("login", Some(with_totp), FRED, 400, "passcode_required"),
    (
        "login",
        Some(with_totp),
        r#"{"username":"fred","password":"correct horse","totp":"000000"}"#,
        400,
        "passcode_invalid",
    ),
    ("login", Some(rejecting), FRED, 400, "push_rejected"),
    ("login", Some(timing_out), FRED, 400, "challenge_timeout"),
    ("login", Some(showing_a_number), FRED, 400, "nonce_required"),
    (
        "login",
        Some(showing_a_number),
        r#"{"username":"fred","password":"correct horse","nonce":"short"}"#,
        400,
        "nonce_invalid",
    ),
    (
        "login",
        Some(bound),
        r#"{"username":"fred","password":"correct horse","remote_address":"192.0.2.1"}"#,
        403,
        "permission_denied",
    ),
    ("login", Some(locked_here), FRED, 403, "user_locked"),
    ("login", Some(slowed_down), FRED, 429, "rate_limited"),
    ("login", Some(hanging_up), FRED, 503, "okta_unreachable"),
    ("login", Some(silent), FRED, 503, "okta_timeout"),
    ("login", Some(mumbling), FRED, 400, "okta_invalid_answer"),
    ("login", Some(failing), FRED, 400, "okta_error"),
    ("login", Some(wrong_api_token), FRED, 400, "api_token_refused"),
    ("verify", None, r#"{"nonce":"0123456789abcdef"}"#, 404, "not_found"),
    ("enable_auth_method", None, r#"{"path":"okta/below","type":"okta"}"#, 400, "path_in_use"),
    ("enable_auth_method", None, r#"{"path":"new"}"#, 400, "invalid_request"),
    ("enable_auth_method", None, r#"{"path":"new","type":"ldap"}"#, 400, "unsupported"),
    ("tune_auth_method", None, r#"{"path":"nowhere","description":"x"}"#, 400, "not_found"),
    ("tune_auth_method", None, r#"{"path":"okta","default_lease_ttl":"soon"}"#, 400, "invalid_request"),
    ("read_auth_method_tuning", None, r#"{"path":"nowhere"}"#, 400, "not_found"),
    ("disable_auth_method", None, r#"{"path":"token"}"#, 400, "unsupported"),
    ("create_or_update_token_role", None, r#"{"role_name":"r","path_suffix":"a b"}"#, 400, "invalid_request"),
    ("read_token_role", None, r#"{"role_name":"nobody"}"#, 404, "not_found"),
    ("list_token_roles", None, "{}", 404, "not_found"),
    ("delete_token_role", None, "{}", 400, "invalid_request"),
    ("create_token", None, r#"{"role_name":"nobody"}"#, 400, "invalid_request"),
    ("create_token", None, r#"{"policy":["dev"]}"#, 400, "invalid_request"),
    ("create_token", None, r#"{"policies":["dev"],"ttl":"-1h"}"#, 400, "invalid_request"),
    ("create_orphan_token", None, r#"{"policies":["dev"],"ttl":"-1h"}"#, 400, "invalid_request"),
    ("lookup_token", None, r#"{"token":"hvs.unknown"}"#, 403, "invalid_token"),
    ("lookup_token", None, "{}", 400, "invalid_request"),
    ("lookup_accessor", None, r#"{"accessor":"unknown"}"#, 400, "not_found"),
    ("lookup_accessor", None, "{}", 400, "invalid_request"),
    ("renew_token", None, r#"{"token":"hvs.unknown"}"#, 400, "invalid_token"),
    ("renew_token", None, "{}", 400, "invalid_request"),
    ("list_accessors", None, "{}", 404, "not_found"),
    ("renew_accessor", None, r#"{"accessor":"unknown"}"#, 400, "not_found"),
    ("renew_accessor", None, "{}", 400, "invalid_request"),
    ("revoke_accessor", None, "{}", 400, "invalid_request"),
    ("revoke_token_and_orphan_children", None, "{}", 400, "invalid_request"),
    ("revoke_token_and_orphan_children", None, r#"{"token":"hvs.unknown"}"#, 400, "not_found"),
    ("revoke_token", None, "{}", 400, "invalid_request"),
    ("revoke_user_tokens", None, "{}", 400, "invalid_request"),
    ("revoke_group_tokens", None, "{}", 400, "invalid_request"),
    ("create_or_update_acl_policy", None, r#"{"name":"x","policy":"path"}"#, 400, "invalid_request"),
    ("create_or_update_acl_policy", None, r#"{"name":"ROOT","policy":"{}"}"#, 400, "invalid_request"),
    ("read_acl_policy", None, r#"{"name":"nobody"}"#, 404, "not_found"),
    ("delete_acl_policy", None, r#"{"name":"default"}"#, 400, "invalid_request"),
    ("get_capabilities", Some(of_a_login), "", 400, "invalid_request"),
    ("get_capabilities", Some(of_too_many_paths), "", 400, "limit_reached"),
    ("get_capabilities", None, r#"{"token":"hvs.unknown","paths":"a"}"#, 400, "invalid_token"),
    ("get_capabilities", None, r#"{"accessor":"unknown","paths":"a"}"#, 400, "not_found"),
    ("get_capabilities", None, r#"{"paths":"a"}"#, 500, "invalid_request"),
    ("authorize", Some(of_a_login_on_a_path), "", 403, "permission_denied"),
    ("authorize", None, r#"{"path":"a","operation":"read"}"#, 403, "permission_denied"),
    ("authorize", None, r#"{"token":"hvs.unknown","path":"a","operation":"read"}"#, 403, "invalid_token"),
    ("authorize", None, r#"{"token":"x","path":"a/../b","operation":"read"}"#, 400, "invalid_request"),
    ("authorize", None, r#"{"token":"x","path":"a","operation":"sudo"}"#, 400, "invalid_request"),
    ("authorize", None, r#"{"token":"x","path":"a","operation":"read","way":1}"#, 400, "invalid_request"),
    ("wrap", None, r#"{"data":{"a":1}}"#, 400, "invalid_request"),
    ("wrap", Some(of_more_than_can_be_wrapped), "", 413, "too_large"),
    ("read_wrapping", None, r#"{"token":"hvs.unknown"}"#, 400, "invalid_token"),
    ("read_wrapping", None, "{}", 403, "invalid_token"),
    ("rewrap", None, r#"{"token":"hvs.unknown"}"#, 400, "invalid_token"),
    ("rewrap", None, "{}", 403, "invalid_token"),
    ("unwrap", None, r#"{"token":"hvs.unknown"}"#, 400, "invalid_token"),
    ("unwrap", None, r#"{"token":7}"#, 403, "invalid_token"),
    ("unwrap", None, r#"{"token":"hvs.unknown","wrap_ttl":60}"#, 400, "invalid_request"),
    ("unlock_user", None, r#"{"mount_accessor":"x","alias_identifier":"fred"}"#, 404, "not_found"),
    ("audit_hash", None, r#"{"input":""}"#, 400, "invalid_request"),
];

/// Refusals of both ways to renew a token: what comes before tells token and accessor.
const RENEWALS: &[(Scene, u16, &str)] = &[
    (of_a_login_without_api_token, 400, "relogin_required"),
    (of_changed_policies, 500, "relogin_required"),
    (of_a_login_from_elsewhere, 403, "permission_denied"),
    (of_a_login_while_slowed_down, 429, "rate_limited"),
    (|world| of_a_login_with(world, FaultKind::Close), 503, "okta_unreachable"),
    (|world| of_a_login_with(world, FaultKind::Hang), 503, "okta_timeout"),
    (|world| of_a_login_with(world, FaultKind::TruncatedJson), 400, "okta_invalid_answer"),
    (|world| of_a_login_with(world, FaultKind::Error(500, "E0000009".to_owned())), 400, "okta_error"),
    (of_a_login_with_a_wrong_api_token, 400, "api_token_refused"),
];

#[test]
fn refusals_are_as_the_header_says() {
    let mut wrong = Vec::new();
    let renewals = ["renew_token", "renew_accessor"].into_iter().flat_map(|operation| {
        RENEWALS.iter().map(move |(scene, status, code)| (operation, Some(*scene), "", *status, *code))
    });
    let cases: Vec<Case> = CASES.iter().copied().chain(renewals).collect();
    let plain = World::new();
    for (operation, scene, request, status, code) in &cases {
        let (world, request) = match scene {
            None => (None, (*request).to_owned()),
            Some(scene) => {
                let world = World::new();
                let request = scene(&world).unwrap_or_else(|| (*request).to_owned());
                (Some(world), request)
            }
        };
        let (got, body) = world.as_ref().unwrap_or(&plain).ask(operation, &request);
        if (got, body["code"].as_str()) != (*status, Some(code)) {
            wrong.push(format!("{operation} {request}: {got} {body}, not {status} {code}"));
        }
        let row = OPERATIONS.iter().find(|row| row.name == *operation).expect("an operation");
        if !row.refusals.iter().any(|refusal| refusal.status == *status && refusal.codes.contains(code)) {
            wrong.push(format!("{operation}: the header does not list {status} {code}"));
        }
    }
    let shown: BTreeSet<(&str, u16, &str)> =
        cases.iter().map(|(operation, _, _, status, code)| (*operation, *status, *code)).collect();
    // Those of transactions are shown by their own scenarios.
    for row in OPERATIONS.iter().filter(|row| !row.name.ends_with("_transaction")) {
        for refusal in row.refusals {
            for code in refusal.codes {
                let elsewhere = ELSEWHERE.iter().any(|(operation, status, name, _)| {
                    (*operation, *status, name) == (row.name, refusal.status, code)
                });
                if !elsewhere && !shown.contains(&(row.name, refusal.status, code)) {
                    wrong.push(format!(
                        "{}: {} {code} is listed, and no case shows it",
                        row.name, refusal.status
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl World {
    fn new() -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("fred@acme.com", PASSWORD));
        let options = json!({
            "ca_pem": okta.ca_pem(), "mounts": ["okta", "empty"], "request_timeout_ms": 500,
        });
        let client = Client::open(options.to_string().as_bytes()).expect("opens");
        let world = Self { okta, client };
        world.configure(json!({ "org_url": world.okta.url(), "api_token": API_TOKEN }));
        world
    }

    fn ask(&self, operation: &str, request: &str) -> (u16, Value) {
        let answer = self.client.call(operation, request.as_bytes()).expect("an answer");
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn configure(&self, members: Value) {
        let (status, body) = self.ask("configure", &members.to_string());
        assert_eq!(status, 204, "{body}");
    }

    /// Fred as he is now.
    fn user(&self, change: fn(User) -> User) {
        self.okta.put_user(change(User::new("fred@acme.com", PASSWORD)));
    }

    /// A request with the token and the accessor of a login.
    fn with_token_of_login(&self) -> String {
        let (status, body) = self
            .ask("login", r#"{"username":"fred","password":"correct horse","remote_address":"127.0.0.1"}"#);
        assert_eq!(status, 200, "{body}");
        let auth = &body["auth"];
        json!({ "token": auth["client_token"], "accessor": auth["accessor"] }).to_string()
    }

    fn fault(&self, path: &str, kind: FaultKind) {
        self.okta.set_faults([Fault::at(path, kind)]);
    }
}

fn of_a_login(world: &World) -> Option<String> {
    Some(world.with_token_of_login())
}

fn of_too_many_paths(world: &World) -> Option<String> {
    let mut request: Value = serde_json::from_str(&world.with_token_of_login()).expect("JSON");
    request["paths"] = vec!["a"; limits::CAPABILITY_PATHS + 1].join(",").into();
    Some(request.to_string())
}

fn of_a_login_on_a_path(world: &World) -> Option<String> {
    let mut request: Value = serde_json::from_str(&world.with_token_of_login()).expect("JSON");
    request["path"] = json!("auth/okta/config");
    request["operation"] = json!("read");
    request.as_object_mut().expect("an object").remove("accessor");
    Some(request.to_string())
}

fn of_more_than_can_be_wrapped(_: &World) -> Option<String> {
    let half = "x".repeat(limits::WRAPPED_BYTES / 2);
    Some(json!({ "data": { "one": half, "other": half }, "wrap_ttl": 60 }).to_string())
}

fn locked(world: &World) -> Option<String> {
    world.okta.set(|settings| settings.show_lockouts = true);
    world.user(|fred| fred.status("LOCKED_OUT"));
    None
}

fn locked_here(world: &World) -> Option<String> {
    for _ in 0..5 {
        world.ask("login", r#"{"username":"Fred","password":"wrong"}"#);
    }
    None
}

fn expired(world: &World) -> Option<String> {
    world.user(|fred| fred.password_state(PasswordState::Expired));
    None
}

fn warned_without_a_way_on(world: &World) -> Option<String> {
    world.user(|fred| fred.password_state(PasswordState::WarnWithoutSkip));
    None
}

fn to_enroll(world: &World) -> Option<String> {
    world.user(|fred| fred.enrollment(Enrollment::Required));
    None
}

fn with_question(world: &World) -> Option<String> {
    world.user(|fred| fred.factor(Factor::question("ufs1", "first pet", "Rex")));
    None
}

fn with_totp(world: &World) -> Option<String> {
    world.user(|fred| fred.factor(Factor::totp("ost1", "GOOGLE", "JBSWY3DPEHPK3PXP")));
    None
}

fn rejecting(world: &World) -> Option<String> {
    world.user(|fred| fred.factor(Factor::push("opf1").script(PushScript::new(0, "REJECTED"))));
    None
}

fn timing_out(world: &World) -> Option<String> {
    world.user(|fred| fred.factor(Factor::push("opf1").script(PushScript::new(0, "TIMEOUT"))));
    None
}

fn showing_a_number(world: &World) -> Option<String> {
    world.user(|fred| fred.factor(Factor::push("opf1").script(PushScript::new(1, "SUCCESS").number(42, 0))));
    None
}

fn bound(world: &World) -> Option<String> {
    world.configure(json!({ "token_bound_cidrs": "127.0.0.0/8" }));
    None
}

fn slowed_down(world: &World) -> Option<String> {
    world.fault("/api/v1/authn", FaultKind::RateLimited(RateLimitVariant::Normal));
    None
}

fn hanging_up(world: &World) -> Option<String> {
    world.fault("/api/v1/authn", FaultKind::Close);
    None
}

fn silent(world: &World) -> Option<String> {
    world.fault("/api/v1/authn", FaultKind::Hang);
    None
}

fn mumbling(world: &World) -> Option<String> {
    world.fault("/api/v1/authn", FaultKind::TruncatedJson);
    None
}

fn failing(world: &World) -> Option<String> {
    world.fault("/api/v1/authn", FaultKind::Error(500, "E0000009".to_owned()));
    None
}

fn wrong_api_token(world: &World) -> Option<String> {
    world.configure(json!({ "api_token": "00Wrong" }));
    None
}

fn of_a_login_without_api_token(world: &World) -> Option<String> {
    let request = world.with_token_of_login();
    world.configure(json!({ "api_token": "" }));
    Some(request)
}

fn of_changed_policies(world: &World) -> Option<String> {
    let request = world.with_token_of_login();
    let (status, _) = world.ask("register_user", r#"{"username":"fred","policies":"more"}"#);
    assert_eq!(status, 204);
    Some(request)
}

fn of_a_login_from_elsewhere(world: &World) -> Option<String> {
    let request = world.with_token_of_login();
    bound(world);
    let mut request: Value = serde_json::from_str(&request).expect("JSON");
    request["remote_address"] = json!("192.0.2.1");
    Some(request.to_string())
}

/// The pause that Okta asks for is longer than the operation may take; otherwise it would be waited for.
fn of_a_login_while_slowed_down(world: &World) -> Option<String> {
    let request = of_a_login_with(world, FaultKind::RateLimited(RateLimitVariant::FarFuture))?;
    let mut request: Value = serde_json::from_str(&request).expect("JSON");
    request["timeout_ms"] = json!(5_000);
    Some(request.to_string())
}

fn of_a_login_with(world: &World, kind: FaultKind) -> Option<String> {
    let request = world.with_token_of_login();
    world.fault("/api/v1/users/*", kind);
    Some(request)
}

fn of_a_login_with_a_wrong_api_token(world: &World) -> Option<String> {
    let request = world.with_token_of_login();
    wrong_api_token(world);
    Some(request)
}
