//! Answers of Okta's that never arrive, and steps whose process is gone: nothing is sent twice for it.

use super::*;
use okta_loopback::{Fault, FaultKind, PushScript};

const VERIFY: &str = "/api/v1/authn/factors/opf1/verify";

fn lost(path: &str) -> Fault {
    Fault::at(path, FaultKind::Lost).times(1)
}

#[test]
fn a_push_whose_answer_is_lost_is_not_sent_again() {
    let rig = Rig::with_factors([Factor::push("opf1").script(PushScript::until_tapped())]);
    let id = rig.start(json!({})).id();
    rig.okta.set_faults([lost(VERIFY)]);
    rig.go_on(&id, json!({ "factor_id": "opf1" })).refused(503, "okta_unreachable", "mfa_required");
    assert_eq!(rig.okta.pushes_sent(), 1);
    rig.asked();
    // The caller tries again: Okta says that the push is on its way.
    rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
    let asked = rig.okta.take_calls();
    let bodies: Vec<Value> = asked.iter().map(okta_loopback::Call::json).collect();
    let members: Vec<&String> = bodies[0].as_object().expect("an object").keys().collect();
    assert_eq!((asked.len(), asked[0].path_alone()), (1, "/api/v1/authn"));
    assert_eq!(members, ["stateToken"]);
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(2);
    rig.poll(&id).done();
    assert_eq!(rig.okta.pushes_sent(), 1);
}

#[test]
fn a_poll_tells_what_became_of_a_push_whose_answer_is_lost() {
    let rig = Rig::with_factors([Factor::push("opf1").script(PushScript::until_tapped())]);
    let id = rig.start(json!({})).id();
    rig.okta.set_faults([lost(VERIFY)]);
    let refused = rig.go_on(&id, json!({ "factor_id": "opf1" }));
    let refused = refused.refused(503, "okta_unreachable", "mfa_required");
    assert_eq!(refused.data()["poll_after"], 2);
    rig.asked();
    rig.advance(1);
    assert_eq!(rig.poll(&id).open("mfa_required").data()["poll_after"], 1);
    assert!(rig.asked().is_empty());
    rig.advance(1);
    rig.poll(&id).open("challenge");
    assert_eq!((rig.asked(), rig.okta.pushes_sent()), (vec!["authn".to_owned()], 1));
}

