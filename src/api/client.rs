//! A client of the library: one storage, one set of mounts, one connection pool.

use super::options::{CaOptions, KeyOptions, Options, StorageOptions};
use super::request::{Context, Request};
use super::router::{self, Dress, Exchange, Progress, Served};
use super::{Answer, NoAnswer};
use crate::clock::Clock;
use crate::deadline::{Cancel, Deadline};
use crate::error::{Code, Error, Result};
use crate::in_flight::{InFlight, Inside};
use crate::json::Value;
use crate::limits;
use crate::log::{Level, Logger};
use crate::method::Nonces;
use crate::mount::{Mounts, SystemTtls};
use crate::okta::{self, TrustAnchors};
use crate::reply::Reply;
use crate::storage::{Barrier, BarrierKey, MemoryStorage, SqliteStorage, Storage, StorageError, key};
use crate::token::Tokens;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What `open` makes and a C handle stands for. Every method may be called from any thread.
pub struct Client {
    core: Arc<Core>,
    cancel: Cancel,
    closed: AtomicBool,
    inside: Arc<InFlight>,
}

/// Everything that a handler works with.
pub struct Core {
    /// The sealed storage.
    pub barrier: Arc<Barrier>,
    /// What is mounted where.
    pub mounts: Mounts,
    /// The token store.
    pub tokens: Tokens,
    /// The client of Okta's API.
    pub okta: okta::Client,
    /// The network thread.
    pub network: okta::Network,
    /// Numbers that wait to be asked for.
    pub nonces: Nonces,
    /// Where time comes from.
    pub clock: Clock,
    /// The TTLs of the whole library.
    pub ttls: SystemTtls,
    /// Where log lines go.
    pub logger: Logger,
    login_timeout: Duration,
}

impl Client {
    /// Opens a client with the options of `okta_auth_open` (UTF-8 JSON; empty means `{}`).
    ///
    /// # Errors
    /// The answer that says what is wrong.
    pub fn open(options: &[u8]) -> std::result::Result<Self, Answer> {
        Self::open_with_clock(options, Clock::system())
    }

    /// As [`Client::open`], with a clock that a test drives.
    ///
    /// # Errors
    /// As [`Client::open`].
    pub fn open_with_clock(options: &[u8], clock: Clock) -> std::result::Result<Self, Answer> {
        let cancel = Cancel::default();
        let deadline = Deadline::after(limits::OPERATION_TIMEOUT, cancel.clone());
        let core = Options::parse(options).and_then(|options| Core::open(options, clock, &deadline));
        Ok(Self {
            core: core.map(Arc::new).map_err(|error| Answer::error(&error, false, None))?,
            cancel,
            closed: AtomicBool::new(false),
            inside: Arc::default(),
        })
    }

    /// Carries out a named operation with the host's own authority.
    ///
    /// # Errors
    /// [`NoAnswer`] where there is nothing that Vault could have answered.
    pub fn call(&self, operation: &str, request: &[u8]) -> std::result::Result<Answer, NoAnswer> {
        let mut context = Context::default();
        let parsed = self.admit(request).and_then(|_| {
            Request::named(operation, request, &mut context).ok_or(NoAnswer::UnknownOperation)
        })?;
        let is_login = operation == "login";
        Ok(self.logged(operation, self.carry_out(parsed, context, is_login)?))
    }

