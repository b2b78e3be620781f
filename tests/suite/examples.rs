//! The examples of the header, and the C program of the README, against the loopback Okta.

use crate::api::wait_until;
use crate::c_abi::{Program, library};
use crate::cpp::WARNINGS;
use okta_auth::api::Client;
use okta_auth::api::operations::OPERATIONS;
use okta_loopback::{API_TOKEN, Factor, Okta, PushScript, User};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PASSWORD: &str = "correct horse";

#[test]
fn every_example_of_the_header_answers_as_shown() {
    let okta = Okta::start();
    okta.put_user(User::new("fred@acme.com", PASSWORD).group("Engineers"));
    let push = Factor::push("opf1").name("Wilma's phone").script(PushScript::until_tapped().number(42, 0));
    okta.put_user(User::new("wilma@acme.com", PASSWORD).factor(push));
    let client = Client::open(json!({ "ca_pem": okta.ca_pem() }).to_string().as_bytes());
    let client = client.expect("opens");
    let mut values = BTreeMap::from([
        ("https://acme.okta.com".to_owned(), okta.url().to_owned()),
        ("00TokenOfAcme".to_owned(), API_TOKEN.to_owned()),
    ]);
    for operation in OPERATIONS {
        let (name, example) = (operation.name, &operation.example);
        let request =
            values.iter().fold(example.request.to_owned(), |text, (from, to)| text.replace(from, to));
        let answer =
            client.call(name, request.as_bytes()).unwrap_or_else(|reason| panic!("{name}: {reason:?}"));
        let body = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, example.status, "{name}: {body}");
        if example.answer.is_empty() {
            assert!(body.is_empty(), "{name}: {body}");
            continue;
        }
        let body: Value = serde_json::from_str(&body).expect("a JSON body");
        let expected = serde_json::from_str(example.answer).expect("a JSON example");
        check_shape(name, "", &expected, &body);
        remember(name, &body, &mut values);
    }
}

