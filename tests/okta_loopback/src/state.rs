//! Everything that one loopback Okta knows.

use crate::factors::Sent;
use crate::faults::Fault;
use crate::okta::API_TOKEN;
use crate::rates::Rates;
use crate::record::Record;
use crate::rules::Rules;
use crate::users::User;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Over this many transactions, expired ones are dropped before a new one is added.
const TRANSACTIONS_BEFORE_SWEEP: usize = 10_000;

/// How the organisation is set up. A control request changes only the members it names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `factors`, as recorded, or `factor`, as Okta's pages have spelt the list since 2025.
    pub factors_key: String,
    /// Seconds that a state token lives after its last use.
    pub state_token_seconds: i64,
    /// True: a locked user is told so (200 LOCKED_OUT). False: 401 as for a wrong password.
    pub show_lockouts: bool,
    /// Wrong passwords in a row that lock a user.
    pub password_attempts: u32,
    /// Wrong codes in a row that lock a user; the last one answers E0000069.
    pub code_attempts: u32,
    /// Seconds after which a push that nobody answered is a TIMEOUT.
    pub push_seconds: i64,
    /// Groups on one page.
    pub page_size: usize,
    /// Put both Link relations into one header line.
    pub links_in_one_line: bool,
    /// Another origin for the `next` link.
    pub foreign_next: Option<String>,
    /// One more page, which is empty.
    pub empty_last_page: bool,
    /// The last page leads to the first.
    pub page_loop: bool,
    /// Refuse a user name more than four times in a second, as Okta does.
    pub username_limit: bool,
    /// Requests a minute for each bucket, refused beyond; without it nothing is refused.
    pub rate_limit: Option<u32>,
    /// Milliseconds after which an idle connection is closed; Okta takes 5,000. 0: never.
    pub keep_alive_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            factors_key: "factors".to_owned(),
            state_token_seconds: 300,
            show_lockouts: false,
            password_attempts: 10,
            code_attempts: 5,
            push_seconds: 300,
            page_size: 200,
            links_in_one_line: false,
            foreign_next: None,
            empty_last_page: false,
            page_loop: false,
            username_limit: false,
            rate_limit: None,
            keep_alive_ms: 5_000,
        }
    }
}

/// An API token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiToken {
    /// What stands behind `SSWS `.
    pub token: String,
    /// Id or login of its owner, which is what `me` means.
    #[serde(default)]
    pub owner: String,
    /// False: its admin role is too small (403 E0000006).
    #[serde(default = "allowed")]
    pub allowed: bool,
}

fn allowed() -> bool {
    true
}

/// Shared by all connections and the test's own thread.
pub(crate) struct Shared {
    /// `https://127.0.0.1:<port>`.
    pub origin: String,
    pub world: Mutex<World>,
    pub record: Record,
    pub cursor_key: hmac::Key,
    /// The number of the last request that is answered; later ones wait.
    pub held: watch::Sender<u64>,
    /// How far the clock was moved on, in milliseconds.
    ahead: AtomicI64,
}

/// What changes. Its lock is held for moments only, never while something is read or written.
pub(crate) struct World {
    pub settings: Settings,
    /// By lower-case login.
    pub accounts: HashMap<String, Account>,
    /// Id to lower-case login.
    pub ids: HashMap<String, String>,
    pub tokens: HashMap<String, ApiToken>,
    pub transactions: HashMap<String, Transaction>,
    pub faults: Vec<Fault>,
    pub rules: Option<Rules>,
    pub rates: Rates,
}

/// A user and what happened to him.
pub(crate) struct Account {
    pub user: User,
    pub locked: bool,
    pub wrong_passwords: u32,
    pub wrong_codes: u32,
    /// Per factor id.
    pub factors: HashMap<String, FactorHistory>,
    /// The groups as they stand in an answer.
    pub groups_shown: Vec<String>,
}

#[derive(Default)]
pub(crate) struct FactorHistory {
    /// Pushes sent so far.
    pub pushes: usize,
    /// The last time step whose code was used.
    pub used_counter: Option<i64>,
    /// The last message.
    pub sent: Option<Sent>,
    /// The prompt of a hardware token was shown.
    pub prompted: bool,
}

/// An authentication under way.
#[derive(Clone)]
pub(crate) struct Transaction {
    /// Lower-case login.
    pub login: String,
    pub step: Step,
    /// Milliseconds since 1970.
    pub expires: i64,
    /// The client asked for PASSWORD_WARN.
    pub warn: bool,
}

#[derive(Clone)]
pub(crate) enum Step {
    MfaRequired,
    MfaChallenge { factor: String, push: Option<crate::factors::Push> },
    PasswordExpired,
    PasswordWarn,
    MfaEnroll,
}

