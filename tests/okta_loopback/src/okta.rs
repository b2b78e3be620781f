//! A running loopback Okta.

use crate::factors;
use crate::faults::Fault;
use crate::record::{Call, Counts};
use crate::rules::{Rule, Rules};
use crate::state::{ApiToken, Settings, Shared, locked};
use crate::users::User;
use crate::{control, tls};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// The API token that each new server accepts.
pub const API_TOKEN: &str = "00loopback-api-token";

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Offer HTTP/2 beside HTTP/1.1.
    pub http2: bool,
    /// The names in its certificate; another than 127.0.0.1 makes a certificate that fits no client.
    pub names: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        let names = ["127.0.0.1", "::1", "localhost"].map(str::to_owned).to_vec();
        Self { http2: true, names }
    }
}

/// A server on a port of its own. It ends when this is dropped.
pub struct Okta {
    shared: Arc<Shared>,
    port: u16,
    ca_pem: String,
    control_url: String,
    /// Dropping it ends the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Okta {
    /// Starts a server without users that accepts [`API_TOKEN`].
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    /// Starts a server with options.
    ///
    /// # Panics
    /// If the machine gives no port, thread or random bytes: no test can go on then.
    pub fn start_with(options: Options) -> Self {
        let (ca_pem, config) = tls::configuration(&options.names, options.http2).expect("certificates");
        let listener = listen();
        let control_listener = listen();
        let port = listener.local_addr().expect("a bound port").port();
        let control_url = format!("http://{}", control_listener.local_addr().expect("a bound port"));
        let shared = Arc::new(Shared::new(format!("https://127.0.0.1:{port}")));
        let (stop, stopped) = oneshot::channel::<()>();
        let okta = shared.clone();
        let run = move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let control_listener =
                    tokio::net::TcpListener::from_std(control_listener).expect("a listener");
                tokio::select! {
                    () = tls::serve(listener, config, okta.clone()) => {}
                    () = control::serve(control_listener, okta) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread =
            std::thread::Builder::new().name("okta_loopback".to_owned()).spawn(run).expect("a thread");
        Self { shared, port, ca_pem, control_url, stop: Some(stop), thread: Some(thread) }
    }

    /// `https://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.shared.origin
    }

    /// The first half of the address for a client that puts `https://<org>.<base_url>` together: `127`.
    pub fn org(&self) -> &str {
        "127"
    }

    /// The second half: `0.0.1:<port>`.
    pub fn base_url(&self) -> String {
        format!("0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate authority to trust, as PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Where the control requests go: plain HTTP.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// Forgets everything: users, tokens, settings, rules, faults, calls, counters, and how far the clock
    /// was moved.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Adds a user, or replaces the one with the same login.
    pub fn put_user(&self, user: User) {
        locked(&self.shared.world).put(user, &self.shared.origin);
    }

    /// Removes a user.
    pub fn remove_user(&self, login: &str) {
        locked(&self.shared.world).remove(login);
    }

    /// Whether too many wrong passwords or codes have locked a user.
    pub fn is_locked(&self, login: &str) -> bool {
        locked(&self.shared.world).account(login).is_some_and(|account| account.locked)
    }

    /// Changes settings.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut locked(&self.shared.world).settings);
    }

    /// Accepts an API token, or changes what it is.
    pub fn put_token(&self, token: ApiToken) {
        locked(&self.shared.world).tokens.insert(token.token.clone(), token);
    }

    /// Accepts an API token no more.
    pub fn remove_token(&self, token: &str) {
        locked(&self.shared.world).tokens.remove(token);
    }

    /// Ends all state tokens, as a restart of Okta would.
    pub fn expire_transactions(&self) {
        locked(&self.shared.world).transactions.clear();
    }

    /// Replaces the faults.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.world).faults = faults.into_iter().collect();
    }

    /// Answers from these rules alone from now on; `None`: from its own state again.
    pub fn set_rules(&self, rules: Option<Vec<Rule>>) {
        locked(&self.shared.world).rules = rules.map(Rules::new);
    }

    /// Answers the push that waits for a user with `SUCCESS`, `REJECTED`, ...; a number that is not the one
    /// shown rejects it. False when none waits.
    pub fn tap(&self, login: &str, result: &str, number: Option<i64>) -> bool {
        factors::tap(&mut locked(&self.shared.world), login, result, number)
    }

    /// What the user would type for a factor now: the current TOTP, the code of the last message, the answer.
    pub fn passcode(&self, login: &str, factor: &str) -> Option<String> {
        factors::passcode(&self.shared, &locked(&self.shared.world), login, factor)
    }

    /// Moves the server's clock on.
    pub fn advance(&self, by: Duration) {
        self.shared.advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Unix time on the server's clock, in seconds.
    pub fn now(&self) -> i64 {
        crate::service::now(&self.shared)
    }

    /// Switches the recording of calls on or off; it is on at first.
    pub fn record(&self, on: bool) {
        self.shared.record.switch(on);
    }

    /// The recorded calls in order.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.record.calls()
    }

    /// The recorded calls, which are forgotten.
    pub fn take_calls(&self) -> Vec<Call> {
        self.shared.record.take()
    }

    /// Waits until this many calls are recorded. False when time is up before.
    pub fn wait_for_calls(&self, calls: usize, at_most: Duration) -> bool {
        self.shared.record.wait_for(calls, at_most)
    }

    /// Answers so many more requests; later ones are recorded and wait until this is called again. `None`: all.
    pub fn hold_after(&self, requests: Option<usize>) {
        self.shared.hold_after(requests);
    }

    /// The counters.
    pub fn counts(&self) -> Counts {
        self.shared.record.counts()
    }

    /// Pushes sent so far.
    pub fn pushes_sent(&self) -> u64 {
        self.counts().pushes
    }
}

impl Drop for Okta {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed already.
            let _ = thread.join();
        }
    }
}

fn listen() -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on 127.0.0.1");
    listener.set_nonblocking(true).expect("a non-blocking listener");
    listener
}
