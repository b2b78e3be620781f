//! The client of Okta's HTTP API against servers that misbehave.

mod bounds;
mod faults;
mod groups;
mod http2;
mod network;
pub mod process;
mod proxy;
pub mod raw_server;
mod wire;

use okta_auth::clock::Clock;
use okta_auth::deadline::{Cancel, Deadline};
use okta_auth::okta::{Client, Failure, Network, Org, Origin, Settings, Transaction, TrustAnchors};
use okta_auth::secret::Secret;
use raw_server::RawServer;
use std::sync::LazyLock;
use std::time::Duration;

/// A client that trusts a server's authority, and the server's address.
fn client_of(server: &RawServer, settings: Settings) -> (Client, Org) {
    let settings = Settings { roots: TrustAnchors::Pem(server.ca_pem.clone()), ..settings };
    (Client::new(settings).expect("settings"), Org::parse(&server.url).expect("an address"))
}

/// Settings of a driven clock, so that pauses take no time.
fn driven(clock: &Clock) -> Settings {
    Settings { clock: clock.clone(), ..Settings::default() }
}

/// The network thread ends with its last user, and the connections with it; this one lasts.
fn network() -> &'static Network {
    static NETWORK: LazyLock<Network> = LazyLock::new(Network::new);
    &NETWORK
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20), Cancel::default())
}

/// The marker that must be nowhere but in the request.
const PASSWORD: &str = "hunter2-MARKER";

fn log_in(client: &Client, org: &Org) -> Result<Transaction, Failure> {
    let (client, org) = (client.clone(), org.clone());
    network()
        .run(&soon(), async move {
            client.authenticate(&org, "fred", &Secret::from(PASSWORD), &Origin::default()).await
        })
        .expect("within the deadline")
}

const SUCCESS: &str =
    r#"{"status":"SUCCESS","_embedded":{"user":{"id":"00u1","profile":{"login":"fred@corp.test"}}}}"#;
