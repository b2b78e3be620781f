//! Names the shared library for the linker and writes the C header into the build folder.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that declare the C ABI, in the order in which the header shows them.
const SOURCES: [&str; 6] = [
    "src/ffi/codes.rs",
    "src/ffi/buffer.rs",
    "src/ffi/handles.rs",
    "src/ffi/functions.rs",
    "src/ffi/tickets.rs",
    "src/ffi/operations.rs",
];

/// The header's first chapter.
const CONTRACT: &str = "src/ffi/contract.txt";
/// Where the codes of error bodies stand.
const ERRORS: &str = "src/error.rs";

fn main() -> Result<(), Box<dyn Error>> {
    link();
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    let header = header(&PathBuf::from(env::var("CARGO_MANIFEST_DIR")?))?;
    fs::write(folder.join("header_checksum.rs"), format!("0x{:016x}", checksum(&header)))?;
    fs::write(folder.join("okta_auth.h"), header)?;
    Ok(())
}

/// The soname carries the number of the ABI; the library stays loaded, because its thread may be in it.
/// What is exported is decided by rustc: the functions of `src/ffi` and nothing else.
fn link() {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libokta_auth.so.1");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

fn header(root: &Path) -> Result<String, Box<dyn Error>> {
    for input in SOURCES.iter().chain(&["build.rs", "cbindgen.toml", CONTRACT, ERRORS]) {
        println!("cargo:rerun-if-changed={input}");
    }
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let contract = fs::read_to_string(root.join(CONTRACT))?;
    let codes = codes(&fs::read_to_string(root.join(ERRORS))?);
    config.header = Some(format!("{contract}{codes} */"));
    config.after_includes = Some(format!(
        "\n/**\n * The version of the library that this header came with.\n */\n#define OKTA_AUTH_VERSION \"{}\"",
        env::var("CARGO_PKG_VERSION")?
    ));
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(root.join(source));
    }
    let mut header = Vec::new();
    builder.generate()?.write(&mut header);
    Ok(named_enum(&String::from_utf8(header)?))
}

/// cbindgen prefixes the constants of an enum with its name, `okta_auth`; the type is to be `okta_auth_code`.
fn named_enum(header: &str) -> String {
    header
        .replace("enum okta_auth\n", "enum okta_auth_code\n")
        .replace("typedef enum okta_auth okta_auth;", "typedef enum okta_auth_code okta_auth_code;")
        .replace("typedef int32_t okta_auth;", "typedef int32_t okta_auth_code;")
}

/// The list of `code` names with their meanings, out of the declarations `/// meaning` and `Variant = "name",`.
fn codes(source: &str) -> String {
    let mut list = String::from(" * CODES of error bodies. Names are only added.\n");
    let mut meaning: Vec<&str> = Vec::new();
    let declarations = source.split_once("\ncodes! {\n").map_or("", |(_, rest)| rest);
    for line in declarations.lines().take_while(|line| *line != "}").map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            meaning.push(text.trim());
        } else if let Some((_, name)) = line.split_once(" = ") {
            let name = name.trim_matches(['"', ',']);
            let meaning_lines = wrapped(&meaning.join(" ").replace('`', ""), 78);
            let text = meaning_lines.join(&format!("\n * {:26} ", ""));
            list.push_str(&format!(" *   {name:<24} {text}\n"));
            meaning.clear();
        }
    }
    list
}

/// FNV-1a of what the header declares: comments, white space and the version do not matter. `bindings/generate` counts
/// the same.
fn checksum(header: &str) -> u64 {
    let mut code = String::new();
    let mut rest = header;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    code.lines()
        .filter(|line| !line.starts_with("#define OKTA_AUTH_VERSION"))
        .filter_map(|line| line.split("//").next())
        .flat_map(|line| line.bytes().filter(|byte| !byte.is_ascii_whitespace()))
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
