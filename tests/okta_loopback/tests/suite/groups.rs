//! The users API: tokens, statuses, pages.

use crate::client::{Client, Got};
use okta_loopback::{API_TOKEN, ApiToken, Group, Okta, User};
use std::time::Duration;

fn started(groups: usize) -> (Okta, Client) {
    let okta = Okta::start();
    let names = (0..groups).map(|number| format!("g{number}"));
    okta.put_user(User::new("fred@corp.test", "pw").id("00u1").groups(names));
    let client = Client::new(&okta);
    (okta, client)
}

fn names(got: &Got) -> Vec<String> {
    let body = got.json();
    body.as_array()
        .unwrap()
        .iter()
        .map(|group| group["profile"]["name"].as_str().unwrap().to_owned())
        .collect()
}

fn next(got: &Got) -> Option<String> {
    let line = got.header("link").into_iter().find(|line| line.ends_with("rel=\"next\""))?;
    let start = line.rfind('<')?;
    Some(line[start + 1..line.rfind('>')?].to_owned())
}

#[test]
fn pages_of_groups() {
    for (groups, page_size, pages) in [(0, 200, 1), (200, 200, 1), (201, 200, 2), (5, 2, 3)] {
        let (okta, client) = started(groups);
        okta.set(|settings| settings.page_size = page_size);
        let mut seen = Vec::new();
        let mut path = Some("/api/v1/users/00u1/groups".to_owned());
        let mut requests = 0;
        while let Some(this) = path {
            let got = client.get(&this);
            assert_eq!(got.status, 200);
            assert!(got.header("link")[0].ends_with("rel=\"self\""));
            seen.extend(names(&got));
            path = next(&got);
            requests += 1;
        }
        assert_eq!(requests, pages);
        assert_eq!(seen, (0..groups).map(|number| format!("g{number}")).collect::<Vec<_>>());
    }
}

#[test]
fn odd_pages() {
    let (okta, client) = started(3);
    okta.set(|settings| settings.empty_last_page = true);
    let last = client.get(&next(&client.get("/api/v1/users/00u1/groups")).unwrap());
    assert_eq!((names(&last).len(), next(&last)), (0, None));
    okta.set(|settings| settings.page_loop = true);
    let first = client.get("/api/v1/users/00u1/groups");
    assert_eq!(names(&client.get(&next(&first).unwrap())), names(&first));
    okta.set(|settings| settings.links_in_one_line = true);
    assert_eq!(client.get("/api/v1/users/00u1/groups").header("link").len(), 1);
    okta.set(|settings| settings.foreign_next = Some("https://evil.test".to_owned()));
    assert!(next(&client.get("/api/v1/users/00u1/groups")).unwrap().starts_with("https://evil.test/api/v1/"));
    client.get("/api/v1/users/00u1/groups?after=invented").expect(400, "errorCode", "E0000029");
    okta.put_user(User::new("ann@corp.test", "pw").id("00u2").group("x"));
    let foreign_cursor = next(&first).unwrap().replace("00u1", "00u2");
    client.get(&foreign_cursor).expect(400, "errorCode", "E0000029");
}

#[test]
fn groups_look_like_okta_groups() {
    let (okta, client) = started(0);
    let mut user = User::new("fred@corp.test", "pw").id("00u1").group("Ops");
    user.groups.push(Group::new("Ops").of_app());
    okta.put_user(user);
    let body = client.get("/api/v1/users/fred@corp.test/groups").json();
    assert_eq!(body[0]["profile"]["name"], body[1]["profile"]["name"]);
    assert_eq!((&body[0]["type"], &body[1]["type"]), (&"OKTA_GROUP".into(), &"APP_GROUP".into()));
    assert_ne!(body[0]["id"], body[1]["id"]);
    assert!(body[0]["profile"]["description"].is_null());
}

#[test]
fn api_tokens_decide() {
    let (okta, client) = started(1);
    okta.put_token(ApiToken { token: API_TOKEN.to_owned(), owner: "00u1".to_owned(), allowed: true });
    client.get("/api/v1/users/me").expect(200, "id", "00u1");
    client.get("/api/v1/users/00u1").expect(200, "status", "ACTIVE");
    client.get("/api/v1/users/00unknown/groups").expect(404, "errorCode", "E0000007");
    okta.put_token(ApiToken { token: API_TOKEN.to_owned(), owner: String::new(), allowed: false });
    client.get("/api/v1/users/00u1/groups").expect(403, "errorCode", "E0000006");
    okta.remove_token(API_TOKEN);
    client.get("/api/v1/users/00u1/groups").expect(401, "errorCode", "E0000011");
    let bare = client.send("GET", "/api/v1/users/00u1", &[("accept", "*/*")], None).unwrap();
    bare.expect(401, "errorCode", "E0000011");
    let call = okta.take_calls().pop().unwrap();
    assert_eq!((call.authorization, call.accept.as_deref()), (None, Some("*/*")));
}

#[test]
fn paths_verbs_and_headers() {
    let (_okta, client) = started(0);
    client.get("/api/v1/nothing").expect(404, "errorCode", "E0000008");
    client.get("/api/v1/authn").expect(405, "errorCode", "E0000022");
    let body = Some("{}".to_owned());
    let json = "application/json";
    for (headers, status, code) in [
        (vec![("accept", json), ("content-type", "text/plain")], 400, "E0000021"),
        (vec![("accept", json)], 400, "E0000018"),
        (vec![("accept", "text/html"), ("content-type", json)], 406, "E0000122"),
    ] {
        let got = client.send("POST", "/api/v1/authn", &headers, body.clone()).unwrap();
        got.expect(status, "errorCode", code);
    }
    client.authn("", &serde_json::json!([1])).expect(400, "errorCode", "E0000003");
    client.authn("", &serde_json::json!({})).expect(400, "errorCode", "E0000001");
}

#[test]
fn rate_limits() {
    let (okta, client) = started(0);
    okta.set(|settings| settings.rate_limit = Some(2));
    for (status, remaining) in [(401, "1"), (401, "0"), (429, "0")] {
        let got = client.log_in("nobody", "");
        assert_eq!(got.status, status);
        assert_eq!(got.header("x-rate-limit-remaining"), [remaining]);
        assert_eq!(got.header("x-rate-limit-limit"), ["2"]);
    }
    assert_eq!(client.get("/api/v1/users/00u1").status, 200, "another bucket");
    okta.advance(Duration::from_secs(60));
    assert_eq!(client.log_in("nobody", "").status, 401);
    okta.set(|settings| {
        settings.rate_limit = None;
        settings.username_limit = true;
    });
    let statuses: Vec<_> = (0..12).map(|_| client.log_in("fred", "pw").status).collect();
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
}
