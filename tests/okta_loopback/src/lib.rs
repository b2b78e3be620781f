//! A stateful Okta on 127.0.0.1 for tests: classic authn, factors, users and groups over TLS.
//!
//! ```no_run
//! use okta_loopback::{Factor, Okta, User};
//!
//! let okta = Okta::start();
//! okta.put_user(User::new("fred@corp.test", "a password").group("Engineers").factor(Factor::push("opf1phone")));
//! // ... point a client at okta.org() + okta.base_url(), trusting okta.ca_pem() ...
//! assert_eq!(okta.pushes_sent(), 0);
//! ```
//!
//! Each [`Okta`] has its own port, certificate authority, thread and state, and ends when it is dropped.
//! What a method does here, a JSON request to [`Okta::control_url`] does for tests in other languages.

mod answer;
mod authn;
mod control;
mod factors;
mod faults;
mod groups;
mod okta;
mod rates;
mod record;
mod rules;
mod service;
mod state;
mod tls;
mod totp;
mod users;

pub use factors::{Factor, PushScript};
pub use faults::{Fault, FaultKind, RateLimitVariant};
pub use okta::{API_TOKEN, Okta, Options};
pub use record::{Call, Counts};
pub use rules::{Match, Reply, Rule};
pub use state::{ApiToken, Settings};
pub use totp::totp;
pub use users::{Enrollment, Group, Outcome, PasswordState, User};
