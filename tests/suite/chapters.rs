//! The chapters of `docs` on C and C++, done as a reader does them: installed, copied, compiled, run.

use crate::c_abi::Program;
use crate::cpp::WARNINGS;
use crate::install::installed;
use okta_loopback::{API_TOKEN, Factor, Okta, PushScript, User};
use std::process::Command;

/// The blocks of a language.
fn blocks<'a>(chapter: &'a str, language: &str) -> Vec<&'a str> {
    let start = format!("\n```{language}\n");
    let rests = chapter.split(&start).skip(1);
    rests.map(|rest| rest.split_once("```").expect("the end of a block").0).collect()
}

/// Saves the blocks of a language as one program and runs its command, which must print the lines under it.
fn follow(chapter: &str, language: &str, file: &str) {
    let okta = Okta::start();
    let number = Factor::push("opf1phone").script(PushScript::new(1, "SUCCESS").number(42, 0));
    okta.put_user(User::new("fred@acme.com", "correct horse").group("Engineers").factor(number));
    let nobody = Factor::push("opf2phone").script(PushScript::until_tapped());
    okta.put_user(User::new("wilma@acme.com", "correct horse").factor(nobody));

    let consoles = blocks(chapter, "console");
    assert_eq!(consoles[0], "$ make build\n$ sudo make install && sudo ldconfig\n");
    let place = installed();
    let mut program = blocks(chapter, language).concat();
    for (shown, real) in [
        ("https://acme.okta.com", okta.url()),
        ("00TokenOfAcme", API_TOKEN),
        (r#"{\"storage\""#, r#"{\"ca_file\":\"ca.pem\",\"storage\""#),
        (r#"{"storage""#, r#"{"ca_file":"ca.pem","storage""#),
    ] {
        program = program.replace(shown, real);
    }
    assert!(program.contains("ca.pem"), "the options");
    std::fs::write(place.path().join(file), program).expect("a file");
    std::fs::write(place.path().join("ca.pem"), okta.ca_pem()).expect("a file");

    let (command, shown) = consoles[1].split_once('\n').expect("a command and what it shows");
    let command = command.strip_prefix("$ ").expect("a command");
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(&place)
        .env("PKG_CONFIG_PATH", place.path().join("lib/pkgconfig"))
        .env("LD_LIBRARY_PATH", place.path().join("lib"))
        .output()
        .expect("runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, shown, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", output.status);

    let all = chapter.matches("\n```").count() / 2;
    assert_eq!(all, 2 + blocks(chapter, language).len(), "a block that nothing carries out");
}

#[test]
fn the_chapter_on_c_does_what_it_shows() {
    follow(include_str!("../../docs/c.md"), "c", "chapter.c");
}

#[test]
fn the_chapter_on_cpp_does_what_it_shows() {
    follow(include_str!("../../docs/cpp.md"), "cpp", "chapter.cpp");
}

/// The policy that the page on policies begins with.
fn printing(page: &str) -> &str {
    let (start, _) = page.match_indices("    path \"printers/+\"").next().expect("the policy");
    page[start..].split_once("\n\n").expect("its end").0
}

/// Compiles a block of the page on policies with a main function of `tests`, which asks for printers and gets the policy.
fn ask_for_printers(language: &str, compile: impl Fn(&str) -> Program) {
    let page = include_str!("../../docs/policies.md");
    let [block] = blocks(page, language)[..] else { panic!("one block of {language}") };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("block"), block).expect("a file");
    let flag = format!("-DBLOCK=\"{}\"", folder.path().join("block").display());
    let program = compile(&flag);
    let policy = serde_json::json!({ "name": "printing", "policy": printing(page) }).to_string();
    let mut run = program.alone(Command::new(program.folder().join("program")));
    let output = run.arg(policy).output().expect("runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "3: yes, secret: no\n");
    let why = String::from_utf8_lossy(&output.stderr);
    assert_eq!(why.matches("permission denied").count(), 1, "{why}");
    assert!(why.contains("printers/secret") && output.status.success(), "{why}");
}

#[test]
fn the_page_on_policies_asks_in_c() {
    ask_for_printers("c", |block| Program::linked_with_library("tests/c/may_print.c", &[block]));
}

#[test]
fn the_page_on_policies_asks_in_cpp() {
    ask_for_printers("cpp", |block| {
        let flags = [&WARNINGS[..], &["-std=c++17", "-Wno-missing-declarations", block]].concat();
        Program::in_cpp("c++", "tests/cpp/may_print.cpp", &flags)
    });
}
