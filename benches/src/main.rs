//! `make bench`: what the shipped library costs, in one run and one table.
//!
//! Arguments: the folder of `libokta_auth.so`, and the loopback Okta, which runs in a process of its own so that its
//! work is not counted as ours. The bare program makes the same HTTPS calls with the same HTTP client, parses the
//! answers, and does nothing else.

mod bare;
mod logins;
mod memory;
mod table;
mod usage;

use bench::okta::Okta;
use std::path::PathBuf;
use std::process::ExitCode;
use table::{Aim, Table};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [libraries, okta] => {
            run(PathBuf::from(libraries), PathBuf::from(okta));
            ExitCode::SUCCESS
        }
        // A process whose memory is looked at holds nothing but the library.
        [memory::LOGINS_ROLE, library, okta] => {
            memory::log_in(library, okta);
            ExitCode::SUCCESS
        }
        [memory::OPEN_ROLE, library, okta] => {
            memory::keep_transactions_open(library, okta);
            ExitCode::SUCCESS
        }
        [memory::PENDING_ROLE, library, okta] => {
            memory::wait_for_phones(library, okta);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: bench <folder of libokta_auth.so> <okta_loopback>");
            ExitCode::FAILURE
        }
    }
}

fn run(libraries: PathBuf, loopback: PathBuf) {
    let library = libraries.join("libokta_auth.so");
    let okta = Okta::start(&loopback);
    let mut table = Table::begin();

    table.chapter("a login by password, one page of groups (two HTTPS calls), memory engine");
    logins::beside_the_bare_program(&library, &okta, &mut table);
    table.chapter("the same, stored durably in SQLite");
    logins::with_sqlite(&library, &okta, &mut table);

    table.chapter("size");
    let bytes = std::fs::metadata(&library).map_or(0, |file| file.len());
    table.row("libokta_auth.so, stripped", bytes as f64 / 1e6, "MB", Some(Aim::AtMost(6.0)));
    memory::measure(&library, &okta, &mut table);
}