/// Each member of the example is there, with a value of its type.
fn check_shape(operation: &str, place: &str, example: &Value, actual: &Value) {
    match (example, actual) {
        (Value::Object(example), Value::Object(actual)) => {
            for (name, value) in example {
                let place = format!("{place}/{name}");
                let actual =
                    actual.get(name).unwrap_or_else(|| panic!("{operation}: {place} is missing: {actual:?}"));
                check_shape(operation, &place, value, actual);
            }
        }
        (Value::Array(example), Value::Array(actual)) => {
            assert_eq!(example.is_empty(), actual.is_empty(), "{operation}: {place}");
            for (example, actual) in example.iter().zip(actual) {
                check_shape(operation, &format!("{place}[]"), example, actual);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(example),
            std::mem::discriminant(actual),
            "{operation}: {place} is {actual}"
        ),
    }
}

/// What later examples name as `<id>`, `<client_token>`, `<accessor>`, `<login_token>` and `<wrapping_token>`.
fn remember(operation: &str, body: &Value, values: &mut BTreeMap<String, String>) {
    if operation == "start_transaction" {
        values.insert("<id>".to_owned(), body["data"]["id"].as_str().expect("an id").to_owned());
    }
    if let Some(token) = body["wrap_info"]["token"].as_str() {
        values.insert("<wrapping_token>".to_owned(), token.to_owned());
    }
    if operation == "list_auth_methods" {
        let accessor = body["okta/"]["accessor"].as_str().expect("an accessor");
        values.insert("<mount_accessor>".to_owned(), accessor.to_owned());
    }
    let Some(token) = body["auth"]["client_token"].as_str().filter(|token| !token.is_empty()) else { return };
    if operation == "login" {
        values.insert("<login_token>".to_owned(), token.to_owned());
    } else {
        let accessor = body["auth"]["accessor"].as_str().expect("an accessor");
        values.insert("<client_token>".to_owned(), token.to_owned());
        values.insert("<accessor>".to_owned(), accessor.to_owned());
    }
}

/// Runs a C example against an Okta that shows fred a number.
fn run_example(name: &str, okta: &Okta) -> String {
    run_program(&Program::build_example(name), okta)
}

fn run_program(program: &Program, okta: &Okta) -> String {
    let push = Factor::push("opf1phone").script(PushScript::new(1, "SUCCESS").number(42, 0));
    okta.put_user(User::new("fred@acme.com", PASSWORD).group("Engineers").factor(push));
    let ca_file = program.folder().join("ca.pem");
    std::fs::write(&ca_file, okta.ca_pem()).expect("a file");
    let ca_file = ca_file.to_str().expect("UTF-8");
    program.run_with(&[okta.url(), ca_file, "okta.db", API_TOKEN, PASSWORD])
}

#[test]
fn one_worker_starts_a_login_and_another_ends_it() {
    let okta = Okta::start();
    let shown = run_example("prefork", &okta);
    assert!(shown.contains("worker A, start: 202\n"), "{shown}");
    assert!(shown.contains("worker B, poll: 200\nworker B: a token for fred@acme.com\n"), "{shown}");
    assert_eq!(okta.pushes_sent(), 1);
}

#[test]
fn the_program_in_c_logs_in_with_a_number_to_tap_in_less_than_forty_lines() {
    let okta = Okta::start();
    let shown = run_example("login", &okta);
    assert!(shown.starts_with("In Okta Verify, tap 42\n"), "{shown}");
    assert_eq!(shown.matches("tap").count(), 1, "{shown}");
    assert!(shown.ends_with("200 [\"default\",\"dev\",\"ops\"]\n"), "{shown}");
    assert_eq!(okta.pushes_sent(), 1);
    let lines = include_str!("../../examples/login.c").lines().count();
    assert!(lines < 40, "{lines}");
}

#[test]
fn the_program_in_cpp_does_the_same_in_less_than_forty_lines() {
    let okta = Okta::start();
    let flags = [&WARNINGS[..], &["-std=c++17"]].concat();
    let shown = run_program(&Program::in_cpp("c++", "examples/login.cpp", &flags), &okta);
    assert!(shown.starts_with("In Okta Verify, tap 42\n"), "{shown}");
    assert!(shown.ends_with("has the policies [\"default\",\"dev\",\"ops\"]\n"), "{shown}");
    assert_eq!(okta.pushes_sent(), 1);
    let lines = include_str!("../../examples/login.cpp").lines().count();
    assert!(lines < 40, "{lines}");
}

/// Compiled and run as the README says.
#[test]
fn the_first_program_of_the_readme_answers_as_shown() {
    const README: &str = include_str!("../../README.md");
    let folder = tempfile::tempdir().expect("a folder");
    let block = |start: &str| {
        let (_, rest) = README.split_once(start).expect("a block");
        rest.split_once("\n```").expect("its end").0.to_owned()
    };
    std::fs::write(folder.path().join("login.c"), block("```c\n")).expect("a file");
    let commands = block("nothing is configured yet:\n\n```console\n");
    let (command, shown) = commands.split_once('\n').expect("a command and what it shows");
    // What `make demo` leaves there.
    for link in ["libokta_auth.so", "libokta_auth.so.1"] {
        std::os::unix::fs::symlink(library("libokta_auth.so"), folder.path().join(link)).expect("a link");
    }
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
    let command = command.trim_start_matches("$ ").replace("target/debug", ".");
    let command = command.replace("-I include", &format!("-I {include}")).replace("-o login &&", "-o login;");
    let output = std::process::Command::new("sh").args(["-c", &command]).current_dir(&folder).output();
    let printed = String::from_utf8(output.expect("runs").stdout).expect("UTF-8");
    let (before, after) = shown.split_once('…').expect("a request id that differs");
    assert!(printed.starts_with(before) && printed.trim_end().ends_with(after), "{printed}");
}

#[test]
fn an_event_loop_on_one_thread_waits_for_a_thousand_pushes_at_once() {
    const LOGINS: usize = 1_000;
    let okta = Okta::start();
    // Nobody taps before all have been asked: the first phone answers only once the last has rung.
    for index in 0..LOGINS {
        let push = Factor::push("opf1phone").script(PushScript::until_tapped());
        okta.put_user(User::new(format!("user{index}"), PASSWORD).factor(push));
    }
    let program = Program::build_example("epoll");
    let ca_file = program.folder().join("ca.pem");
    std::fs::write(&ca_file, okta.ca_pem()).expect("a file");
    let ca_file = ca_file.to_str().expect("UTF-8").to_owned();
    let shown = std::thread::scope(|scope| {
        let running =
            scope.spawn(|| program.run_with(&[okta.url(), &ca_file, PASSWORD, &LOGINS.to_string()]));
        wait_until("all phones ring", || okta.pushes_sent() == LOGINS as u64 || running.is_finished());
        for index in 0..LOGINS {
            assert!(
                okta.tap(&format!("user{index}"), "SUCCESS", None),
                "user{index}: {} pushes",
                okta.pushes_sent()
            );
        }
        running.join().expect("no panic")
    });
    assert!(shown.ends_with("1000 logged in, 0 refused\n"), "{shown}");
    assert_eq!(okta.pushes_sent(), LOGINS as u64);
}
