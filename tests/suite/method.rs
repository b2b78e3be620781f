//! The method against the loopback Okta, over TLS.

use okta_auth::clock::Clock;
use okta_auth::deadline::{Cancel, Deadline};
use okta_auth::error::{Error, Result};
use okta_auth::field::{Field, Fields};
use okta_auth::json::{self, Value};
use okta_auth::method::{
    CONFIG_FIELDS, GROUP_FIELDS, LOGIN_FIELDS, Login, Method, Nonces, OktaCalls, Reached, RenewalTerms,
    Renewed, USER_FIELDS, authenticate, still_active,
};
use okta_auth::okta::{Client, Network, Org, Origin, Settings, TrustAnchors};
use okta_auth::policy::names::equivalent;
use okta_auth::secret::Secret;
use okta_auth::storage::{Barrier, MemoryStorage};
use okta_loopback::{API_TOKEN, Factor, Okta, Outcome, PasswordState, PushScript, User};
use std::time::{Duration, Instant};

const NONCE: &str = "nonce-0123456789abcdef";
/// Longer than any step takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mount on a memory engine, and an Okta of its own.
struct Mount {
    okta: Okta,
    barrier: Barrier,
    client: Client,
    network: Network,
    nonces: Nonces,
    clock: Clock,
}

impl Mount {
    fn new() -> Self {
        let okta = Okta::start();
        let clock = Clock::driven(1_000);
        let settings = Settings {
            roots: TrustAnchors::Pem(okta.ca_pem().to_owned()),
            clock: clock.clone(),
            ..Settings::default()
        };
        Self {
            okta,
            barrier: Barrier::open(Box::new(MemoryStorage::default()), &Secret::new([7; 32]), &deadline())
                .expect("an empty storage opens"),
            client: Client::new(settings).expect("a client"),
            network: Network::new(),
            nonces: Nonces::new(clock.clone()),
            clock,
        }
    }

    fn method<'a>(&'a self, deadline: &'a Deadline) -> Method<'a> {
        Method { barrier: &self.barrier, mount_id: "m1", guards: &[], deadline }
    }

    fn calls(&self, org: &Org, deadline: &Deadline) -> OktaCalls {
        OktaCalls { client: self.client.within(deadline), org: org.clone(), origin: Origin::default() }
    }

    fn configure(&self, members: &[(&str, &str)]) {
        let fields = texts(CONFIG_FIELDS, members);
        let deadline = deadline();
        let method = self.method(&deadline);
        let creating = !method.config_exists().expect("read");
        method.write_config(&fields, creating).expect("written");
    }

    fn configure_address(&self) {
        self.configure(&[("org_name", self.okta.org()), ("base_url", &self.okta.base_url())]);
    }

    fn user(&self, name: &str, members: &[(&str, &str)]) {
        let fields = texts(USER_FIELDS, members);
        self.method(&deadline()).write_user(name, &fields).expect("written");
    }

    fn group(&self, name: &str, policies: &str) {
        let fields = texts(GROUP_FIELDS, &[("policies", policies)]);
        self.method(&deadline()).write_group(name, &fields).expect("written");
    }

    fn login(&self, members: &[(&str, &str)]) -> Result<Login> {
        self.login_until(&deadline(), members)
    }

    fn login_until(&self, deadline: &Deadline, members: &[(&str, &str)]) -> Result<Login> {
        let fields = texts(LOGIN_FIELDS, members);
        let method = self.method(deadline);
        let prepared = method.prepare_login(&fields, None)?;
        let calls = self.calls(prepared.org(), deadline);
        let (attempt, pending) = prepared.split();
        let again = self.calls(pending.org(), deadline);
        let (nonces, clock, until) = (self.nonces.clone(), self.clock.clone(), deadline.clone());
        let answer = self.network.run(deadline, async move {
            match authenticate(calls, attempt).await? {
                Reached::Passed(authenticated) => Ok(authenticated),
                Reached::Factor(chosen) => chosen.take(again, nonces, clock, until).await,
            }
        });
        method.finish_login(pending, answer.map_err(|why| Error::interrupted(why, "logging in"))??)
    }

    fn renew(&self, login: &Login, policies: &[String]) -> Result<RenewalTerms> {
        let token = Renewed { username: &login.username, okta_user_id: &login.user.id, policies };
        let deadline = deadline();
        let method = self.method(&deadline);
        let prepared = method.prepare_renewal(None)?;
        let premise = prepared.premise.clone();
        let calls = self.calls(&premise.org, &deadline);
        let groups = self.network.run(&deadline, still_active(calls, prepared, login.user.id.clone()));
        method.finish_renewal(&premise, token, &groups.map_err(|why| Error::interrupted(why, "renewing"))??)
    }

