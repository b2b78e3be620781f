//! The audit log: one JSON line for each request and one for each answer, with Vault's members, in a file, to a
//! function of the host's, or both. What may be a secret stands in it as an HMAC.
//!
//! It knows how lines are made of members and where they go, not what a request is. Lines are written on the host's
//! own threads and on the worker, never on the network thread.

mod file;
mod hasher;
mod part;

pub use file::AuditFile;
pub use hasher::Hasher;
pub use part::Part;

use crate::callback::{self, Callback};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::json::Value;
use crate::log::{Level, Logger};
use crate::storage::Barrier;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// What lines go to: whether it has taken the line. It is called from several threads at once.
pub type Sink = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What `open` is asked for as `audit`.
pub struct Settings {
    /// The file that lines are added to.
    pub file: Option<PathBuf>,
    /// Whether nothing is to be done or answered without its line.
    pub required: bool,
    /// Whether there is to be a log. Without that there is one as long as there is a function.
    pub asked: bool,
}

/// The audit log of one client.
pub struct Audit {
    hasher: Hasher,
    file: Option<AuditFile>,
    function: Callback<Sink>,
    required: bool,
    asked: bool,
    failures: AtomicU64,
    clock: Clock,
    logger: Logger,
}

/// Which of the two lines of a request it is.
#[derive(Clone, Copy)]
pub enum LineType {
    /// It is about to be carried out, or is refused.
    Request,
    /// It was answered.
    Response,
}

impl Audit {
    /// The audit log of a storage.
    ///
    /// # Errors
    /// 500 `audit_failed` when the file cannot be opened and is required; failures of the storage.
    pub fn open(
        settings: Settings,
        barrier: &Barrier,
        clock: Clock,
        logger: Logger,
        deadline: &Deadline,
    ) -> Result<Self> {
        let Settings { file: path, required, asked } = settings;
        let hasher = Hasher::open(barrier, deadline)?;
        let refuse = |error| {
            let text = format!("the audit file (option \"audit\") cannot be opened: {error}");
            Error::new(500, Code::AuditFailed, text)
        };
        let file = path.map(|path| AuditFile::new(&path)).transpose().map_err(refuse)?;
        let (function, failures) = (Callback::default(), 0.into());
        let audit = Self { hasher, file, function, required, asked, failures, clock, logger };
        match audit.file.as_ref().map(AuditFile::open) {
            Some(Err(error)) if required => return Err(refuse(error)),
            Some(Err(error)) => audit.failed("none yet", error.to_string()),
            Some(Ok(())) | None => {}
        }
        Ok(audit)
    }

    /// Whether lines are to be made.
    pub fn is_on(&self) -> bool {
        (self.asked && self.required) || self.file.is_some() || self.function.is_set()
    }

    /// What hides values.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// How many lines were lost so far, by any of the places they go to.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Sends lines to this function from now on, or to none. When it returns, the function before is not running
    /// and never runs again: a call of it that is under way is waited for.
    pub fn set_function(&self, function: Option<Sink>) {
        drop(self.function.replace(function, || {}));
    }

    /// Writes a line of these members, after its time and type. The caller holds no lock.
    ///
    /// # Errors
    /// 500 `audit_failed` when it is required and could not be written everywhere. What failed is logged and
    /// counted, required or not.
    pub fn write(&self, line: LineType, members: Part) -> Result<()> {
        let mut part = Part::line();
        part.text("time", &self.clock.now_rfc3339_nanos());
        part.text("type", line.name());
        part.append(&members.into_members());
        let mut text = vec![b'{'];
        text.extend_from_slice(&part.into_members());
        text.extend_from_slice(b"}\n");
        let Err(why) = self.send(&text) else { return Ok(()) };
        self.failed(line.name(), why);
        if self.required {
            return Err(Error::new(
                500,
                Code::AuditFailed,
                "internal error: the audit log cannot be written",
            ));
        }
        Ok(())
    }

    fn failed(&self, line: &str, why: String) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let members = [
            ("line", Value::from(line)),
            ("error", Value::from(why)),
            ("required", Value::from(self.required)),
            ("failures", Value::from(i64::try_from(failures).unwrap_or(i64::MAX))),
        ];
        self.logger.log(Level::Error, "audit_failed", &members);
    }

    fn send(&self, text: &[u8]) -> std::result::Result<(), String> {
        let function = self.function.get();
        let mut causes = Vec::new();
        if self.asked && self.file.is_none() && function.is_none() {
            causes.push("there is neither an audit file nor an audit function".to_owned());
        }
        if let Some(file) = &self.file
            && let Err(error) = file.add(text)
        {
            causes.push(format!("the audit file {}: {error}", file.path().display()));
        }
        if let Some(function) = function {
            // Parts are made of strings only.
            let line = std::str::from_utf8(text).unwrap_or_default().trim_end();
            // Never twice in one thread: the border lets no call in from there.
            if callback::is_running() || !function.call(|function| function(line)) {
                causes.push("the audit function has not taken the line".to_owned());
            }
        }
        if causes.is_empty() { Ok(()) } else { Err(causes.join("; ")) }
    }

    /// Lets go of the file. Lines that come after it fail.
    pub fn close(&self) {
        if let Some(file) = &self.file {
            file.close();
        }
    }
}

impl LineType {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}
