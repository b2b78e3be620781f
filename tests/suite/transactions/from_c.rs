//! The same from C: `tests/c/transactions.c` alone, under valgrind, with sanitizers, and linked statically.

use super::*;
use crate::c_abi::{Program, SANITIZERS, VALGRIND};
use okta_loopback::{Enrollment, PasswordState, PushScript, totp};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// An Okta with the users that the program names.
fn okta() -> Okta {
    let okta = Okta::start();
    let put = |name: &str, factors: Vec<Factor>| {
        okta.put_user(factors.into_iter().fold(User::new(name, PASSWORD), User::factor));
    };
    put("totp", vec![Factor::totp("ott1", "OKTA", SECRET), Factor::totp("ott2", "GOOGLE", OTHER_SECRET)]);
    for kind in ["sms", "call", "email"] {
        put(kind, vec![Factor::new(kind, format!("{kind}1")).code("123456")]);
    }
    let mut question = Factor::new("question", "ufs1");
    question.question = "Who was your first teacher?".to_owned();
    question.answer = "Mrs Plum".to_owned();
    put("question", vec![question]);
    for (name, kind, provider, code) in [
        ("yubikey", "token:hardware", "YUBICO", "cccccc"),
        ("rsa", "token", "RSA", "12345678"),
        ("symantec", "token", "SYMANTEC", "123456"),
        ("hotp", "token:hotp", "CUSTOM", "123456"),
        ("wrong", "token", "RSA", "12345678"),
    ] {
        put(name, vec![Factor::new(kind, format!("{name}1")).provider(provider).code(code)]);
    }
    put("resent", vec![Factor::new("sms", "sms2")]);
    put("busy", vec![Factor::new("sms", "sms3")]);
    put("browser", vec![Factor::new("webauthn", "fwf1").provider("FIDO")]);
    for (name, script) in [
        ("approved", PushScript::new(1, "SUCCESS")),
        ("number", PushScript::new(1, "SUCCESS").number(0, 0)),
        ("rejected", PushScript::new(0, "REJECTED")),
        ("late", PushScript::new(0, "TIMEOUT")),
        ("odd", PushScript::new(0, "SOMETHING_NEW")),
    ] {
        put(name, vec![Factor::push("opf1").script(script)]);
    }
    let user = |name: &str| User::new(name, PASSWORD);
    okta.put_user(user("expired").password_state(PasswordState::Expired));
    okta.put_user(user("enrolment").enrollment(Enrollment::Required));
    okta.put_user(user("locked").status("LOCKED_OUT"));
    okta.put_user(user("warned").password_state(PasswordState::WarnAlways));
    okta.put_user(user("plain"));
    okta
}

/// Runs the program and looks at what Okta was asked.
fn run(program: &Program, run: impl FnOnce(&Program, &[&str])) {
    let okta = okta();
    let ca_file = program.folder().join("ca.pem");
    std::fs::write(&ca_file, okta.ca_pem()).expect("a file");
    let ca_file = ca_file.to_str().expect("UTF-8");
    let codes = [totp(SECRET, okta.now()), totp(OTHER_SECRET, okta.now())];
    run(program, &[okta.url(), ca_file, &codes[0], &codes[1]]);
    let counts = okta.counts();
    // Nothing was sent twice: a push to each of five users, and a message to each of four.
    assert_eq!((counts.pushes, counts.messages), (5, 4));
    // The program polls without a pause; of that Okta hears every two seconds.
    let polls = okta.take_calls().iter().filter(|call| call.path_alone().ends_with("/opf1/verify")).count();
    assert!(polls <= 5 * 3, "{polls} calls for five pushes");
}

#[test]
fn runs() {
    run(&Program::build("transactions", &[]), |program, arguments| {
        program.run_with(arguments);
    });
}

#[test]
fn is_clean_under_valgrind() {
    run(&Program::build("transactions", &[]), |program, arguments| {
        // Memcheck takes what ring's assembly encrypts for uninitialised.
        let options = [&VALGRIND[..], &["--undef-value-errors=no"]].concat();
        program.run_under("valgrind", &options, arguments);
    });
}

#[test]
fn is_clean_with_sanitizers() {
    run(&Program::build("transactions", &SANITIZERS), |program, arguments| {
        program.run_with(arguments);
    });
}

#[test]
fn runs_with_the_archive() {
    run(&Program::build_static("transactions"), |program, arguments| {
        program.run_with(arguments);
    });
}
