//! A client of the library: one storage, one set of mounts, one connection pool.

use super::carry_out::{Admitted, DOOR, Outcome, Step};
use super::options::{CaOptions, KeyOptions, Options, StorageOptions};
use super::router::Patience;
use super::submitted::Submitted;
use super::tickets::{NoTicket, Ticket, Tickets};
use super::{Answer, NoAnswer};
use crate::audit::Audit;
use crate::clock::Clock;
use crate::deadline::{Cancel, Deadline};
use crate::error::{Code, Error, Result};
use crate::in_flight::{InFlight, Inside};
use crate::json::Value;
use crate::limits;
use crate::log::{Level, Logger};
use crate::method::{GivenUp, Guesses, Nonces};
use crate::mount::Mounts;
use crate::okta::{self, TrustAnchors};
use crate::policy::Policies;
use crate::storage::{Barrier, BarrierKey, MemoryStorage, SqliteStorage, Storage, StorageError, key};
use crate::threads::Worker;
use crate::token::Tokens;
use crate::ttls::Ttls;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What `open` makes and a C handle stands for. Every method may be called from any thread.
pub struct Client {
    core: Arc<Core>,
    cancel: Cancel,
    closed: AtomicBool,
    inside: Arc<InFlight>,
    tickets: Arc<Tickets>,
    process: u32,
}

/// Everything that a handler works with.
pub struct Core {
    /// The sealed storage.
    pub barrier: Arc<Barrier>,
    /// What is mounted where.
    pub mounts: Mounts,
    /// The token store.
    pub tokens: Tokens,
    /// The policies.
    pub policies: Policies,
    /// The client of Okta's API.
    pub okta: okta::Client,
    /// The network thread.
    pub network: okta::Network,
    /// The thread on which submitted calls wait for the storage.
    pub worker: Worker,
    /// Numbers that wait to be asked for.
    pub nonces: Nonces,
    /// Passwords and codes that Okta is being asked about.
    pub guesses: Guesses,
    /// Polls of transactions that were given up here.
    pub given_up: GivenUp,
    /// Where time comes from.
    pub clock: Clock,
    /// The TTLs of the whole library.
    pub ttls: Ttls,
    /// Where log lines go.
    pub logger: Logger,
    /// Where audit lines go.
    pub audit: Audit,
    login_timeout: Duration,
}

impl Client {
    /// Opens a client with the options of `okta_auth_open` (UTF-8 JSON; empty means `{}`).
    ///
    /// # Errors
    /// What is wrong.
    pub fn open(options: &[u8]) -> std::result::Result<Self, NotOpened> {
        Self::open_with_clock(options, Clock::system())
    }

    /// As [`Client::open`], with a clock that a test drives.
    ///
    /// # Errors
    /// As [`Client::open`].
    pub fn open_with_clock(options: &[u8], clock: Clock) -> std::result::Result<Self, NotOpened> {
        let cancel = Cancel::default();
        let deadline = Deadline::after(limits::OPERATION_TIMEOUT, cancel.clone());
        let core = Options::parse(options).and_then(|options| Core::open(options, clock, &deadline));
        Ok(Self {
            core: core.map(Arc::new).map_err(NotOpened::from)?,
            cancel,
            closed: AtomicBool::new(false),
            inside: Arc::default(),
            tickets: Arc::default(),
            process: std::process::id(),
        })
    }

    /// Carries out a named operation with the host's own authority.
    ///
    /// # Errors
    /// [`NoAnswer`] where there is nothing that Vault could have answered.
    pub fn call(&self, operation: &str, request: &[u8]) -> Outcome {
        let _inside = self.enter()?;
        match Admitted::new(&self.core, operation, request, self.cancel.clone()) {
            Ok(admitted) => self.carry_out(admitted),
            Err(outcome) => outcome,
        }
    }

