//! What `make install` puts where, and that a program finds it there, through pkg-config and through CMake.

use crate::c_abi::{library, localised, run};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const VERSION: &str = env!("CARGO_PKG_VERSION");
const PROGRAM: &str = r#"
#include <okta_auth.h>
#include <stdio.h>
#include <string.h>
int main(void) {
    okta_auth_handle handle;
    int32_t status = okta_auth_open(NULL, 0, &handle, NULL);
    printf("%s %d\n", okta_auth_version(), (int)status);
    return status == 200 && strcmp(okta_auth_version(), OKTA_AUTH_VERSION) == 0 ? okta_auth_close(handle) : 1;
}
"#;

/// Installs below a folder and gives the paths of all that is there now.
fn install(folder: &Path, prefix: &str, libdir: &str, destination: &str) -> BTreeSet<String> {
    let built = tempfile::tempdir().expect("a folder");
    for (from, name) in [
        (library("libokta_auth.so"), "libokta_auth.so"),
        (localised().to_owned(), "libokta_auth_localised.a"),
    ] {
        std::os::unix::fs::symlink(from, built.path().join(name)).expect("a link");
    }
    let script = Path::new(ROOT).join("tools/install/install");
    run(Command::new(script).arg(built.path()).args([prefix, libdir, destination]));
    let mut found = BTreeSet::new();
    list(folder, folder, &mut found);
    found
}

fn list(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(root, &path, found);
        } else {
            found.insert(path.strip_prefix(root).expect("below").display().to_string());
        }
    }
}

/// An installation below a folder of its own, which is its prefix as well.
pub fn installed() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().display().to_string();
    install(folder.path(), &prefix, &format!("{prefix}/lib"), "");
    std::fs::write(folder.path().join("program.c"), PROGRAM).expect("a file");
    folder
}

#[test]
fn everything_goes_below_destdir() {
    let folder = tempfile::tempdir().expect("a folder");
    let destination = folder.path().display().to_string();
    let found = install(folder.path(), "/usr", "/usr/lib/x86_64-linux-gnu", &destination);
    let lib = |name: &str| format!("usr/lib/x86_64-linux-gnu/{name}");
    let expected = BTreeSet::from([
        "usr/include/okta_auth.h".to_owned(),
        "usr/include/okta_auth.hpp".to_owned(),
        lib("libokta_auth.so"),
        lib("libokta_auth.so.1"),
        lib(&format!("libokta_auth.so.{VERSION}")),
        lib("libokta_auth.a"),
        lib("pkgconfig/okta_auth.pc"),
        lib("pkgconfig/okta_auth-static.pc"),
        lib("cmake/okta_auth/okta_auth-config.cmake"),
        lib("cmake/okta_auth/okta_auth-config-version.cmake"),
    ]);
    assert_eq!(found, expected);
    // No file knows where it was packed.
    let pc = std::fs::read_to_string(folder.path().join(lib("pkgconfig/okta_auth.pc"))).expect("a file");
    assert!(pc.contains("libdir=/usr/lib/x86_64-linux-gnu\n") && !pc.contains(&destination), "{pc}");
}

#[test]
fn what_is_not_built_is_not_installed() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(Path::new(ROOT).join("tools/install/install"))
        .arg(folder.path())
        .args(["/usr", "/usr/lib"])
        .arg(folder.path())
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("run `make build` first"), "{text}");
    assert!(!folder.path().join("usr").exists());
}

#[test]
fn a_program_is_built_through_pkg_config() {
    let place = installed();
    let flags = pkg_config(&place, &["--cflags", "--libs", "okta_auth"]);
    let program = compile(&place, &flags);
    let libraries = place.path().join("lib");
    let printed = run(Command::new(&program).env("LD_LIBRARY_PATH", &libraries));
    assert_eq!(printed, format!("{VERSION} 200\n"));
    let needed = run(Command::new("readelf").arg("-d").arg(&program));
    assert!(needed.contains("[libokta_auth.so.1]"), "{needed}");
    assert_eq!(pkg_config(&place, &["--modversion", "okta_auth"]), VERSION);
}

#[test]
fn a_program_is_built_statically_through_pkg_config() {
    let place = installed();
    let whole = |module| pkg_config(&place, &["--static", "--cflags", "--libs", module]);
    let runs_alone = |flags: &str| {
        let program = compile(&place, flags);
        assert_eq!(run(&mut Command::new(&program)), format!("{VERSION} 200\n"));
        let needed = run(Command::new("readelf").arg("-d").arg(&program));
        assert!(!needed.contains("libokta_auth"), "{needed}");
    };
    runs_alone(&whole("okta_auth-static"));
    // The other module takes the archive where there is nothing else.
    for link in ["libokta_auth.so", "libokta_auth.so.1"] {
        std::fs::remove_file(place.path().join("lib").join(link)).expect("removed");
    }
    runs_alone(&whole("okta_auth"));
}

#[test]
fn a_program_is_built_through_cmake() {
    let place = installed();
    let source = place.path();
    let project = format!(
        "cmake_minimum_required(VERSION 3.13)\nproject(program C)\n\
         find_package(okta_auth {VERSION} REQUIRED)\n\
         foreach(kind okta_auth okta_auth_static)\n\
         add_executable(${{kind}} program.c)\n\
         target_link_libraries(${{kind}} okta_auth::${{kind}})\n\
         endforeach()\n"
    );
    std::fs::write(source.join("CMakeLists.txt"), project).expect("a file");
    let build = source.join("build");
    let prefix = format!("-DCMAKE_PREFIX_PATH={}", source.display());
    run(Command::new("cmake").arg("-S").arg(source).arg("-B").arg(&build).arg(prefix));
    run(Command::new("cmake").arg("--build").arg(&build));
    for kind in ["okta_auth", "okta_auth_static"] {
        assert_eq!(run(&mut Command::new(build.join(kind))), format!("{VERSION} 200\n"));
    }
}

#[test]
fn cmake_refuses_what_is_older_than_wanted() {
    let place = installed();
    let source = place.path();
    let project =
        "cmake_minimum_required(VERSION 3.13)\nproject(program C)\nfind_package(okta_auth 99 REQUIRED)\n";
    std::fs::write(source.join("CMakeLists.txt"), project).expect("a file");
    let prefix = format!("-DCMAKE_PREFIX_PATH={}", source.display());
    let output =
        Command::new("cmake").arg("-S").arg(source).arg("-B").arg(source.join("build")).arg(prefix).output();
    let output = output.expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains(VERSION), "{text}");
}

fn pkg_config(place: &TempDir, arguments: &[&str]) -> String {
    let path = place.path().join("lib/pkgconfig");
    run(Command::new("pkg-config").env("PKG_CONFIG_PATH", path).args(arguments)).trim().to_owned()
}

fn compile(place: &TempDir, flags: &str) -> PathBuf {
    let program = place.path().join("program");
    let mut compile = Command::new("cc");
    compile.arg("-o").arg(&program).arg(place.path().join("program.c")).args(flags.split_whitespace());
    run(&mut compile);
    program
}
