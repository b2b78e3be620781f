//! The control path: what a Rust test calls on [`crate::Okta`], as JSON over plain HTTP.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /reset` | | `{}` |
//! | `POST /users` | a user or a list of users | `{}` |
//! | `POST /users/remove` | `{"login"}` | `{}` |
//! | `POST /settings` | the settings to change | all settings |
//! | `POST /tokens` | `{"token", "owner", "allowed"}` | `{}` |
//! | `POST /tokens/remove` | `{"token"}` | `{}` |
//! | `POST /faults` | a list of faults | `{}` |
//! | `POST /rules` | a list of rules, or null | `{}` |
//! | `POST /tap` | `{"login", "result", "number"}` | `{"tapped": true}` |
//! | `POST /passcode` | `{"login", "factor"}` | `{"passcode": "123456"}` |
//! | `POST /advance` | `{"seconds"}` | `{"now": 1900000000}` |
//! | `POST /expire` | | `{}`: all state tokens have ended |
//! | `POST /hold` | `{"after"}`: how many more requests are answered, null for all | `{}` |
//! | `POST /recording` | `{"on"}` | `{}` |
//! | `GET /calls` | | the calls in order |
//! | `POST /calls/take` | | the same, and they are forgotten |
//! | `GET /counts` | | the counters |

use crate::factors;
use crate::faults::Fault;
use crate::record::{Call, Counts};
use crate::rules::{Rule, Rules};
use crate::state::{ApiToken, Settings, Shared, locked};
use crate::users::User;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;

type Okta = State<Arc<Shared>>;
type Refusal = (StatusCode, String);

/// Serves control requests for ever.
pub(crate) async fn serve(listener: TcpListener, okta: Arc<Shared>) {
    let router = Router::new()
        .route("/reset", post(reset))
        .route("/users", post(put_users))
        .route("/users/remove", post(remove_user))
        .route("/settings", post(settings))
        .route("/tokens", post(put_token))
        .route("/tokens/remove", post(remove_token))
        .route("/faults", post(set_faults))
        .route("/rules", post(set_rules))
        .route("/tap", post(tap))
        .route("/passcode", post(passcode))
        .route("/advance", post(advance))
        .route("/expire", post(expire))
        .route("/hold", post(hold))
        .route("/recording", post(recording))
        .route("/calls", get(calls))
        .route("/calls/take", post(take_calls))
        .route("/counts", get(counts))
        .with_state(okta);
    // It ends only when the listener breaks; the server is of no use then.
    let _ = axum::serve(listener, router).await;
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Value>),
    One(Value),
}

#[derive(Deserialize)]
struct Tap {
    login: String,
    #[serde(default = "success")]
    result: String,
    #[serde(default)]
    number: Option<i64>,
}

fn success() -> String {
    "SUCCESS".to_owned()
}

#[derive(Deserialize)]
struct LoginAndFactor {
    login: String,
    factor: String,
}

#[derive(Deserialize)]
struct Login {
    login: String,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct Advance {
    seconds: f64,
}

#[derive(Deserialize)]
struct Hold {
    after: Option<usize>,
}

#[derive(Deserialize)]
struct Recording {
    on: bool,
}

fn done() -> Json<Value> {
    Json(json!({}))
}

async fn reset(State(okta): Okta) -> Json<Value> {
    okta.reset();
    done()
}

async fn put_users(State(okta): Okta, Json(users): Json<OneOrMany>) -> Result<Json<Value>, Refusal> {
    let users = match users {
        OneOrMany::Many(users) => users,
        OneOrMany::One(user) => vec![user],
    };
    // All are read before the first is put, so that a mistake changes nothing.
    let users: Result<Vec<User>, _> = users.into_iter().map(serde_json::from_value).collect();
    let users = users.map_err(refuse)?;
    let mut world = locked(&okta.world);
    for user in users {
        world.put(user, &okta.origin);
    }
    Ok(done())
}

fn refuse(error: serde_json::Error) -> Refusal {
    (StatusCode::BAD_REQUEST, error.to_string())
}

async fn remove_user(State(okta): Okta, Json(user): Json<Login>) -> Json<Value> {
    locked(&okta.world).remove(&user.login);
    done()
}

async fn settings(
    State(okta): Okta,
    Json(changes): Json<Map<String, Value>>,
) -> Result<Json<Settings>, Refusal> {
    let mut world = locked(&okta.world);
    let mut merged = serde_json::to_value(&world.settings).map_err(refuse)?;
    for (name, value) in changes {
        merged[&name] = value;
    }
    world.settings = serde_json::from_value(merged).map_err(refuse)?;
    Ok(Json(world.settings.clone()))
}

async fn put_token(State(okta): Okta, Json(token): Json<ApiToken>) -> Json<Value> {
    locked(&okta.world).tokens.insert(token.token.clone(), token);
    done()
}

async fn remove_token(State(okta): Okta, Json(token): Json<Token>) -> Json<Value> {
    locked(&okta.world).tokens.remove(&token.token);
    done()
}

async fn set_faults(State(okta): Okta, Json(faults): Json<Vec<Fault>>) -> Json<Value> {
    locked(&okta.world).faults = faults;
    done()
}

async fn set_rules(State(okta): Okta, Json(rules): Json<Option<Vec<Rule>>>) -> Json<Value> {
    locked(&okta.world).rules = rules.map(Rules::new);
    done()
}

async fn tap(State(okta): Okta, Json(tap): Json<Tap>) -> Json<Value> {
    let tapped = factors::tap(&mut locked(&okta.world), &tap.login, &tap.result, tap.number);
    Json(json!({ "tapped": tapped }))
}

async fn passcode(State(okta): Okta, Json(wanted): Json<LoginAndFactor>) -> Json<Value> {
    let passcode = factors::passcode(&okta, &locked(&okta.world), &wanted.login, &wanted.factor);
    Json(json!({ "passcode": passcode }))
}

async fn advance(State(okta): Okta, Json(advance): Json<Advance>) -> Json<Value> {
    okta.advance((advance.seconds * 1_000.0) as i64);
    Json(json!({ "now": crate::service::now(&okta) }))
}

async fn expire(State(okta): Okta) -> Json<Value> {
    locked(&okta.world).transactions.clear();
    done()
}

async fn hold(State(okta): Okta, Json(hold): Json<Hold>) -> Json<Value> {
    okta.hold_after(hold.after);
    done()
}

async fn recording(State(okta): Okta, Json(recording): Json<Recording>) -> Json<Value> {
    okta.record.switch(recording.on);
    done()
}

async fn calls(State(okta): Okta) -> Json<Vec<Call>> {
    Json(okta.record.calls())
}

async fn take_calls(State(okta): Okta) -> Json<Vec<Call>> {
    Json(okta.record.take())
}

async fn counts(State(okta): Okta) -> Json<Counts> {
    Json(okta.record.counts())
}
