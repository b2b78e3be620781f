//! What each mark in the transcripts demands in place of what was recorded.

use super::expectation::{Answer, Expectation, first_error};
use super::replay::Done;
use super::scenario::{Mark, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a mark may need to know beside its own step.
pub struct Context<'c> {
    /// The request as it was sent.
    pub request: &'c Request,
    /// The steps before, in order.
    pub history: &'c [Done],
}

/// Changes the demands as a mark says.
///
/// # Errors
/// If nobody has written down yet what the mark means.
pub fn apply(mark: &Mark, demands: &mut Expectation, context: &Context) -> Result<(), String> {
    match (mark.quirk.as_str(), mark.must.as_str()) {
        ("HCL leniency", "204 as recorded, or 400 starting with 'failed to parse policy: '.") => {
            demands.or = Some(refusal(&[400], "failed to parse policy: "));
        }
        ("HCL leniency", "The last text that was accepted, or 404 when none was.") => {
            last_policy(demands, context)
        }
        (
            "HCL texts",
            "Same status; errors[0] starts with 'failed to parse policy: '; what the HCL parser itself says after that is free.",
        ) => {
            demands.body = None;
            demands.check(|answer| starts(answer, "failed to parse policy: "));
        }
        (
            "HTTP layer",
            "Vault's HTTP server cleans or refuses this path before the router sees it; any 4xx is right, and nothing is read or written.",
        ) => {
            demands.instead(&(400..500).collect::<Vec<_>>()).check(no_token);
        }
        ("Q12", "keys holds every user; names with / stand there in full.") => every_user(demands, context),
        ("Q15", "Never resolved by DNS; the answer is the same or a 400 that names the address.") => {
            let address = context.request.data.as_ref().map(|data| data["token_bound_cidrs"].clone());
            let address = address.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut other = Expectation::status(&[400]);
            other.check(move |answer| contains(answer, &address));
            demands.or = Some(Box::new(other));
        }
        ("Q16", must) => failed_login(must, demands)?,
        ("Q18", "As recorded, or the header also stands on the authn call and the polls.") => {
            demands.forwarded_more = true;
        }
        ("Q2", "403 with permission denied: rights are checked first.") => {
            demands.instead(&[403]).check(|answer| contains(answer, "permission denied"));
        }
        ("Q2", "The text may carry the prefix of other validation errors; still 400.") => {
            let recorded = recorded_error(demands);
            demands.body = None;
            demands.check(move |answer| {
                let text = first_error(answer);
                demand(text.ends_with(&recorded), || format!("{text:?} does not end with {recorded:?}"))
            });
        }
        ("Q23" | "Q28", must) => renewal(must, demands)?,
        ("Q27", must) => short_nonce(must, demands)?,
        (
            "Q39",
            "The login's metadata may have more members (Okta's user id and canonical login); username and policies are as here.",
        ) => demands.open.extend(["/auth/metadata", "/data/meta"]),
        ("Q4", "400, names the field password, and the value occurs nowhere in the answer.") => {
            secret_stays_secret(demands, context);
        }
        ("Q6", "400 with org_name is missing; what is stored stays.") => {
            demands.instead(&[400]).check(|answer| contains(answer, "org_name is missing"));
        }
        ("Q6", "org_name and organization are as created.") => {
            let created =
                context.history.iter().find_map(|done| done.accepted("auth/okta/config", "org_name"));
            organization(demands, created.unwrap_or_default());
        }
        ("Q7", "org_name and organization are second.") => organization(demands, json!("second")),
        ("Q7", "organization alone is accepted: the read that follows shows second.") => {}
        (
            "Q8",
            "400; the text names the field that takes a full URL (org_url) or says that the domain is not valid.",
        ) => {
            demands.instead(&[400]).check(|answer| {
                let text = first_error(answer);
                let right = text.contains("org_url") || (text.contains("domain") && text.contains("valid"));
                demand(right, || format!("{text:?} names neither org_url nor an invalid domain"))
            });
        }
        ("Q8", "base_url is still what was accepted last.") => {
            let last =
                context.history.iter().rev().find_map(|done| done.accepted("auth/okta/config", "base_url"));
            let last = last.filter(|text| text.as_str().is_some_and(|text| !text.is_empty()));
            set(demands, "/data", "base_url", last.unwrap_or(json!("okta.com")));
        }
        ("help", "Own texts; the same shape and status, or 404/405 when help is not offered.") => {
            demands.instead(&[200, 404, 405]).check(|answer| {
                let right = answer.status != 200 || answer.body["help"].is_string();
                demand(right, || format!("no help in {}", answer.body))
            });
        }
        ("new: negative TTL in tune", "400 that names the field; the TTL stays.") => {
            negative_ttl(demands, context)
        }
        (
            "new: socket paths in token_bound_cidrs",
            "As recorded, or 400 starting with 'error parsing address': a wrong mask is not a socket.",
        ) => demands.or = Some(refusal(&[400], "error parsing address")),
        (
            "new: socket paths in token_bound_cidrs",
            "The text as sent, without added quotes; [] when the write was refused.",
        ) => {
            let sent = context.history.iter().rev().find(|done| done.sent("token_bound_cidrs").is_some());
            let shown = sent.and_then(|done| done.accepted("auth/okta/config", "token_bound_cidrs"));
            set(demands, "/data", "token_bound_cidrs", shown.map_or(json!([]), |text| json!([text])));
        }
        (
            "§4 SSWS header",
            "No Authorization header on calls below /api/v1/authn; only group and user queries carry it.",
        ) => no_token_on_authn(demands),
        ("§4 body that cannot be parsed", "400 with a text that says the JSON could not be parsed.") => {
            demands.instead(&[400]).check(|answer| {
                let text = first_error(answer);
                demand(text.contains("JSON"), || format!("{text:?} does not speak of JSON"))
            });
        }
        ("§4 empty password", "400 with missing password; Okta is not asked.") => {
            demands.instead(&[400]).check(|answer| contains(answer, "missing password"));
            demands.calls = Some(Vec::new());
        }
        ("§4 factors", "As recorded, or the list is understood under the key factor as well.") => {
            let mut other = Expectation::status(&[200, 400]);
            other.check_calls(|calls| {
                let asked = calls.get(1).is_some_and(|call| call.path.ends_with("/verify"));
                demand(asked, || format!("no factor was asked: {calls:?}"))
            });
            demands.or = Some(Box::new(other));
        }
        ("§4 missing api_token", "One more warning, which names api_token, and auth.renewable is false.") => {
            demands.warning = Some("api_token");
            set(demands, "/auth", "renewable", json!(false));
        }
        (
            "§4 missing api_token",
            "One more warning, which names api_token: without it Okta's groups are not queried.",
        ) => demands.warning = Some("api_token"),
        ("§4 missing api_token", "renewable is false.") => set(demands, "/data", "renewable", json!(false)),
        (
            "§4 read config",
            "data also has base_url with the effective value (okta.com when nothing is set, or what production says).",
        ) => effective_base_url(demands),
        ("§4 users", must) => users_without_case(must, demands)?,
        (
            "§7 redirects",
            "400 or 502 with 'Okta auth failed: '; the password is not sent again and there is no token.",
        ) => {
            demands.instead(&[400, 502]).check(|answer| starts(answer, "Okta auth failed: ")).check(no_token);
            one_call_only(demands);
        }
        _ => return Err(format!("nobody knows what this mark means: {mark:?}")),
    }
    Ok(())
}