#[test]
fn a_rejection_whose_answer_is_lost_does_not_make_the_next_poll_a_push() {
    let rig = Rig::with_factors([Factor::push("opf1").script(PushScript::until_tapped())]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    assert!(rig.okta.tap("fred", "REJECTED", None));
    rig.okta.set_faults([lost(VERIFY)]);
    rig.advance(2);
    rig.poll(&id).refused(503, "okta_unreachable", "challenge");
    rig.advance(2);
    rig.poll(&id).failed("push_rejected");
    assert_eq!(rig.okta.pushes_sent(), 1);
}

#[test]
fn a_lost_push_that_never_went_out_can_be_chosen_again() {
    let rig = Rig::with_factors([Factor::push("opf1").script(PushScript::until_tapped())]);
    for kind in [FaultKind::Close, FaultKind::Html502, FaultKind::Error(500, "E0000009".into())] {
        let id = rig.start(json!({})).id();
        let before = rig.okta.pushes_sent();
        rig.okta.set_faults([Fault::at(VERIFY, kind).times(1)]);
        let refused = rig.go_on(&id, json!({ "factor_id": "opf1" }));
        assert!(matches!(refused.status, 400 | 503), "{}", refused.body);
        assert_eq!(refused.data()["state"], "mfa_required");
        assert_eq!(rig.okta.pushes_sent(), before);
        rig.advance(2);
        rig.poll(&id).open("mfa_required");
        rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
        assert_eq!(rig.okta.pushes_sent(), before + 1);
        rig.cancel(&id);
    }
}

#[test]
fn a_success_whose_answer_is_lost_is_no_login() {
    let rig = Rig::with_factors([Factor::push("opf1").script(PushScript::until_tapped())]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.okta.set_faults([lost(VERIFY)]);
    rig.advance(2);
    rig.poll(&id).refused(503, "okta_unreachable", "challenge");
    rig.advance(2);
    // The state token was used up by the answer that nobody saw.
    rig.poll(&id).failed("transaction_expired");
}

#[test]
fn a_code_whose_check_is_lost_is_counted() {
    let rig = Rig::with_factors([Factor::new("token", "tok1").provider("RSA").code("12345678")]);
    let id = rig.start(json!({ "factor_id": "tok1" })).id();
    rig.okta.set_faults([lost("/api/v1/authn/factors/tok1/verify")]);
    let refused =
        rig.go_on(&id, json!({ "passcode": "87654321" })).refused(503, "okta_unreachable", "challenge");
    assert_eq!(refused.data()["attempts_left"], 2);
    rig.asked();
    rig.go_on(&id, json!({ "passcode": "12345678" })).done();
    assert_eq!(rig.asked()[..2], ["authn", "authn/factors/tok1/verify"]);
}

#[test]
fn a_step_that_runs_out_of_time_leaves_the_transaction_open() {
    let rig = Rig::with_factors([Factor::push("opf1").script(PushScript::until_tapped())]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.asked();
    rig.okta.set_faults([Fault::at(VERIFY, FaultKind::Hang).times(1)]);
    rig.advance(2);
    rig.go_on(&id, json!({ "timeout_ms": 400 })).refused(503, "okta_timeout", "challenge");
    rig.advance(2);
    rig.poll(&id).open("challenge");
    assert_eq!(rig.asked(), ["authn/factors/opf1/verify", "authn"]);
    assert_eq!(rig.okta.pushes_sent(), 1);
}

#[test]
fn an_okta_that_is_away_ends_a_start_and_nothing_else() {
    let rig = Rig::with_factors([Factor::push("opf1")]);
    rig.okta.set_faults([Fault::at("/api/v1/authn", FaultKind::Close).times(1)]);
    let failed = rig.start(json!({})).failed("okta_unreachable");
    assert_eq!(failed.status, 503);
    assert_eq!(rig.asked(), ["authn"], "the password went out once");
    // Groups that cannot be had end the login, too: Okta has let the user in, and will not do so again.
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.advance(2);
    rig.poll(&id).open("challenge");
    rig.okta.set_faults([Fault::at("/api/v1/users/*", FaultKind::Error(403, "E0000006".into()))]);
    rig.advance(2);
    rig.poll(&id).failed("api_token_refused");
    is_unknown(&rig.poll(&id));
}

#[test]
fn a_cancel_is_tried_once_and_whatever_okta_says_it_is_over() {
    for kind in [FaultKind::Close, FaultKind::Html502, FaultKind::Error(401, "E0000011".into())] {
        let rig = Rig::with_factors([Factor::push("opf1")]);
        let id = rig.start(json!({})).id();
        rig.asked();
        rig.okta.set_faults([Fault::at("/api/v1/authn/cancel", kind)]);
        assert_eq!(rig.cancel(&id).status, 204);
        assert_eq!(rig.asked(), ["authn/cancel"]);
        is_unknown(&rig.poll(&id));
    }
}

#[test]
fn a_cancel_that_okta_does_not_answer_is_given_up() {
    // A call may take longer than the whole operation, which would end with an error then.
    let rig = Rig::with_options(json!({ "request_timeout_ms": 300_000 }));
    rig.put_fred([Factor::push("opf1")]);
    let id = rig.start(json!({})).id();
    rig.okta.set_faults([Fault::at("/api/v1/authn/cancel", FaultKind::Hang)]);
    assert_eq!(rig.cancel(&id).status, 204);
    is_unknown(&rig.poll(&id));
}

#[test]
fn a_cancel_that_okta_does_not_answer_in_the_operations_time_is_one_all_the_same() {
    let rig = Rig::with_factors([Factor::push("opf1")]);
    let id = rig.start(json!({})).id();
    rig.okta.set_faults([Fault::at("/api/v1/authn/cancel", FaultKind::Hang)]);
    assert_eq!(rig.call("cancel_transaction", json!({ "id": id, "timeout_ms": 800 })).status, 204);
    is_unknown(&rig.poll(&id));
}
