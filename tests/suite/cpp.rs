//! The C++ header, with the compilers and standards that it is meant for.

use crate::c_abi::{Program, SANITIZERS, run};
use okta_loopback::{Factor, Okta, PushScript, User};
use std::path::Path;
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
    let throws = Factor::push("opf3").script(PushScript::until_tapped());
    okta.put_user(User::new("thrown@acme.com", "correct horse").factor(throws));
    let push = Factor::push("opf1").script(PushScript::until_tapped());
    okta.put_user(User::new("pushed@acme.com", "correct horse").factor(push));
    okta.put_user(User::new("texted@acme.com", "correct horse").factor(Factor::new("sms", "sms1")));
    let number = Factor::push("opf2").script(PushScript::new(1, "SUCCESS").number(0, 0));
    okta.put_user(User::new("num\"bered@acme.com", "correct horse").factor(number));
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
        let calls = okta.take_calls();
        let of = |path: &str| -> Vec<_> {
            calls
                .iter()
                .filter(|call| call.path_alone() == path)
                .map(|call| call.json()["stateToken"].clone())
                .collect()
        };
        let thrown = of("/api/v1/authn/factors/opf3/verify");
        assert_eq!(thrown.len(), 1, "{compiler} {standard}");
        assert!(of("/api/v1/authn/cancel").contains(&thrown[0]), "{compiler} {standard}");
        assert_eq!(program.run_with(&[okta.url(), "ca.pem", "end"]), "", "{compiler} {standard}");
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
fn a_library_that_does_not_fit_is_an_error_that_names_both_versions() {
    let program =
        Program::in_cpp("g++", "tests/cpp/other_library.cpp", &[&WARNINGS[..], &["-std=c++17"]].concat());
    let library = program.folder().join("libokta_auth.so.1");
    std::fs::remove_file(&library).expect("removed");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cpp/other_library.c");
    let version = env!("CARGO_PKG_VERSION");
    for (abi, why) in [(0, ""), (1, " with other declarations")] {
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-Wl,-soname,libokta_auth.so.1", &format!("-DABI={abi}"), "-o"]);
        run(compile.arg(&library).arg(source));
        let first =
            format!("0 unsupported status -11: the library that was loaded is version 0.0.9 (ABI {abi})");
        let second =
            format!(", this program was built for version {version} (ABI 1){why} (code unsupported)\n-11 \n");
        assert_eq!(program.run_with(&[]), first + &second);
    }
}

#[test]
fn headers_of_different_versions_do_not_compile_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let header = std::fs::read_to_string(include.join("okta_auth.h")).expect("the header");
    let number = format!("OKTA_AUTH_VERSION \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(header.contains(&number));
    std::fs::write(folder.path().join("okta_auth.h"), header.replace(&number, "OKTA_AUTH_VERSION \"0.0.9\""))
        .expect("a file");
    std::fs::copy(include.join("okta_auth.hpp"), folder.path().join("okta_auth.hpp")).expect("copied");
    let mut compile = Command::new("g++");
    compile.args(["-std=c++17", "-x", "c++", "-fsyntax-only"]).arg(folder.path().join("okta_auth.hpp"));
    let output = compile.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("okta_auth.hpp and okta_auth.h are of different versions"), "{said}");
}

#[test]
fn a_missing_or_broken_library_is_named_before_the_program_starts() {
    let program = Program::in_cpp("g++", "tests/cpp/other_library.cpp", &["-std=c++17"]);
    let library = program.folder().join("libokta_auth.so.1");
    let refusal = || {
        let output = program.alone(Command::new(program.folder().join("program"))).output().expect("runs");
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
