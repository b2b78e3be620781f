//! The library as a C program meets it: the header, the exported names, and the programs of `tests/c`.

use crate::generated::declared;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SONAME: &str = "libokta_auth.so.1";
/// What a program that links the archive needs besides; the header tells the same.
const STATIC_LIBRARIES: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";
const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"];
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const VALGRIND: [&str; 4] =
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
    let names = run(Command::new("nm").args(["--defined-only", "--extern-only"]).arg(&*LOCALISED));
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
                Program::build(stringify!($name), &[]).run_under("valgrind", &VALGRIND);
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

programs! { abi bad_input fork handles log panic }

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
pub struct Program {
    folder: TempDir,
}

impl Program {
    fn build(name: &str, flags: &[&str]) -> Self {
        Self::shared(&Path::new(ROOT).join("tests/c").join(name).with_extension("c"), flags)
    }

    /// A program of `examples`.
    pub fn build_example(name: &str) -> Self {
        Self::shared(&Path::new(ROOT).join("examples").join(name).with_extension("c"), &[])
    }

    fn shared(source: &Path, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(library("libokta_auth.so"), folder.path().join(SONAME)).expect("a link");
        let mut compile = compiler(&folder, source);
        compile.args(flags).arg(folder.path().join(SONAME)).arg("-Wl,-rpath,$ORIGIN");
        run(&mut compile);
        Self { folder }
    }

    fn build_static(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut compile = compiler(&folder, &Path::new(ROOT).join("tests/c").join(name).with_extension("c"));
        compile.arg(&*LOCALISED).args(STATIC_LIBRARIES.split(' '));
        run(&mut compile);
        Self { folder }
    }

    /// Where it is and runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it; what it prints.
    pub fn run_with(&self, arguments: &[&str]) -> String {
        run(Command::new(self.folder().join("program")).args(arguments).current_dir(self.folder()))
    }

    /// Runs it under another program.
    fn run_under(&self, first: &str, options: &[&str]) {
        run(Command::new(first).args(options).arg(self.folder().join("program")).current_dir(self.folder()));
    }
}

fn compiler(folder: &TempDir, source: &Path) -> Command {
    let mut compile = Command::new("cc");
    compile.args(WARNINGS).args(["-std=c11", "-D_GNU_SOURCE", "-g", "-pthread", "-I"]);
    compile.arg(Path::new(ROOT).join("include")).arg(source).arg("-o").arg(folder.path().join("program"));
    compile
}

/// The archive as it is shipped.
static LOCALISED: LazyLock<PathBuf> = LazyLock::new(|| {
    let archive = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libokta_auth_localised.a");
    run(Command::new(Path::new(ROOT).join("tools/localise")).arg(library("libokta_auth.a")).arg(&archive));
    archive
});

/// A file that cargo built beside this test, or in the folder that the environment names.
fn library(name: &str) -> PathBuf {
    let folder = std::env::var_os("OKTA_AUTH_LIBRARIES").map(PathBuf::from).unwrap_or_else(|| {
        let test = std::env::current_exe().expect("the path of this test");
        test.parent().expect("a folder").to_owned()
    });
    folder.join(name)
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{shown}{errors}", output.status);
    shown
}