    /// The paths of the calls since last asked.
    fn paths(&self) -> Vec<String> {
        self.okta.take_calls().iter().map(|call| call.path_alone().replace("/api/v1/", "")).collect()
    }

    fn number(&self) -> Option<i64> {
        self.nonces.number("m1", NONCE)
    }
}

fn deadline() -> Deadline {
    Deadline::after(PATIENCE, Cancel::default())
}

fn texts(schema: &'static [Field], members: &[(&str, &str)]) -> Fields {
    let members = members.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
    Fields::new(schema, members.collect::<json::Object>())
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

/// Vault's acceptance test of this method, step by step; it needs 201 groups, so that they come on several pages.
#[test]
fn vaults_acceptance_test() {
    let mount = Mount::new();
    let groups = (0..=200).map(|index| format!("TestGroup{index}")).chain(["Everyone".to_owned()]);
    mount.okta.put_user(User::new("fred", "good").groups(groups));
    let login = |policies: &[&str]| {
        let login = mount.login(&[("username", "fred"), ("password", "good")]).expect("logged in");
        assert!(equivalent(&login.policies, policies), "{:?}", login.policies);
        login.token.ttl
    };

    mount.configure_address();
    let refused = mount.login(&[("username", "fred"), ("password", "wrong")]).expect_err("refused");
    assert!(
        refused
            .text()
            .is_some_and(|text| text.starts_with("Okta auth failed: ") && text.contains("E0000004"))
    );
    assert_eq!((refused.status(), refused.code().name()), (400, "invalid_credentials"));
    mount.user("fred", &[("groups", "local_grouP,lOcal_group2"), ("policies", "user_policy")]);
    mount.group("local_groUp", "loCal_group_policy");
    assert_eq!(login(&["local_group_policy", "user_policy"]), 0);
    mount.group("everyoNe", "everyone_grouP_policy,eveRy_group_policy2");
    assert_eq!(login(&["local_group_policy", "user_policy"]), 0);
    mount.configure(&[("api_token", API_TOKEN), ("token_ttl", "1h")]);
    let all = ["everyone_group_policy", "every_group_policy2", "local_group_policy", "user_policy"];
    assert_eq!(login(&all), 3_600);
    mount.group("locAl_group2", "testgroup_group_policy");
    assert_eq!(login(&[&all[..], &["testgroup_group_policy"]].concat()), 3_600);
}

#[test]
fn a_push_with_a_number_is_waited_for() {
    let mount = Mount::new();
    mount.configure_address();
    let phone = Factor::push("opf1").script(PushScript::until_tapped().number(42, 1));
    mount.okta.put_user(User::new("fred", "good").factor(phone));
    std::thread::scope(|scope| {
        let login =
            scope.spawn(|| mount.login(&[("username", "fred"), ("password", "good"), ("nonce", NONCE)]));
        wait_until("a number is shown", || mount.number() == Some(42));
        assert!(mount.okta.tap("fred", "SUCCESS", Some(42)), "a push waits");
        assert!(login.join().expect("no panic").is_ok());
    });
    assert_eq!((mount.number(), mount.okta.pushes_sent()), (None, 1));
}

#[test]
fn a_cancelled_login_ends_at_once_and_leaves_nothing() {
    let mount = Mount::new();
    mount.configure_address();
    let phone = Factor::push("opf1").script(PushScript::until_tapped().number(7, 0));
    mount.okta.put_user(User::new("fred", "good").factor(phone));
    let cancel = Cancel::default();
    let deadline = Deadline::after(PATIENCE, cancel.clone());
    std::thread::scope(|scope| {
        let login = scope.spawn(|| {
            mount.login_until(&deadline, &[("username", "fred"), ("password", "good"), ("nonce", NONCE)])
        });
        wait_until("a number is shown", || mount.number() == Some(7));
        cancel.cancel();
        let error = login.join().expect("no panic").expect_err("cancelled");
        assert_eq!((error.status(), error.code().name()), (503, "cancelled"));
    });
    wait_until("the number is gone", || mount.number().is_none());
}

#[test]
fn a_passcode_of_google_authenticator() {
    let mount = Mount::new();
    mount.configure_address();
    let factor = Factor::totp("uft1", "GOOGLE", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    mount.okta.put_user(User::new("fred", "good").factor(factor));
    let missing = mount.login(&[("username", "fred"), ("password", "good")]).expect_err("refused");
    assert_eq!(missing.code().name(), "passcode_required");
    let code = mount.okta.passcode("fred", "uft1").expect("a code");
    let wrong =
        mount.login(&[("username", "fred"), ("password", "good"), ("totp", "000000x")]).expect_err("refused");
    assert_eq!((wrong.status(), wrong.code().name()), (400, "passcode_invalid"));
    mount.login(&[("username", "fred"), ("password", "good"), ("totp", &code)]).expect("logged in");
}

#[test]
fn states_that_are_no_login() {
    let mount = Mount::new();
    mount.configure_address();
    let user = |name: &str| User::new(name, "good");
    for (name, user, code) in [
        (
            "other",
            user("other").factor(Factor::push("opf1")).outcome(Outcome::OtherUser("00u9".into())),
            "okta_invalid_answer",
        ),
        ("nobody", user("nobody").outcome(Outcome::NoUser), "okta_invalid_answer"),
        ("unlock", user("unlock").outcome(Outcome::Unlock), "login_refused"),
        ("status", user("status").outcome(Outcome::Status("SOME_STATUS".into())), "login_refused"),
        ("with401", user("with401").outcome(Outcome::SuccessWith401), "okta_error"),
        ("expired", user("expired").password_state(PasswordState::Expired), "password_expired"),
        ("noskip", user("noskip").password_state(PasswordState::WarnWithoutSkip), "login_refused"),
    ] {
        mount.okta.put_user(user);
        let error = mount.login(&[("username", name), ("password", "good")]).expect_err(name);
        assert_eq!((error.status(), error.code().name()), (400, code), "{name}: {error}");
    }
}

#[test]
fn a_password_that_will_expire_is_good_and_warned_of() {
    let mount = Mount::new();
    mount.configure_address();
    let fred =
        User::new("fred", "good").factor(Factor::push("opf1")).password_state(PasswordState::WarnAlways);
    mount.okta.put_user(fred);
    let login = mount.login(&[("username", "fred"), ("password", "good")]).expect("logged in");
    assert!(login.warnings.iter().any(|warning| warning.contains("warning state")), "{:?}", login.warnings);
    assert!(mount.paths().contains(&"authn/skip".to_owned()));
}

#[test]
fn a_renewal_asks_for_the_user_and_his_groups_and_for_nothing_else() {
    let mount = Mount::new();
    mount.configure_address();
    mount.configure(&[("api_token", API_TOKEN)]);
    mount.group("Engineers", "dev");
    let fred = || User::new("fred", "good").id("00u1fred").factor(Factor::push("opf1"));
    mount.okta.put_user(fred().group("Engineers"));
    let login = mount.login(&[("username", "fred"), ("password", "good")]).expect("logged in");
    mount.okta.take_calls();
    mount.renew(&login, &login.policies).expect("renewed");
    assert_eq!(mount.paths(), ["users/00u1fred", "users/00u1fred/groups"]);
    assert_eq!(mount.okta.pushes_sent(), 1);
    mount.okta.put_user(fred().group("Others"));
    let changed = mount.renew(&login, &login.policies).expect_err("refused");
    assert_eq!((changed.status(), changed.code().name()), (500, "relogin_required"));
    mount.okta.put_user(fred().group("Engineers").status("SUSPENDED"));
    let suspended = mount.renew(&login, &login.policies).expect_err("refused");
    assert_eq!((suspended.status(), suspended.code().name()), (400, "relogin_required"));
    mount.okta.remove_user("fred");
    let gone = mount.renew(&login, &login.policies).expect_err("refused");
    assert_eq!((gone.status(), gone.code().name()), (400, "relogin_required"));
}

#[test]
fn only_queries_carry_the_api_token() {
    let mount = Mount::new();
    mount.configure_address();
    mount.configure(&[("api_token", API_TOKEN)]);
    mount.okta.put_user(User::new("fred", "good").factor(Factor::push("opf1")));
    mount.login(&[("username", "fred"), ("password", "good")]).expect("logged in");
    for call in mount.okta.take_calls() {
        let query = call.path_alone().starts_with("/api/v1/users/");
        assert_eq!(call.authorization.is_some(), query, "{}", call.path);
    }
}
