//! The C++ header, with the compilers and standards that it is meant for.

use crate::c_abi::{Program, SANITIZERS, run};
use okta_loopback::{Factor, Okta, PushScript, User};
use std::process::Command;

pub const WARNINGS: [&str; 8] = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wconversion",
    "-Wold-style-cast",
    "-Wnon-virtual-dtor",
    "-Werror",
];

#[test]
fn a_program_in_cpp_lives_well_with_it() {
    let okta = Okta::start();
    okta.put_user(User::new("fred@acme.com", "correct horse"));
    let push = Factor::push("opf1").script(PushScript::until_tapped());
    okta.put_user(User::new("pushed@acme.com", "correct horse").factor(push));
    for (compiler, standard, more) in [
        ("g++", "-std=c++17", &SANITIZERS[..]),
        ("g++", "-std=c++20", &[]),
        ("clang++", "-std=c++17", &[]),
        ("clang++", "-std=c++20", &[]),
    ] {
        let flags = [&WARNINGS[..], &[standard], more].concat();
        let program = Program::in_cpp(compiler, "tests/cpp/client.cpp", &flags);
        std::fs::write(program.folder().join("ca.pem"), okta.ca_pem()).expect("a file");
        assert_eq!(program.run_with(&[okta.url(), "ca.pem"]), "", "{compiler} {standard}");
    }
}

#[test]
fn the_header_compiles_in_two_files_of_one_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let second = folder.path().join("second.cpp");
    std::fs::write(
        &second,
        "#include <okta_auth.hpp>\nint second() { return okta_auth::client::open(\"{}\").has_value(); }\n",
    )
    .expect("a file");
    let flags = ["-std=c++17", second.to_str().expect("UTF-8")];
    Program::in_cpp("g++", "tests/cpp/client.cpp", &flags);
}

#[test]
fn an_older_library_is_an_error_that_names_both_versions() {
    let program = Program::in_cpp("g++", "tests/cpp/older.cpp", &[&WARNINGS[..], &["-std=c++17"]].concat());
    let library = program.folder().join("libokta_auth.so.1");
    std::fs::remove_file(&library).expect("removed");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cpp/older_library.c");
    let mut compile = Command::new("cc");
    run(compile.args(["-shared", "-fPIC", "-Wl,-soname,libokta_auth.so.1", "-o"]).arg(&library).arg(source));
    let version = env!("CARGO_PKG_VERSION");
    let (first, second) = (
        "0 unsupported okta_auth: -11 the library that was loaded is version 0.0.9 (ABI 0)",
        format!(", this program was built for version {version} (ABI 1)\n-11 \n"),
    );
    assert_eq!(program.run_with(&[]), format!("{first}{second}"));
}

#[test]
fn a_missing_or_broken_library_is_named_before_the_program_starts() {
    let program = Program::in_cpp("g++", "tests/cpp/older.cpp", &["-std=c++17"]);
    let library = program.folder().join("libokta_auth.so.1");
    let refusal = || {
        let output = Command::new(program.folder().join("program")).output().expect("runs");
        assert_eq!(output.status.code(), Some(127));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    std::fs::remove_file(&library).expect("removed");
    let missing = refusal();
    assert!(missing.contains("libokta_auth.so.1: cannot open shared object file"), "{missing}");
    std::fs::write(&library, "").expect("a file");
    let broken = refusal();
    assert!(broken.contains("libokta_auth.so.1: file too short"), "{broken}");
}
