//! The library as a C program meets it: the header, the exported names, and the programs of `tests/c`.

use crate::generated::declared;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SONAME: &str = "libokta_auth.so.1";
/// What a program that links the archive needs besides; the header tells the same.
const STATIC_LIBRARIES: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";
const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"];

#[test]
fn the_header_compiles_alone_in_every_standard() {
    let folder = tempfile::tempdir().expect("a folder");
    for (compiler, language, standards) in
        [("cc", "c", &["c99", "c11", "c17", "c2x"][..]), ("c++", "c++", &["c++11", "c++17", "c++20"])]
    {
        for standard in standards {
            let mut compile = Command::new(compiler);
            compile.args(WARNINGS.iter().filter(|flag| language == "c" || **flag != "-Wstrict-prototypes"));
            compile.args([&format!("-std={standard}"), "-x", language, "-c", "-o"]);
            compile.arg(folder.path().join("header.o")).arg(Path::new(ROOT).join("include/okta_auth.h"));
            run(&mut compile);
        }
    }
}

#[test]
fn the_library_exports_what_the_header_declares() {
    let names = run(Command::new("nm").args(["-D", "--defined-only"]).arg(library("libokta_auth.so")));
    let exported: BTreeSet<String> =
        names.lines().filter_map(|line| line.rsplit(' ').next()).map(str::to_owned).collect();
    assert_eq!(exported, declared());
}

#[test]
fn the_library_has_a_soname_and_stays_loaded() {
    let dynamic = run(Command::new("readelf").args(["-dW"]).arg(library("libokta_auth.so")));
    assert!(dynamic.contains(&format!("Library soname: [{SONAME}]")), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

/// Each C program is a file of `tests/c`; it runs alone, under valgrind, with sanitizers, and linked statically.
macro_rules! programs {
    ($($name:ident)*) => { $(
        mod $name {
            #[test]
            fn runs() {
                super::Program::build(stringify!($name), &[]).run(&[]);
            }

            #[test]
            fn is_clean_under_valgrind() {
                let valgrind =
                    ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite"];
                super::Program::build(stringify!($name), &[]).run(&valgrind);
            }

            #[test]
            fn is_clean_with_sanitizers() {
                let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
                super::Program::build(stringify!($name), &flags).run(&[]);
            }

            #[test]
            fn runs_with_the_archive() {
                super::Program::build_static(stringify!($name)).run(&[]);
            }
        }
    )* };
}

programs! { fork handles }

#[test]
fn every_program_is_run() {
    let files = std::fs::read_dir(Path::new(ROOT).join("tests/c")).expect("a folder");
    let files = files.map(|file| file.expect("a file").path());
    let programs = files.filter(|file| file.extension().is_some_and(|extension| extension == "c"));
    let source = include_str!("c_abi.rs");
    let list =
        source.split_once("\nprograms! {").and_then(|(_, rest)| rest.split_once('}')).expect("the list").0;
    let listed: BTreeSet<&str> = list.split_whitespace().collect();
    for program in programs {
        let name = program.file_stem().and_then(|name| name.to_str()).expect("a name");
        assert!(listed.contains(name), "{name}");
    }
}

/// A compiled C program, in a folder of its own with the library under its soname.
struct Program {
    folder: TempDir,
}

impl Program {
    fn build(name: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(library("libokta_auth.so"), folder.path().join(SONAME)).expect("a link");
        let mut compile = Self::compile(&folder, name);
        compile.args(flags).arg(folder.path().join(SONAME)).arg("-Wl,-rpath,$ORIGIN");
        run(&mut compile);
        Self { folder }
    }

    fn build_static(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut compile = Self::compile(&folder, name);
        compile.arg(library("libokta_auth.a")).args(STATIC_LIBRARIES.split(' '));
        run(&mut compile);
        Self { folder }
    }

    fn compile(folder: &TempDir, name: &str) -> Command {
        let mut compile = Command::new("cc");
        compile.args(WARNINGS).args(["-std=c11", "-D_GNU_SOURCE", "-g", "-pthread", "-I"]);
        compile.arg(Path::new(ROOT).join("include"));
        compile.arg(Path::new(ROOT).join("tests/c").join(name).with_extension("c"));
        compile.arg("-o").arg(folder.path().join("program"));
        compile
    }

    /// Runs it, `before` standing before it on the command line.
    fn run(&self, before: &[&str]) {
        let program = self.folder.path().join("program");
        let mut command = match before {
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            [] => Command::new(program),
        };
        run(command.current_dir(self.folder.path()));
    }
}

/// A file that cargo built beside this test.
fn library(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.parent().expect("a folder");
    folder.join(name)
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{shown}{errors}", output.status);
    shown
}
