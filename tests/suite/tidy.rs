//! The repository itself: what prose repeats is true, and the rules of CONTRIBUTING.md are kept.

use crate::generated::declared;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Folders with text of ours.
const FOLDERS: [&str; 8] = ["src", "tests", "benches", "examples", "tools", "include", "bindings", ".ci"];
const LONGEST_FILE: usize = 600;
/// What the generator writes is as long as it is.
const GENERATED: &str = "Written by `make generate`";

/// Files outside `src/ffi` that may say `unsafe`, because they shim the operating system.
const SHIMS: [&str; 3] = ["src/api/readiness.rs", "src/storage/fork.rs", "src/threads/signals.rs"];
/// The one file that may read the environment: its proxy settings, when `use_env_proxy` asks for them.
const READS_ENVIRONMENT: &str = "src/okta/transport.rs";
/// Tests in which time passes because that is what they are about, or because a server is to be slow.
const MAY_SLEEP: [(&str, &str); 4] = [
    ("tests/okta_loopback/src/tls.rs", "an idle connection is closed after its time"),
    ("tests/okta_loopback/src/faults.rs", "a slow body"),
    ("tests/suite/okta/raw_server.rs", "a slow body"),
    ("tests/suite/transcripts/replay.rs", "a recorded scenario waits for a token's second"),
];

/// A file's path below the root, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    fn read(path: &str) -> Self {
        let text = fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        Self { path: path.to_owned(), text }
    }

    /// The lines with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// As [`File::code`], up to the unit tests, which stand last; nothing of a file of tests.
    fn code_without_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let is_test = ["test", "script.rs"].iter().any(|part| name.contains(part));
        self.code().take_while(move |(_, line)| !is_test && line.trim() != "#[cfg(test)]")
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// All files below a folder that are text, in the order of their paths.
fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(&Path::new(ROOT).join(folder), &mut found);
    found.sort();
    let below = |path: PathBuf| path.strip_prefix(ROOT).expect("below").to_str().expect("UTF-8").to_owned();
    found.into_iter().map(|path| File::read(&below(path))).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn documents() -> Vec<File> {
    let mut documents: Vec<File> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(File::read).into();
    documents
        .extend(FOLDERS.iter().flat_map(|folder| files(folder)).filter(|file| file.path.ends_with(".md")));
    documents
}

/// The pieces of a document between backticks, and the lines of its console blocks.
fn quoted(document: &File) -> impl Iterator<Item = &str> {
    let inline = document.text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    inline.chain(document.text.lines().filter_map(|line| line.strip_prefix("$ ")))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether the line has the word, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_word) && !line[at + word.len()..].starts_with(is_word))
}

fn none<T: AsRef<str>>(what: &str, offences: impl IntoIterator<Item = T>) {
    let offences: Vec<String> = offences.into_iter().map(|text| text.as_ref().to_owned()).collect();
    assert!(offences.is_empty(), "{what}:\n{}", offences.join("\n"));
}

#[test]
fn versions_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let header = File::read("include/okta_auth.h").text;
    assert!(header.contains(&format!("#define OKTA_AUTH_VERSION \"{version}\"\n")), "the header");
    let changes = File::read("CHANGELOG.md").text;
    let newest = changes.lines().find_map(|line| line.strip_prefix("## ")).expect("a heading");
    assert_eq!(newest.split(' ').next(), Some(version), "the first heading of CHANGELOG.md");
    for manifest in ["benches/Cargo.toml", "tests/okta_loopback/Cargo.toml", "tools/generate/Cargo.toml"] {
        let version = format!("rust-version = \"{}\"", env!("CARGO_PKG_RUST_VERSION"));
        let text = File::read(manifest).text;
        assert!(!text.contains("rust-version") || text.contains(&version), "{manifest}");
    }
}

/// Wherever prose says how many functions there are.
#[test]
fn the_number_of_functions_is_right() {
    let count = declared().len();
    let mut seen = 0;
    for document in documents() {
        for (number, line) in document.text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2).filter(|pair| pair[1].starts_with("functions")) {
                let Ok(said) = pair[0].parse::<usize>() else { continue };
                assert_eq!(said, count, "{}:{}: {line}", document.path, number + 1);
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "ARCHITECTURE.md says how many functions there are");
}

#[test]
fn make_targets_that_are_named_exist() {
    let makefile = File::read("Makefile").text;
    let targets: Vec<&str> = makefile
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| Some(line.split_once(':')?.0))
        .collect();
    let documents = documents();
    for document in &documents {
        for text in quoted(document) {
            let mut words = text.split([' ', '(', ')', ';']);
            while let Some(word) = words.next() {
                let target = if word == "make" { words.next() } else { None };
                let is_one = target.is_none_or(|target| targets.contains(&target));
                assert!(is_one, "{}: `{text}`: no such target", document.path);
            }
        }
    }
    let named =
        |target: &str| documents.iter().flat_map(quoted).any(|text| text.contains(&format!("make {target}")));
    none(
        "targets that no document names",
        targets.iter().filter(|target| !matches!(**target, "install-deps") && !named(target)),
    );
}