fn demand(right: bool, text: impl FnOnce() -> String) -> Result<(), String> {
    if right { Ok(()) } else { Err(text()) }
}

fn starts(answer: &Answer, start: &str) -> Result<(), String> {
    let text = first_error(answer);
    demand(text.starts_with(start), || format!("{text:?} does not start with {start:?}"))
}

fn contains(answer: &Answer, part: &str) -> Result<(), String> {
    let text = first_error(answer);
    demand(text.contains(part), || format!("{text:?} does not contain {part:?}"))
}

fn no_token(answer: &Answer) -> Result<(), String> {
    demand(answer.body.get("auth").is_none_or(Value::is_null), || "there is a token".to_owned())
}

fn refusal(statuses: &[u16], start: &'static str) -> Box<Expectation> {
    let mut other = Expectation::status(statuses);
    other.check(move |answer| starts(answer, start));
    Box::new(other)
}

fn recorded_error(demands: &Expectation) -> String {
    let error = demands.body.as_ref().and_then(|body| body["errors"][0].as_str());
    error.unwrap_or_default().to_owned()
}

/// Sets a member of an object in the recorded body.
fn set(demands: &mut Expectation, object: &str, name: &str, value: Value) {
    if let Some(Value::Object(object)) = demands.body.as_mut().and_then(|body| body.pointer_mut(object)) {
        object.insert(name.to_owned(), value);
    }
}

