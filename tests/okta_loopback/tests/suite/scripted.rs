//! Rules in place of state.

use crate::client::Client;
use okta_loopback::{Okta, Rule};
use serde_json::json;

#[test]
fn the_first_rule_that_fits_answers_with_its_next_reply() {
    let okta = Okta::start();
    let client = Client::new(&okta);
    let rules: Vec<Rule> = serde_json::from_value(json!([
        { "match": { "method": "POST", "path": "/api/v1/authn", "body": { "username": "ann" } },
          "replies": [{ "status": 401, "body": { "who": "ann" } }] },
        { "match": { "method": "POST", "path": "/api/v1/authn" },
          "replies": [{ "status": 200, "body": { "n": 1, "at": "<okta>/x" } }, { "status": 200, "close": true },
                      { "status": 200, "raw": "<html>", "headers": { "Content-Type": "text/html" } }] },
        { "match": { "method": "GET", "path": "/g", "query": "a=1" },
          "replies": [{ "status": 200, "headers": { "Link": ["<<okta>/1>", "<<okta>/2>"] }, "body": [] }] },
    ]))
    .unwrap();
    okta.set_rules(Some(rules));

    assert_eq!(client.log_in("ann", "pw").expect(401, "who", "ann"), json!({ "who": "ann" }));
    assert_eq!(client.log_in("fred", "pw").json(), json!({ "n": 1, "at": format!("{}/x", okta.url()) }));
    let closed = client.send("POST", "/api/v1/authn", &[("accept", "*/*")], Some("{}".to_owned()));
    assert!(closed.is_err());
    for _ in 0..2 {
        let got = client.log_in("fred", "pw");
        assert_eq!((got.text.as_str(), got.header("content-type")), ("<html>", vec!["text/html"]));
    }
    assert_eq!(client.get("/g?a=1").header("link").len(), 2);
    client.get("/g?a=2").expect(404, "errorCode", "E0000008");
    let paths: Vec<_> = okta.calls().iter().map(|call| call.path.clone()).collect();
    assert_eq!(paths[5..], ["/g?a=1", "/g?a=2"]);

    okta.set_rules(None);
    client.log_in("fred", "pw").expect(401, "errorCode", "E0000004");
}

#[test]
fn held_requests_are_recorded_and_wait() {
    let okta = Okta::start();
    let client = Client::new(&okta);
    okta.hold_after(Some(1));
    client.log_in("fred", "pw").expect(401, "errorCode", "E0000004");
    std::thread::scope(|scope| {
        let held = scope.spawn(|| Client::new(&okta).log_in("fred", "pw").status);
        assert!(okta.wait_for_calls(2, std::time::Duration::from_secs(10)));
        assert!(!held.is_finished());
        okta.hold_after(None);
        assert_eq!(held.join().unwrap(), 401);
    });
}
