//! Logins as transactions, through the library's Rust entry, against the loopback Okta.

mod factors;
mod from_c;
mod limits;
mod lost;
mod password;
mod push;
mod sharing;

use okta_auth::api::Client;
use okta_auth::api::operations::{OPERATIONS, Refusal};
use okta_auth::clock::Clock;
use okta_loopback::{API_TOKEN, Call, Factor, Okta, User};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PASSWORD: &str = "correct horse";

/// A configured client with a storage in memory, and its Okta. Both clocks are driven.
struct Rig {
    okta: Okta,
    client: Client,
    clock: Clock,
}

/// An answer: its status and body, null where that is empty.
struct Answer {
    status: u16,
    body: Value,
}

impl Rig {
    fn new() -> Self {
        Self::with_options(json!({}))
    }

    /// A rig that is opened with these options besides.
    fn with_options(options: Value) -> Self {
        let okta = Okta::start();
        let clock = driven();
        let options = joined(json!({ "ca_pem": okta.ca_pem() }), options).to_string();
        let client = Client::open_with_clock(options.as_bytes(), clock.clone()).expect("opens");
        let rig = Self { okta, client, clock };
        let config = json!({ "org_url": rig.okta.url(), "api_token": API_TOKEN, "token_ttl": "1h" });
        assert_eq!(rig.call("configure", config).status, 204);
        rig
    }

    /// A rig whose only user is fred, with these factors.
    fn with_factors(factors: impl IntoIterator<Item = Factor>) -> Self {
        let rig = Self::new();
        rig.put_fred(factors);
        rig
    }

    fn put_fred(&self, factors: impl IntoIterator<Item = Factor>) {
        let fred = User::new("fred@corp.test", PASSWORD).id("00u1fred").group("Engineers");
        self.okta.put_user(factors.into_iter().fold(fred, User::factor));
    }

    fn call(&self, operation: &str, request: Value) -> Answer {
        let answer = self.client.call(operation, request.to_string().as_bytes()).expect("an answer");
        let body = if answer.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&answer.body).expect("JSON")
        };
        let answer = Answer { status: answer.status, body };
        assert!(
            answer.is_documented(operation),
            "the header does not list this of {operation}: {}",
            answer.body
        );
        answer
    }

    /// Starts a transaction of fred's with these members besides.
    fn start(&self, members: Value) -> Answer {
        self.call("start_transaction", joined(json!({ "username": "fred", "password": PASSWORD }), members))
    }

    /// Goes on with it.
    fn go_on(&self, id: &str, members: Value) -> Answer {
        self.call("continue_transaction", joined(json!({ "id": id }), members))
    }

    fn poll(&self, id: &str) -> Answer {
        self.go_on(id, json!({}))
    }

    fn cancel(&self, id: &str) -> Answer {
        self.call("cancel_transaction", json!({ "id": id }))
    }

    /// Moves both clocks on.
    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.okta.advance(Duration::from_secs(seconds));
    }

    /// The authn and other paths that Okta was asked for since last asked, without their common beginning. Those of
    /// authn never carry the API token.
    fn asked(&self) -> Vec<String> {
        let path = |call: &Call| {
            let path = call.path_alone().replace("/api/v1/", "");
            assert_eq!(call.authorization.is_some(), path.starts_with("users/"), "{path}");
            path
        };
        self.okta.take_calls().iter().map(path).collect()
    }
}

impl Answer {
    fn id(&self) -> String {
        self.data()["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.body)).to_owned()
    }

    fn data(&self) -> &Value {
        &self.body["data"]
    }

    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Whether the header lists this refusal, where it is one.
    fn is_documented(&self, operation: &str) -> bool {
        let row = OPERATIONS.iter().find(|row| row.name == operation).expect("an operation");
        let lists = |refusal: &Refusal| refusal.status == self.status && refusal.codes.contains(&self.code());
        self.status < 400 || row.refusals.iter().any(lists)
    }

    /// It is open, in this state.
    fn open(self, state: &str) -> Self {
        assert_eq!(self.status, 202, "{}", self.body);
        assert_eq!(self.data()["state"], state, "{}", self.body);
        assert_eq!(self.body["auth"], Value::Null, "a token and a pending state");
        self.has_every_member()
    }

    /// It is done, and here is the token.
    fn done(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.data()["state"], "done", "{}", self.body);
        let token = self.body["auth"]["client_token"].as_str().expect("a token");
        assert!(token.starts_with("hvs."));
        self.has_every_member()
    }

    /// It has failed: 400 unless this says otherwise, with this code.
    fn failed(self, code: &str) -> Self {
        assert_eq!((self.code(), self.data()["state"].as_str()), (code, Some("failed")), "{}", self.body);
        assert!(self.status >= 400, "{}", self.status);
        assert!(self.body["errors"][0].as_str().is_some_and(|text| !text.is_empty()), "{}", self.body);
        assert_eq!(self.body.get("auth"), None);
        self
    }

    /// It is refused with this status and code, and open as before, in this state.
    fn refused(self, status: u16, code: &str, state: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        assert_eq!(self.data()["state"], state, "{}", self.body);
        self.has_every_member()
    }

    fn has_every_member(self) -> Self {
        let members = [
            "attempts_left",
            "challenge",
            "expires_at",
            "factor",
            "factors",
            "id",
            "last_error",
            "password_warning",
            "poll_after",
            "state",
        ];
        let names: Vec<&String> = self.data().as_object().expect("an object").keys().collect();
        assert_eq!(names, members);
        self
    }
}

/// A driven clock that starts at the time of the loopback Okta.
fn driven() -> Clock {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Clock::driven(i64::try_from(since.as_secs()).expect("fits"))
}

fn joined(mut object: Value, members: Value) -> Value {
    let members = members.as_object().expect("an object").clone();
    object.as_object_mut().expect("an object").extend(members);
    object
}

fn is_unknown(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (404, "not_found"), "{}", answer.body);
}