impl Shared {
    pub fn new(origin: String) -> Self {
        let random = SystemRandom::new();
        let cursor_key =
            hmac::Key::generate(hmac::HMAC_SHA256, &random).expect("the system gives random bytes");
        Self {
            origin,
            world: Mutex::new(World::default()),
            record: Record::default(),
            cursor_key,
            held: watch::Sender::new(u64::MAX),
            ahead: AtomicI64::new(0),
        }
    }

    /// Milliseconds since 1970 on the server's clock.
    pub fn now_millis(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX) + self.ahead.load(Ordering::Relaxed)
    }

    pub fn advance(&self, millis: i64) {
        self.ahead.fetch_add(millis, Ordering::Relaxed);
    }

    pub fn hold_after(&self, requests: Option<usize>) {
        let answered = self.record.counts().requests;
        let more = requests.and_then(|requests| u64::try_from(requests).ok());
        self.held.send_replace(more.map_or(u64::MAX, |more| answered.saturating_add(more)));
    }

    pub fn reset(&self) {
        *locked(&self.world) = World::default();
        self.record.reset();
        self.held.send_replace(u64::MAX);
        self.ahead.store(0, Ordering::Relaxed);
    }
}

impl Default for World {
    fn default() -> Self {
        let token = ApiToken { token: API_TOKEN.to_owned(), owner: String::new(), allowed: true };
        Self {
            settings: Settings::default(),
            accounts: HashMap::new(),
            ids: HashMap::new(),
            tokens: HashMap::from([(token.token.clone(), token)]),
            transactions: HashMap::new(),
            faults: Vec::new(),
            rules: None,
            rates: Rates::default(),
        }
    }
}

impl World {
    /// Adds a user or replaces the one with this login, and forgets what happened to that one.
    pub fn put(&mut self, mut user: User, origin: &str) {
        let login = user.login.to_lowercase();
        if user.id.is_empty() {
            user.id = id_of("00u", &login);
        }
        for factor in &mut user.factors {
            factor.complete(&login);
        }
        for group in &mut user.groups {
            if group.id.is_empty() {
                group.id = id_of("00g", &format!("{}/{}", group.kind, group.name));
            }
        }
        let groups_shown = user.groups.iter().map(|group| group.shown(origin).to_string()).collect();
        self.remove(&login);
        self.ids.insert(user.id.clone(), login.clone());
        let account = Account {
            user,
            locked: false,
            wrong_passwords: 0,
            wrong_codes: 0,
            factors: HashMap::new(),
            groups_shown,
        };
        self.accounts.insert(login, account);
    }

    pub fn remove(&mut self, login: &str) {
        if let Some(account) = self.accounts.remove(&login.to_lowercase()) {
            self.ids.remove(&account.user.id);
        }
    }

    /// By login, or by what stands before `@` where only one login has it.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.login(name).and_then(|login| self.accounts.get(&login))
    }

    /// The lower-case login that a name typed by a user means.
    pub fn login(&self, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        if self.accounts.contains_key(&name) {
            return Some(name);
        }
        let mut found = self
            .accounts
            .keys()
            .filter(|login| login.split_once('@').is_some_and(|(short, _)| short == name));
        let login = found.next()?;
        found.next().is_none().then(|| login.clone())
    }

    /// Starts a transaction and gives its state token.
    pub fn begin(&mut self, login: &str, step: Step, warn: bool, now: i64) -> String {
        if self.transactions.len() >= TRANSACTIONS_BEFORE_SWEEP {
            self.transactions.retain(|_, transaction| transaction.expires > now);
        }
        let token = format!("00{}", random_text(30));
        let expires = now + self.settings.state_token_seconds * 1_000;
        self.transactions.insert(token.clone(), Transaction { login: login.to_owned(), step, expires, warn });
        token
    }

    /// A live transaction, whose life this use extends. An expired one is dropped.
    pub fn touch(&mut self, token: &str, now: i64) -> Option<Transaction> {
        let life = self.settings.state_token_seconds * 1_000;
        let transaction = self.transactions.get_mut(token)?;
        if transaction.expires <= now {
            self.transactions.remove(token);
            return None;
        }
        transaction.expires = now + life;
        Some(transaction.clone())
    }
}

impl Account {
    pub fn status(&self) -> &str {
        if self.locked { "LOCKED_OUT" } else { &self.user.status }
    }
}

/// Locks, whether or not a test panicked while it held the lock.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Random letters and digits, as unguessable as they are many.
pub(crate) fn random_text(length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    bytes.into_iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect()
}

/// An id that the same name always gets.
fn id_of(prefix: &str, name: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    let text = digest.as_ref()[..9].iter().map(|byte| format!("{byte:02x}"));
    text.fold(prefix.to_owned(), |id, byte| id + &byte)
}
