//! The library as a C program meets it: the header, the exported names, and the programs of `tests/c`.

use crate::generated::declared;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SONAME: &str = "libokta_auth.so.1";
/// What a program that links the archive needs besides; the header tells the same.
pub const STATIC_LIBRARIES: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";
const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"];
/// Of gcc.
pub const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
pub const VALGRIND: [&str; 4] =
    ["--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite"];

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

#[test]
fn the_archive_has_no_other_global_names_than_the_header() {
    let names = run(Command::new("nm").args(["--defined-only", "--extern-only"]).arg(localised()));
    let global: BTreeSet<String> =
        names.lines().filter_map(|line| line.split(' ').nth(2)).map(str::to_owned).collect();
    assert_eq!(global, declared());
}

#[test]
fn the_sanitizers_are_really_there() {
    let program = Program::build("abi", &SANITIZERS);
    let names = run(Command::new("nm").arg(program.folder().join("program")));
    assert!(names.contains("__asan_init") && names.contains("__ubsan_handle"), "{names}");
}

/// Each C program is a file of `tests/c`; it runs alone, under valgrind, with sanitizers, and linked statically.
macro_rules! programs {
    ($($name:ident)*) => { $(
        mod $name {
            use super::{Program, SANITIZERS, VALGRIND};

            #[test]
            fn runs() {
                Program::build(stringify!($name), &[]).run_with(&[]);
            }

            #[test]
            fn is_clean_under_valgrind() {
                Program::build(stringify!($name), &[]).run_under("valgrind", &VALGRIND, &[]);
            }

            #[test]
            fn is_clean_with_sanitizers() {
                Program::build(stringify!($name), &SANITIZERS).run_with(&[]);
            }

            #[test]
            fn runs_with_the_archive() {
                Program::build_static(stringify!($name)).run_with(&[]);
            }
        }
    )* };
}

programs! { abi audit bad_input fork handles log panic tickets }

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
        // These need an Okta or a text of `docs`, and are run by tests of their own.
        assert!(listed.contains(name) || ["transactions", "may_print"].contains(&name), "{name}");
    }
}

/// A compiled C program, in a folder of its own with the library under its soname.
pub struct Program {
    folder: TempDir,
}

impl Program {
    /// A program of `tests/c`.
    pub fn build(name: &str, flags: &[&str]) -> Self {
        Self::linked_with_library(&format!("tests/c/{name}.c"), flags)
    }

    /// A program of `examples`.
    pub fn build_example(name: &str) -> Self {
        Self::linked_with_library(&format!("examples/{name}.c"), &[])
    }

    /// A program of `tests/c` with the archive instead of the library.
    pub fn build_static(name: &str) -> Self {
        let archive = std::iter::once(localised().as_os_str());
        let flags: Vec<&OsStr> = archive.chain(STATIC_LIBRARIES.split(' ').map(OsStr::new)).collect();
        Self::linked_with(&format!("tests/c/{name}.c"), &flags)
    }

    /// Linked with the shared library, which lies beside it.
    pub fn linked_with_library(source: &str, flags: &[&str]) -> Self {
        Self::built_with_library(&c_compiler(), source, flags)
    }

    /// The same, for a program in C++.
    pub fn in_cpp(compiler: &str, source: &str, flags: &[&str]) -> Self {
        Self::built_with_library(&[compiler, "-g", "-pthread"], source, flags)
    }

    fn built_with_library(compiler: &[&str], source: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = folder.path().join(SONAME);
        std::os::unix::fs::symlink(library("libokta_auth.so"), &shared).expect("a link");
        let ours = [shared.as_os_str(), OsStr::new("-Wl,-rpath,$ORIGIN")];
        let flags: Vec<&OsStr> = flags.iter().map(OsStr::new).chain(ours).collect();
        Self::compile(folder, compiler, source, &flags)
    }

    /// Linked with what the flags say, and nothing else.
    pub fn linked_with(source: &str, flags: &[&OsStr]) -> Self {
        Self::compile(tempfile::tempdir().expect("a folder"), &c_compiler(), source, flags)
    }

    fn compile(folder: TempDir, compiler: &[&str], source: &str, flags: &[&OsStr]) -> Self {
        let (compiler, own_flags) = compiler.split_first().expect("a compiler");
        let mut compile = Command::new(compiler);
        compile.args(own_flags).arg("-I").arg(Path::new(ROOT).join("include"));
        compile.arg(Path::new(ROOT).join(source)).arg("-o").arg(folder.path().join("program")).args(flags);
        run(&mut compile);
        Self { folder }
    }

    /// Where it is and runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it in its folder; what it prints on stdout. On stderr there may be nothing.
    pub fn run_with(&self, arguments: &[&str]) -> String {
        let mut command = self.alone(Command::new(self.folder().join("program")));
        let output = checked(command.args(arguments));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs it under another program.
    pub fn run_under(&self, first: &str, options: &[&str], arguments: &[&str]) {
        let mut command = self.alone(Command::new(first));
        run(command.args(options).arg(self.folder().join("program")).args(arguments));
    }

    /// In its folder, with the library there: cargo's path would lead to the one that `make demo` uses.
    pub fn alone(&self, mut command: Command) -> Command {
        command.current_dir(self.folder()).env_remove("LD_LIBRARY_PATH");
        command
    }
}

fn c_compiler() -> Vec<&'static str> {
    ["cc", "-std=c11", "-D_GNU_SOURCE", "-g", "-pthread"].into_iter().chain(WARNINGS).collect()
}

/// The archive as it is shipped.
pub fn localised() -> &'static Path {
    static LOCALISED: LazyLock<PathBuf> = LazyLock::new(|| {
        let archive = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libokta_auth_localised.a");
        run(Command::new(Path::new(ROOT).join("tools/localise"))
            .arg(library("libokta_auth.a"))
            .arg(&archive));
        archive
    });
    &LOCALISED
}

/// A file that cargo built beside this test, or in the folder that the environment names.
pub fn library(name: &str) -> PathBuf {
    let folder = std::env::var_os("OKTA_AUTH_LIBRARIES").map(PathBuf::from).unwrap_or_else(|| {
        let test = std::env::current_exe().expect("the path of this test");
        test.parent().expect("a folder").to_owned()
    });
    folder.join(name)
}

pub fn run(command: &mut Command) -> String {
    String::from_utf8_lossy(&checked(command).stdout).into_owned()
}

fn checked(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let shown = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat();
    assert!(output.status.success(), "{command:?}: {}\n{shown}", output.status);
    output
}