/// Q16: a login that Okta did not let through.
fn failed_login(must: &str, demands: &mut Expectation) -> Result<(), String> {
    const AUTH: &str = "Okta auth failed: ";
    const GROUPS: &str = "okta failure retrieving groups: ";
    let (statuses, start, names): (&[u16], &str, &[&str]) = match must {
        "400 or 502, errors[0] starts with 'Okta auth failed: '." => (&[400, 502], AUTH, &[]),
        "400, 502 or 503; errors[0] starts with 'Okta auth failed: '; the password goes out once." => {
            (&[400, 502, 503], AUTH, &[])
        }
        "400; errors[0] starts with 'Okta auth failed' and names E0000011; no further push." => {
            (&[400], "Okta auth failed", &["E0000011"])
        }
        "400; errors[0] starts with 'Okta auth failed: ' and contains E0000004." => {
            (&[400], AUTH, &["E0000004"])
        }
        "400; errors[0] starts with 'Okta auth failed: ' and names E0000068." => {
            (&[400], AUTH, &["E0000068"])
        }
        "400; errors[0] starts with 'Okta auth failed: ' and names E0000069." => {
            (&[400], AUTH, &["E0000069"])
        }
        "400; errors[0] starts with 'okta failure retrieving groups: ' and names Okta's error code; no token." => {
            (&[400], GROUPS, &["E00000"])
        }
        "400; errors[0] starts with 'okta failure retrieving groups: '; no token." => (&[400], GROUPS, &[]),
        "One call only, no wait; 429 or 400, errors[0] starts with 'Okta auth failed: ' and names E0000047 or the rate limit." =>
        {
            one_call_only(demands);
            (&[400, 429], AUTH, &["E0000047", "rate limit"])
        }
        "One call only; 400, 500 or 502, errors[0] starts with 'Okta auth failed: ' and names E0000009." => {
            one_call_only(demands);
            (&[400, 500, 502], AUTH, &["E0000009"])
        }
        "One call only; 400, 500 or 502, errors[0] starts with 'Okta auth failed: '." => {
            one_call_only(demands);
            (&[400, 500, 502], AUTH, &[])
        }
        _ => return Err(format!("nobody knows what Q16 means by {must:?}")),
    };
    let (start, names) = (start.to_owned(), names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    demands.instead(statuses).check(no_token).check(move |answer| {
        starts(answer, &start)?;
        let text = first_error(answer);
        let named = names.is_empty() || names.iter().any(|name| text.contains(name));
        demand(named, || format!("{text:?} names none of {names:?}"))
    });
    Ok(())
}

fn one_call_only(demands: &mut Expectation) {
    if let Some(calls) = &mut demands.calls {
        calls.truncate(1);
    }
}

/// Q23, Q28: a renewal asks for the user and his groups, never for his password.
fn renewal(must: &str, demands: &mut Expectation) -> Result<(), String> {
    match must {
        "200 without the password being kept: Okta's user status and groups are asked for with the API token instead of the calls recorded here." =>
        {
            asks_user_and_groups(demands, true);
        }
        "403 as recorded, before Okta is asked." => demands.calls = Some(Vec::new()),
        "An error (400, 500, 502 or 503); the token stays valid until its end." => {
            demands.instead(&[400, 500, 502, 503]).check(no_token);
            asks_user_and_groups(demands, false);
        }
        "An error: the user is not ACTIVE at Okta; the token itself stays valid until its end." => {
            demands.instead(&(400..600).collect::<Vec<_>>()).check(no_token);
            asks_user_and_groups(demands, false);
        }
        "Without api_token a login's token is not renewed: an error (code relogin_required) that says so." => {
            demands.instead(&[400]).check(relogin_required).check(|answer| contains(answer, "api_token"));
            demands.calls = Some(Vec::new());
        }
        "policies have changed, not renewing, code relogin_required." => {
            demands
                .check(relogin_required)
                .check(|answer| contains(answer, "policies have changed, not renewing"));
            asks_user_and_groups(demands, true);
        }
        "200 without a code: no authn call, only queries with the API token."
        | "200 without a push: no authn call, only queries with the API token." => {
            demands.instead(&[200]).check(|answer| {
                let renewed = answer.body["auth"]["client_token"].is_string();
                demand(renewed, || format!("no token in {}", answer.body))
            });
            asks_user_and_groups(demands, true);
        }
        _ => return Err(format!("nobody knows what Q23 means by {must:?}")),
    }
    Ok(())
}

fn relogin_required(answer: &Answer) -> Result<(), String> {
    demand(answer.body["code"] == "relogin_required", || format!("code is {}", answer.body["code"]))
}

/// Reads with the API token only: the user once, and where all goes well his groups too.
fn asks_user_and_groups(demands: &mut Expectation, groups: bool) {
    demands.calls = None;
    demands.check_calls(move |calls| {
        let mut paths = Vec::new();
        for call in calls {
            let token = call.headers.get("Authorization").is_some_and(|value| value.starts_with("SSWS "));
            demand(call.method == "GET" && token && call.path.starts_with("/api/v1/users/"), || {
                format!("not a read with the API token: {call:?}")
            })?;
            paths.push(call.path.split('?').next().unwrap_or_default());
        }
        let users = paths.iter().filter(|path| !path.ends_with("/groups")).count();
        demand(users == 1, || format!("the user is asked for {users} times: {paths:?}"))?;
        demand(!groups || paths.len() == 2, || format!("not the user and his groups: {paths:?}"))
    });
}

/// Q27: under a short nonce nothing is published.
fn short_nonce(must: &str, demands: &mut Expectation) -> Result<(), String> {
    match must {
        "400 because the nonce is too short, at the latest when a number would have to be published."
        | "400 because the nonce is too short." => {
            demands.instead(&[400]).check(no_token).check(|answer| contains(answer, "nonce"));
            demands.calls = None;
            demands.check_calls(|calls| {
                let groups = calls.iter().any(|call| call.path.ends_with("/groups"));
                demand(!groups, || "the groups were asked for".to_owned())
            });
        }
        "404: nothing is published under a short nonce." => {
            demands.instead(&[404]);
        }
        _ => return Err(format!("nobody knows what Q27 means by {must:?}")),
    }
    Ok(())
}

/// Q4: Vault's text shows the value.
fn secret_stays_secret(demands: &mut Expectation, context: &Context) {
    let value = context.request.data.as_ref().map(|data| data["password"].clone()).unwrap_or_default();
    let as_go_prints_it = match &value {
        Value::Array(_) => value.to_string().replace('"', "").replace(',', " "),
        Value::Object(_) => format!("map[{}]", value.to_string().trim_matches(['{', '}']).replace('"', "")),
        other => other.to_string(),
    };
    let forms = [value.to_string(), as_go_prints_it];
    demands.instead(&[400]).check(|answer| contains(answer, "password")).check(move |answer| {
        let body = answer.body.to_string().replace("\\\"", "\"");
        demand(!forms.iter().any(|form| body.contains(form)), || format!("the value is in {body}"))
    });
}

fn organization(demands: &mut Expectation, name: Value) {
    set(demands, "/data", "org_name", name.clone());
    set(demands, "/data", "organization", name);
}

fn effective_base_url(demands: &mut Expectation) {
    let Some(data) = demands.body.as_ref().map(|body| body["data"].clone()) else { return };
    if data.get("base_url").is_none() {
        let preview = data["production"] == json!(false);
        set(demands, "/data", "base_url", json!(if preview { "oktapreview.com" } else { "okta.com" }));
    }
}

/// §4 SSWS header.
fn no_token_on_authn(demands: &mut Expectation) {
    for call in demands.calls.iter_mut().flatten() {
        if call.path.starts_with("/api/v1/authn") {
            call.headers.remove("Authorization");
        }
    }
    demands.check_calls(|calls| {
        let leak = calls.iter().find(|call| {
            call.path.starts_with("/api/v1/authn") && call.headers.contains_key("Authorization")
        });
        demand(leak.is_none(), || format!("the API token stands on {leak:?}"))
    });
}

/// Q12: LIST shows all users.
fn every_user(demands: &mut Expectation, context: &Context) {
    let mut names = BTreeSet::new();
    for done in context.history {
        let Some(name) = done.request.path.strip_prefix("auth/okta/users/") else { continue };
        match (done.request.method.as_str(), done.answer.status) {
            ("POST", 204) => drop(names.insert(name.to_owned())),
            ("DELETE", 204) => drop(names.remove(name)),
            _ => {}
        }
    }
    set(demands, "/data", "keys", json!(names));
}

/// §4 users: one user, however his name is spelt. The scenario writes `fred` with dev, then `FRED` with ops.
fn users_without_case(must: &str, demands: &mut Expectation) -> Result<(), String> {
    let policies = |demands: &mut Expectation, policies: Value| {
        demands.instead(&[200]).check(move |answer| {
            let shown = &answer.body["data"]["policies"];
            demand(*shown == policies, || format!("policies are {shown}, not {policies}"))
        });
    };
    match must {
        "200 with the policies of the first write." => policies(demands, json!(["dev"])),
        "policies are those of the second write." => policies(demands, json!(["ops"])),
        "keys is [\"fred\"]." => set(demands, "/data", "keys", json!(["fred"])),
        "404: the one user is gone." => drop(demands.instead(&[404])),
        _ => return Err(format!("nobody knows what §4 users means by {must:?}")),
    }
    Ok(())
}

fn negative_ttl(demands: &mut Expectation, context: &Context) {
    if context.request.method == "POST" {
        demands.instead(&[400]).check(|answer| contains(answer, "default_lease_ttl"));
        return;
    }
    let before = context
        .history
        .iter()
        .rev()
        .find(|done| done.request.path == context.request.path && done.request.method == "GET");
    let ttl = before.map(|done| done.answer.body["data"]["default_lease_ttl"].clone()).unwrap_or_default();
    set(demands, "/data", "default_lease_ttl", ttl.clone());
    set(demands, "", "default_lease_ttl", ttl);
}

fn last_policy(demands: &mut Expectation, context: &Context) {
    let path = &context.request.path;
    match context.history.iter().rev().find_map(|done| done.accepted(path, "policy")) {
        Some(policy) => set(demands, "/data", "policy", policy),
        None => drop(demands.instead(&[404])),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::Bindings;
    use super::super::scenario;
    use super::*;

    #[test]
    fn every_mark_is_known() {
        let mut marks = BTreeSet::new();
        for scenario in scenario::all() {
            for step in scenario.steps {
                let nothing = Request {
                    method: "POST".to_owned(),
                    path: String::new(),
                    token: String::new(),
                    query: None,
                    data: None,
                    raw: None,
                    headers: serde_json::Map::new(),
                };
                let request = step.request.unwrap_or(nothing);
                for mark in step.mended {
                    let context = Context { request: &request, history: &[] };
                    let mut demands = Expectation::recorded(200, json!({}), Some(Vec::new()));
                    apply(&mark, &mut demands, &context).unwrap();
                    marks.insert(mark);
                }
            }
        }
        assert_eq!(marks.len(), 56);
    }

    /// Applies a mark to a recorded answer and tells whether another answer does.
    #[track_caller]
    fn check(quirk: &str, must: &str, data: Value, recorded: (u16, Value), got: (u16, Value), right: bool) {
        let request = Request {
            method: "POST".to_owned(),
            path: "auth/okta/config".to_owned(),
            token: "root".to_owned(),
            query: None,
            data: Some(data),
            raw: None,
            headers: serde_json::Map::new(),
        };
        let mark = Mark { quirk: quirk.to_owned(), must: must.to_owned() };
        let mut demands = Expectation::recorded(recorded.0, recorded.1, Some(Vec::new()));
        apply(&mark, &mut demands, &Context { request: &request, history: &[] }).unwrap();
        let got = Answer { status: got.0, body: got.1 };
        let found = demands.differences(&got, &[], &mut Bindings::default());
        assert_eq!(found.is_empty(), right, "{found:?}");
    }

    #[test]
    fn marks_refuse_what_vault_did_and_take_what_they_ask_for() {
        let errors = |text: &str| json!({ "errors": [text] });
        let must = "400, names the field password, and the value occurs nowhere in the answer.";
        let recorded = (400, errors("for field \"password\": value: 'map[a:b]'"));
        check("Q4", must, json!({ "password": { "a": "b" } }), recorded.clone(), recorded.clone(), false);
        let mended = (400, errors("for field \"password\": got an object"));
        check("Q4", must, json!({ "password": { "a": "b" } }), recorded, mended, true);

        let must = "400; errors[0] starts with 'Okta auth failed: ' and contains E0000004.";
        let recorded = (400, errors("okta authentication failed"));
        check("Q16", must, json!({}), recorded.clone(), recorded.clone(), false);
        check("Q16", must, json!({}), recorded, (400, errors("Okta auth failed: x (code=E0000004)")), true);

        let must = "data also has base_url with the effective value (okta.com when nothing is set, or what production says).";
        let recorded = (200, json!({ "data": { "production": false } }));
        check("§4 read config", must, json!({}), recorded.clone(), recorded.clone(), false);
        let mended = json!({ "data": { "production": false, "base_url": "oktapreview.com" } });
        check("§4 read config", must, json!({}), recorded, (200, mended), true);

        let must = "400 with missing password; Okta is not asked.";
        let recorded = (400, errors("okta authentication failed"));
        check("§4 empty password", must, json!({}), recorded.clone(), recorded.clone(), false);
        check("§4 empty password", must, json!({}), recorded, (400, errors("missing password")), true);
    }
}