#[test]
fn files_are_short_enough_for_one_reading() {
    let files = FOLDERS.iter().flat_map(|folder| files(folder));
    let code =
        files.filter(|file| [".rs", ".c", ".h", ".py", ".go"].iter().any(|end| file.path.ends_with(end)));
    let long = code.filter(|file| {
        let is_generated = file.text.contains(GENERATED) || file.path == "include/okta_auth.h";
        file.path == "tests/suite/tidy.rs" || !is_generated
    });
    let lines = long.map(|file| (file.text.lines().count(), file.path));
    none(
        "longer than 600 lines",
        lines.filter(|(lines, _)| *lines > LONGEST_FILE).map(|(lines, path)| format!("{path}: {lines}")),
    );
}

#[test]
fn unsafe_code_stays_where_it_is_expected() {
    let mut found = Vec::new();
    for file in files("src") {
        if file.path.starts_with("src/ffi/") || SHIMS.contains(&file.path.as_str()) {
            continue;
        }
        let lines = file.code_without_tests().filter(|(_, line)| has_word(line, "unsafe"));
        found.extend(lines.map(|(number, line)| format!("{}:{number}: {line}", file.path)));
    }
    none("unsafe outside src/ffi and the shims", found);
    for shim in SHIMS {
        assert!(File::read(shim).code().any(|(_, line)| has_word(line, "unsafe")), "{shim} is no shim");
    }
}

#[test]
fn the_border_cannot_panic_on_purpose() {
    let root = File::read("src/ffi/mod.rs").text;
    for lint in ["unwrap_used", "expect_used", "indexing_slicing", "panic"] {
        assert!(root.contains(&format!("clippy::{lint}")), "src/ffi/mod.rs does not deny clippy::{lint}");
    }
    let files = files("src/ffi");
    none(
        "the border's lints are switched off",
        files
            .iter()
            .flat_map(File::code_without_tests)
            .filter_map(|(_, line)| line.contains("allow(clippy").then_some(line)),
    );
}

/// `[text](target)`, and paths between backticks.
#[test]
fn links_of_documents_resolve() {
    let root = Path::new(ROOT);
    for document in documents() {
        let here = root.join(&document.path);
        let here = here.parent().expect("a folder");
        for target in document.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !target.starts_with("https://") {
                let file = target.split('#').next().unwrap_or_default();
                assert!(here.join(file).exists(), "{}: {target}", document.path);
            }
        }
        for path in quoted(&document) {
            let is_path = FOLDERS
                .iter()
                .any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
            if is_path && !path.contains(['*', '…', '<', ' ']) {
                assert!(root.join(path).exists(), "{}: `{path}`", document.path);
            }
        }
    }
}

#[test]
fn every_module_has_its_paragraph() {
    let architecture = File::read("ARCHITECTURE.md").text;
    for entry in fs::read_dir(Path::new(ROOT).join("src")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        let has_one = architecture
            .lines()
            .filter_map(|line| line.strip_prefix("**")?.split_once("**"))
            .any(|(heading, _)| heading.contains(&format!("`src/{name}`")));
        assert!(!path.is_dir() || has_one, "ARCHITECTURE.md has no paragraph of `src/{name}`");
    }
}

#[test]
fn the_library_prints_nothing_and_reads_no_environment() {
    let mut found = Vec::new();
    for file in files("src") {
        for (number, line) in file.code_without_tests() {
            let prints =
                ["println!", "print!", "eprintln!", "eprint!", "dbg!"].iter().any(|name| line.contains(name));
            let asks = line.contains("env::var") && file.path != READS_ENVIRONMENT;
            if prints || asks {
                found.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    none("a library is a guest", found);
}

#[test]
fn tests_do_not_sleep() {
    let exceptions = MAY_SLEEP.map(|(path, _)| path);
    let mut found = Vec::new();
    for file in files("tests").iter().filter(|file| file.is_rust() || file.path.ends_with(".c")) {
        if exceptions.contains(&file.path.as_str()) || file.path == "tests/suite/tidy.rs" {
            continue;
        }
        let lines =
            file.code().filter(|(_, line)| ["sleep(", "sleep_until("].iter().any(|name| line.contains(name)));
        found.extend(lines.map(|(number, line)| format!("{}:{number}: {line}", file.path)));
    }
    none("poll a condition with a deadline, or drive the clock", found);
    for path in exceptions {
        assert!(File::read(path).text.contains("sleep"), "{path} does not sleep any more");
    }
}
