//! The PAM module of the examples, asked by Debian's pamtester. libpam_wrapper lets libpam read its services from a
//! folder of ours instead of /etc/pam.d.

use crate::c_abi::Program;
use crate::cpp::WARNINGS;
use okta_auth::api::Client;
use okta_loopback::{API_TOKEN, Factor, Okta, PushScript, User};
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};

const PASSWORD: &str = r#"correct "horse" \ ü"#;

/// The module beside a configured database, and the service that names it.
struct Host {
    okta: Okta,
    module: Program,
}

impl Host {
    fn new() -> Self {
        let okta = Okta::start();
        let flags = [&WARNINGS[..], &["-std=c++17", "-fPIC", "-shared", "-Wl,-z,defs", "-lpam"]].concat();
        let module = Program::in_cpp("c++", "examples/pam/pam_okta_auth_demo.cpp", &flags);
        let host = Self { okta, module };
        let options = host.options();
        std::fs::write(host.path("okta_auth.json"), &options).expect("a file");
        let client = Client::open(options.as_bytes()).expect("opens");
        let config = json!({ "org_url": host.okta.url(), "api_token": API_TOKEN }).to_string();
        assert_eq!(client.call("configure", config.as_bytes()).expect("an answer").status, 204);
        host.serve("okta_auth.json", 120);
        host
    }

    fn options(&self) -> String {
        let storage = json!({ "type": "sqlite", "path": self.path("okta.db") });
        json!({ "storage": storage, "ca_pem": self.okta.ca_pem() }).to_string()
    }

    fn path(&self, name: &str) -> String {
        self.module.folder().join(name).display().to_string()
    }

    /// Writes the service, with the module's file of options and for how many seconds a tap is waited for.
    fn serve(&self, options: &str, patience: u32) {
        std::fs::create_dir_all(self.path("services")).expect("a folder");
        let line = format!("auth required {} {} {patience}\n", self.path("program"), self.path(options));
        std::fs::write(self.path("services/door"), line).expect("a file");
    }

    fn user(&self, name: &str, script: PushScript) {
        let login = format!("{name}@acme.com");
        self.okta.put_user(User::new(login, PASSWORD).factor(Factor::push("opf1phone").script(script)));
    }

    /// Whether pamtester lets somebody in, and all that it printed.
    fn authenticate(&self, user: &str, password: &str) -> (bool, String) {
        let mut pamtester = Command::new("pamtester");
        pamtester.args(["door", user, "authenticate"]).env("LD_PRELOAD", "libpam_wrapper.so");
        pamtester.env("PAM_WRAPPER", "1").env("PAM_WRAPPER_SERVICE_DIR", self.path("services"));
        pamtester.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = pamtester.spawn().expect("pamtester, which `make test` installs");
        let mut input = running.stdin.take().expect("its input");
        writeln!(input, "{password}").expect("written");
        drop(input);
        let output = running.wait_with_output().expect("ends");
        let printed = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(printed).expect("UTF-8"))
    }
}

#[test]
fn a_number_is_shown_through_the_conversation() {
    let host = Host::new();
    host.user("fred", PushScript::new(1, "SUCCESS").number(42, 0));
    let (allowed, printed) = host.authenticate("fred", PASSWORD);
    assert!(allowed && printed.contains("In Okta Verify, tap 42\n"), "{printed}");
    assert!(printed.contains("successfully authenticated"), "{printed}");
    assert_eq!(host.okta.pushes_sent(), 1);
    // The token is revoked: nothing of the login stays behind.
    let client = Client::open(host.options().as_bytes()).expect("opens");
    let left = client.call("list_accessors", b"{}").expect("an answer");
    assert_eq!(left.status, 404, "{}", String::from_utf8_lossy(&left.body));
}

#[test]
fn zero_is_a_number_and_a_push_without_one_is_announced() {
    let host = Host::new();
    host.user("fred", PushScript::new(1, "SUCCESS").number(0, 0));
    host.user("wilma", PushScript::new(1, "SUCCESS"));
    host.okta.put_user(User::new("barney@acme.com", PASSWORD));
    for (name, shown) in [
        ("fred", "In Okta Verify, tap 0\n"),
        ("wilma", "Answer Okta Verify on your phone\n"),
        ("barney", "successfully authenticated"),
    ] {
        let (allowed, printed) = host.authenticate(name, PASSWORD);
        assert!(allowed && printed.contains(shown), "{name}: {printed}");
    }
}

#[test]
fn whatever_is_no_login_is_refused() {
    let host = Host::new();
    host.user("fred", PushScript::new(1, "REJECTED"));
    host.user("wilma", PushScript::new(1, "TIMEOUT"));
    host.okta.put_user(User::new("barney@acme.com", PASSWORD).factor(Factor::new("sms", "sms1")));
    let long = "x".repeat(600);
    for (name, password) in [
        ("fred", PASSWORD),
        ("wilma", PASSWORD),
        ("barney", PASSWORD),
        ("fred", "wrong"),
        ("fred", ""),
        ("nobody", PASSWORD),
        (r#"fred","password":""#, PASSWORD),
        ("fred", r#"x","username":"barney"#),
        ("fred", &long),
    ] {
        let (allowed, printed) = host.authenticate(name, password);
        assert!(!allowed && printed.contains("Authentication failure"), "{name} {password}: {printed}");
    }
    assert_eq!(host.okta.pushes_sent(), 2);
}

#[test]
fn what_cannot_be_asked_is_refused_as_unavailable() {
    let host = Host::new();
    host.user("fred", PushScript::new(0, "SUCCESS"));
    std::fs::write(host.path("broken.json"), "{").expect("a file");
    let elsewhere = json!({ "storage": { "type": "sqlite", "path": host.path("empty.db") } }).to_string();
    std::fs::write(host.path("elsewhere.json"), elsewhere).expect("a file");
    for options in ["missing.json", "broken.json", "elsewhere.json"] {
        host.serve(options, 120);
        let (allowed, printed) = host.authenticate("fred", PASSWORD);
        let unavailable = printed.contains("cannot retrieve authentication info");
        assert!(!allowed && unavailable, "{options}: {printed}");
    }
    assert_eq!(host.okta.pushes_sent(), 0);
}

#[test]
fn who_does_not_tap_is_refused_in_time_and_his_login_cancelled() {
    let host = Host::new();
    host.user("fred", PushScript::until_tapped().number(42, 0));
    host.serve("okta_auth.json", 1);
    let (allowed, printed) = host.authenticate("fred", PASSWORD);
    assert!(!allowed && printed.contains("In Okta Verify, tap 42\n"), "{printed}");
    assert!(printed.contains("Authentication failure"), "{printed}");
    let calls = host.okta.calls();
    assert_eq!(calls.last().expect("calls").path, "/api/v1/authn/cancel");
    // A service that names no time lets nobody in.
    let line = format!("auth required {} {}\n", host.path("program"), host.path("okta_auth.json"));
    std::fs::write(host.path("services/door"), line).expect("a file");
    assert!(!host.authenticate("fred", PASSWORD).0);
    assert_eq!(host.okta.pushes_sent(), 1);
}

#[test]
fn the_module_has_less_than_forty_lines() {
    let lines = include_str!("../../examples/pam/pam_okta_auth_demo.cpp").lines().count();
    assert!(lines < 40, "{lines}");
}