    /// Carries out somebody else's request: Vault's method, path, token and body.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn request(&self, request: &[u8]) -> Outcome {
        self.call(DOOR, request)
    }

    /// Begins a call that is waited for later, or cancelled: a named operation, or `request` for what
    /// [`Client::request`] takes. Waits for nothing.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn submit(&self, operation: &str, request: &[u8]) -> std::result::Result<Submission, NoAnswer> {
        let _inside = self.enter()?;
        let cancel = Cancel::default();
        let admitted = match Admitted::new(&self.core, operation, request, cancel.clone()) {
            Ok(admitted) => admitted,
            Err(outcome) => return outcome.map(Submission::Refused),
        };
        let ticket = match self.tickets.issue(cancel, admitted.deadline().at()) {
            Ok(ticket) => ticket,
            Err(NoTicket::Closed) => return Err(NoAnswer::Closed),
            Err(NoTicket::Full) => {
                let text = "too many operations run or wait to be collected; collect some";
                let full = Error::new(503, Code::LimitReached, text);
                return admitted.refuse(full).map(Submission::Refused);
            }
        };
        let late = admitted.late();
        let submitted = Submitted {
            core: Arc::clone(&self.core),
            tickets: Arc::clone(&self.tickets),
            ticket,
            inside: Arc::clone(&self.inside),
        };
        if let Err(why) = self.core.network.spawn(submitted.carry_out(admitted)) {
            self.tickets.take_back(ticket);
            let (outcome, log) = late.outcome(why);
            log();
            return outcome.map(Submission::Refused);
        }
        Ok(Submission::Begun(ticket))
    }

    /// Waits for a submitted call for so long, or (`None`) until its own end, and takes its answer.
    ///
    /// # Errors
    /// The call's own, and [`NoAnswer::Pending`] while it runs; [`NoAnswer::InvalidTicket`] where another took the
    /// answer.
    pub fn wait(&self, ticket: Ticket, timeout: Option<Duration>) -> Outcome {
        let _inside = self.enter()?;
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.tickets.wait(ticket, until)
    }

    /// Ends a submitted call with [`NoAnswer::Cancelled`] unless it has ended. Waits for nothing.
    ///
    /// What the call has done by then stays done; it asks Okta nothing more.
    ///
    /// # Errors
    /// [`NoAnswer::InvalidTicket`]
    pub fn cancel(&self, ticket: Ticket) -> std::result::Result<(), NoAnswer> {
        let _inside = self.enter()?;
        self.tickets.cancel(ticket)
    }

    /// A submitted call that has ended; each is named once, unless its answer was taken before.
    ///
    /// # Errors
    /// [`NoAnswer::Closed`], [`NoAnswer::Forked`]
    pub fn next_completed(&self) -> std::result::Result<Option<Ticket>, NoAnswer> {
        let _inside = self.enter()?;
        self.tickets.next_completed()
    }

    /// A descriptor to be polled, never read: readable while [`Client::next_completed`] has something to name, and
    /// for ever once the client is closed.
    ///
    /// # Errors
    /// [`NoAnswer::Closed`], [`NoAnswer::Forked`]; inside, the system's when no descriptor is left.
    pub fn completion_fd(&self) -> std::result::Result<std::io::Result<OwnedFd>, NoAnswer> {
        let _inside = self.enter()?;
        self.tickets.completion_fd()
    }

    /// Where log lines go.
    pub fn logger(&self) -> &Logger {
        &self.core.logger
    }

    /// Where audit lines go.
    pub fn audit(&self) -> &Audit {
        &self.core.audit
    }

    /// Ends running operations and lets go of the storage; later calls answer [`NoAnswer::Closed`]. Returns when
    /// the last call has left, or after [`limits::CLOSE_TIMEOUT`].
    pub fn close(&self) {
        // Locks that others held at a fork are never released in the child, and nothing here is the child's.
        if self.process != std::process::id() || self.closed.swap(true, Ordering::SeqCst) {
            return;
        }
        self.cancel.cancel();
        let deadline = Deadline::after(limits::CLOSE_TIMEOUT, Cancel::default());
        self.tickets.close();
        self.inside.drain(Some(limits::CLOSE_TIMEOUT));
        self.core.audit.close();
        self.core.barrier.close(&deadline);
    }

    fn carry_out(&self, admitted: Admitted) -> Outcome {
        let mut step = admitted.begin();
        loop {
            match step {
                Step::Ended(outcome) => return outcome,
                Step::Exchange(exchange, rest) => match self.core.network.run(rest.deadline(), exchange) {
                    Ok(finish) => step = rest.go_on(finish),
                    Err(why) => return rest.interrupted(why),
                },
            }
        }
    }

    #[cfg(test)]
    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    fn enter(&self) -> std::result::Result<Inside, NoAnswer> {
        if self.process != std::process::id() {
            return Err(NoAnswer::Forked);
        }
        let inside = self.inside.enter();
        // Read once we are counted, so that `close` waits for whoever was let in.
        if self.closed.load(Ordering::SeqCst) { Err(NoAnswer::Closed) } else { Ok(inside) }
    }
}

/// What became of a call that was to be submitted.
pub enum Submission {
    /// It runs.
    Begun(Ticket),
    /// It could not even be begun; this says why.
    Refused(Answer),
}

/// Why a client was not opened.
pub enum NotOpened {
    /// The answer that says what is wrong.
    Refused(Answer),
    /// There is none: [`NoAnswer::Forked`].
    NoAnswer(NoAnswer),
}