    /// Carries out somebody else's request: Vault's method, path, token and body.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn request(&self, request: &[u8]) -> std::result::Result<Answer, NoAnswer> {
        self.admit(request)?;
        let mut context = Context::default();
        let parsed = Request::from_door(request, &mut context);
        let is_login = parsed.as_ref().is_ok_and(|request| request.path.contains("/login/"));
        Ok(self.logged("request", self.carry_out(parsed, context, is_login)?))
    }

    /// Where log lines go.
    pub fn logger(&self) -> &Logger {
        &self.core.logger
    }

    /// Ends running operations and lets go of the storage; later calls answer [`NoAnswer::Closed`]. Returns when
    /// the last call has left, or after [`limits::CLOSE_TIMEOUT`].
    pub fn close(&self) {
        if self.closed.swap(true, Ordering::SeqCst) {
            return;
        }
        self.cancel.cancel();
        self.inside.drain(Some(limits::CLOSE_TIMEOUT));
        self.core.barrier.close();
    }

    /// Logs that an operation was answered; neither its path nor its members, which may be secrets.
    fn logged(&self, operation: &str, answer: Answer) -> Answer {
        let level = if answer.status < 500 { Level::Info } else { Level::Error };
        if self.core.logger.wants(level) {
            let status = Value::from(i64::from(answer.status));
            self.core.logger.log(
                level,
                "answered",
                &[("operation", Value::from(operation)), ("status", status)],
            );
        }
        answer
    }

    fn admit(&self, request: &[u8]) -> std::result::Result<(), NoAnswer> {
        if request.len() > limits::REQUEST_BYTES {
            return Err(NoAnswer::TooLarge);
        }
        std::str::from_utf8(request).map(drop).map_err(|_| NoAnswer::InvalidUtf8)
    }

    fn carry_out(
        &self,
        request: Result<Request>,
        read_so_far: Context,
        is_login: bool,
    ) -> std::result::Result<Answer, NoAnswer> {
        let _inside = self.enter()?;
        let mut request = match request {
            Ok(request) => request,
            Err(error) => {
                let mut answer = Answer::error(&error, false, read_so_far.request_id.as_deref());
                if read_so_far.bodiless {
                    answer.body.clear();
                }
                return Ok(answer);
            }
        };
        let default = if is_login { self.core.login_timeout } else { limits::OPERATION_TIMEOUT };
        let timeout = request.context.timeout.unwrap_or(default);
        let deadline = Deadline::after(timeout, self.cancel.clone());
        let request_id = match request.context.request_id.take() {
            Some(id) => id,
            None => match self.core.barrier.new_uuid() {
                Ok(id) => id,
                Err(error) => return Ok(Answer::error(&error, false, None)),
            },
        };
        let (dress, progress) = router::route(&self.core, request, &deadline);
        let result = match progress {
            Progress::Done(result) => result,
            Progress::Network(exchange, warnings) => {
                self.exchange(exchange, &deadline).map(|reply| warnings.add_to(reply))
            }
        };
        match result {
            Err(error) if error.code() == Code::Cancelled => Err(NoAnswer::Cancelled),
            result => Ok(dressed(result, dress, &request_id)),
        }
    }

    fn exchange(&self, mut exchange: Exchange, deadline: &Deadline) -> Result<Option<Reply>> {
        loop {
            let finish = self.core.network.run(deadline, exchange);
            let finish = finish.map_err(|why| Error::interrupted(why, "waiting for Okta"))?;
            match finish()? {
                Served::Reply(reply) => return Ok(reply),
                Served::Exchange(next) => exchange = next,
            }
        }
    }

    fn enter(&self) -> std::result::Result<Inside, NoAnswer> {
        let inside = self.inside.enter();
        // Read once we are counted, so that `close` waits for whoever was let in.
        if self.closed.load(Ordering::SeqCst) { Err(NoAnswer::Closed) } else { Ok(inside) }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}

fn dressed(result: Result<Option<Reply>>, dress: Dress, request_id: &str) -> Answer {
    match result {
        Ok(Some(reply)) => Answer::reply(reply, request_id, dress.mount_type, dress.repeats_data),
        Ok(None) if dress.is_read => Answer::error(&Error::not_found(), true, Some(request_id)),
        Ok(None) => Answer::empty(),
        Err(error) => Answer::error(&error, dress.authenticated, Some(request_id)),
    }
}

impl Core {
    fn open(options: Options, clock: Clock, deadline: &Deadline) -> Result<Self> {
        let settings = okta::Settings {
            roots: trust_anchors(options.ca)?,
            proxy: options.proxy.map(|proxy| proxy.expose().clone()),
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
        let core = Self {
            tokens: Tokens::new(barrier.clone(), clock.clone()),
            barrier,
            mounts,
            okta,
            network: okta::Network::new(),
            logger: Logger::with_clock(clock.clone()),
            nonces: Nonces::new(clock.clone()),
            clock,
            ttls: options.ttls,
            login_timeout: options.login_timeout,
        };
        core.finish_disabling(deadline)?;
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

    /// What was left of a disabling that a crash or a deadline cut short.
    fn finish_disabling(&self, deadline: &Deadline) -> Result<()> {
        for mount in self.mounts.table(deadline)?.mounts() {
            if mount.disabling {
                self.disable(&mount.path, deadline)?;
            }
        }
        Ok(())
    }
}

fn trust_anchors(ca: Option<CaOptions>) -> Result<TrustAnchors> {
    match ca {
        None => Ok(TrustAnchors::System),
        Some(CaOptions::Pem(pem)) => Ok(TrustAnchors::Pem(pem)),
        Some(CaOptions::File(path)) => {
            std::fs::read_to_string(&path).map(TrustAnchors::Pem).map_err(|error| {
                Error::bad_request(
                    Code::InvalidRequest,
                    format!(
                        "the certificates in {} (option \"ca_file\") cannot be read: {error}",
                        path.display()
                    ),
                )
            })
        }
    }
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

    fn open(path: &std::path::Path) -> Client {
        let options = format!(r#"{{"storage":{{"type":"sqlite","path":{:?}}}}}"#, path.display().to_string());
        Client::open(options.as_bytes()).unwrap_or_else(|_| panic!("opens"))
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
}
