//! The C++ header, with the compilers and standards that it is meant for.

use crate::c_abi::{Program, SANITIZERS};
use okta_loopback::{Factor, Okta, PushScript, User};

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