impl From<Error> for NotOpened {
    fn from(error: Error) -> Self {
        match error.code() {
            Code::Forked => Self::NoAnswer(NoAnswer::Forked),
            _ => Self::Refused(Answer::error(&error, false, None)),
        }
    }
}

/// Shows the body, which repeats no secret.
impl std::fmt::Debug for NotOpened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(answer) => {
                write!(f, "{} {}", answer.status, String::from_utf8_lossy(&answer.body))
            }
            Self::NoAnswer(reason) => write!(f, "{reason:?}"),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}

impl Core {
    /// The time of a request that does not say how long it may take.
    pub fn timeout(&self, patience: Patience) -> Duration {
        match patience {
            Patience::Operation => limits::OPERATION_TIMEOUT,
            Patience::Person => self.login_timeout,
        }
    }

    fn open(options: Options, clock: Clock, deadline: &Deadline) -> Result<Self> {
        let settings = okta::Settings {
            roots: trust_anchors(options.ca)?,
            proxy: options.proxy,
            use_env_proxy: options.use_env_proxy,
            connect_timeout: options.connect_timeout,
            request_timeout: options.request_timeout,
            clock: clock.clone(),
        };
        let okta =
            okta::Client::new(settings).map_err(|text| Error::bad_request(Code::InvalidRequest, text))?;
        let (engine, key) = open_storage(options.storage, options.key, deadline)?;
        let barrier = Arc::new(Barrier::open(engine, &key, deadline)?);
        let mounts = Mounts::open(barrier.clone(), &options.mounts, deadline)?;
        let logger = Logger::with_clock(clock.clone());
        let audit = Audit::open(options.audit, &barrier, clock.clone(), logger.clone(), deadline)?;
        let core = Self {
            tokens: Tokens::new(barrier.clone(), clock.clone(), logger.clone()),
            policies: Policies::new(barrier.clone()),
            barrier,
            mounts,
            okta,
            network: okta::Network::new(),
            worker: Worker::new(),
            logger,
            audit,
            nonces: Nonces::new(clock.clone()),
            guesses: Guesses::default(),
            given_up: GivenUp::default(),
            clock,
            ttls: options.ttls,
            login_timeout: options.login_timeout,
        };
        core.finish_disabling(deadline)?;
        core.tokens.sweep_at_open(deadline);
        Ok(core)
    }

    /// Disables a mount: closes it, revokes its tokens, removes its data, forgets it. A mount that is not there is
    /// fine. When it ends early, whoever disables the mount again, or opens the storage, goes on with it.
    pub fn disable(&self, path: &str, deadline: &Deadline) -> Result<()> {
        let Some(mount) = self.mounts.begin_disable(path, deadline)? else {
            return Ok(());
        };
        self.tokens.revoke_mount(&mount.id, deadline)?;
        self.barrier.delete_all(&format!("auth/{}/", mount.id), deadline)?;
        self.mounts.end_disable(&mount, deadline)
    }

    /// Goes on with disablings that a crash or a deadline cut short. One that does not end stays as it is: its mount
    /// is closed already, and what hinders it must not keep the storage from being opened.
    fn finish_disabling(&self, deadline: &Deadline) -> Result<()> {
        let short = deadline.within(limits::OPEN_DISABLING_TIME);
        for mount in self.mounts.table(deadline)?.mounts().iter().filter(|mount| mount.disabling) {
            if let Err(error) = self.disable(&mount.path, &short) {
                let members = [("path", &*mount.path), ("error", error.text().unwrap_or_default())];
                let members = members.map(|(name, text)| (name, Value::from(text)));
                self.logger.log(Level::Warn, "disabling_unfinished", &members);
            }
        }
        Ok(())
    }
}

fn trust_anchors(ca: Option<CaOptions>) -> Result<TrustAnchors> {
    match ca {
        None => Ok(TrustAnchors::System),
        Some(CaOptions::Pem(pem)) => Ok(TrustAnchors::Pem(pem)),
        Some(CaOptions::File(path)) => read_certificates(&path).map(TrustAnchors::Pem).map_err(|error| {
            let path = path.display();
            let text = format!("the certificates in \"{path}\" (option \"ca_file\") cannot be read: {error}");
            Error::bad_request(Code::InvalidRequest, text)
        }),
    }
}

/// Waits for nothing and has an end, whatever the name leads to.
fn read_certificates(path: &Path) -> io::Result<String> {
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = String::new();
    if file.take(limits::CA_FILE_BYTES + 1).read_to_string(&mut text)? as u64 > limits::CA_FILE_BYTES {
        return Err(io::Error::other(format!("it is larger than {} bytes", limits::CA_FILE_BYTES)));
    }
    Ok(text)
}

fn open_storage(
    storage: StorageOptions,
    key: KeyOptions,
    deadline: &Deadline,
) -> Result<(Box<dyn Storage>, BarrierKey)> {
    let given = match key {
        KeyOptions::Default => None,
        KeyOptions::Given(text) => Some(key::from_base64(text.expose())?),
        KeyOptions::File(path) => Some(key::from_file(&path)?),
    };
    match storage {
        StorageOptions::Memory => {
            let key = given.map_or_else(key::random, Ok)?;
            Ok((Box::new(MemoryStorage::default()), key))
        }
        StorageOptions::Sqlite { path } => {
            // Before the database is made: a key is made only for a database that is not there yet.
            let key = given.map_or_else(|| key::of_database(&path), Ok)?;
            let engine = SqliteStorage::open(&path, deadline).map_err(StorageError::into_error)?;
            Ok((Box::new(engine), key))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_is_a_file_with_an_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("runs").success());
        let long = folder.path().join("long");
        File::create(&long).and_then(|file| file.set_len(limits::CA_FILE_BYTES + 1)).expect("a file");
        for (path, part) in [
            (fifo.as_path(), "no file"),
            (Path::new("/dev/zero"), "no file"),
            (folder.path(), "no file"),
            (&long, "larger than 8388608 bytes"),
        ] {
            let error = read_certificates(path).expect_err("refused").to_string();
            assert!(error.contains(part), "{path:?}: {error}");
        }
    }

    fn open(path: &std::path::Path) -> Client {
        let options = format!(r#"{{"storage":{{"type":"sqlite","path":{:?}}}}}"#, path.display().to_string());
        Client::open(options.as_bytes()).expect("opens")
    }

    fn status(client: &Client, operation: &str, request: &str) -> u16 {
        client.call(operation, request.as_bytes()).expect("an answer").status
    }

    /// As a crash in the middle leaves it.
    #[test]
    fn opening_finishes_a_disabling_that_was_cut_short() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("okta.db");
        let client = open(&path);
        assert_eq!(status(&client, "register_user", r#"{"username":"fred"}"#), 204);
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        let mount = client.core.mounts.begin_disable("okta/", &deadline).expect("closed").expect("there");
        // Nothing is routed to it any more, but its path is not free yet.
        assert_eq!(status(&client, "read_user", r#"{"username":"fred"}"#), 404);
        assert_eq!(status(&client, "enable_auth_method", r#"{"path":"okta","type":"okta"}"#), 400);
        drop(client);

        let client = open(&path);
        let left =
            client.core.barrier.list_all::<serde_json::Value>(&format!("auth/{}/", mount.id), &deadline);
        assert!(left.expect("read").is_empty());
        assert_eq!(status(&client, "enable_auth_method", r#"{"path":"okta","type":"okta"}"#), 204);
        assert_eq!(status(&client, "read_user", r#"{"username":"fred"}"#), 404);
    }

    #[test]
    fn a_disabling_that_cannot_be_finished_keeps_nobody_from_opening() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("okta.db");
        let client = open(&path);
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        client.core.mounts.begin_disable("okta/", &deadline).expect("closed").expect("there");
        drop(client);
        let sql = rusqlite::Connection::open(&path).expect("opened");
        let refuse = "CREATE TRIGGER stays BEFORE UPDATE ON entries WHEN old.key = 'core/mounts'
            BEGIN SELECT RAISE(ABORT, 'a disk that fails'); END";
        sql.execute_batch(refuse).expect("written");
        drop(sql);

        let client = open(&path);
        let (sender, told) = std::sync::mpsc::channel();
        let sink = move |_, record: &str| drop(sender.send(record.to_owned()));
        client.logger().set(Some((Level::Warn, Box::new(sink))));
        let record = told.try_recv().expect("the log says so");
        assert!(record.contains(r#""event":"disabling_unfinished","path":"okta/""#), "{record}");
        assert_eq!(status(&client, "disable_auth_method", r#"{"path":"okta"}"#), 503);
        assert_eq!(status(&client, "enable_auth_method", r#"{"path":"okta","type":"okta"}"#), 400);
        drop(client);
        let sql = rusqlite::Connection::open(&path).expect("opened");
        sql.execute_batch("DROP TRIGGER stays").expect("written");
        drop(sql);
        let client = open(&path);
        assert_eq!(status(&client, "enable_auth_method", r#"{"path":"okta","type":"okta"}"#), 204);
    }
}
