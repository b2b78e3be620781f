//! Every limit has a test that would fail without it; those that are not beside the code are here.

use crate::calls::{call, open, refusal_to_open, request};
use okta_auth::limits;
use okta_auth::log::Level;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What shows that a limit is there.
enum Proof {
    /// The test of this name.
    Test(&'static str),
    /// Nothing could, for this reason.
    None(&'static str),
}

use Proof::{None, Test};

const PROOFS: &[(&str, Proof)] = &[
    ("REQUEST_BODY_BYTES", Test("a_body_ends_at_its_limit")),
    ("REQUEST_BYTES", Test("there_is_no_answer_to_what_is_no_request")),
    ("JSON_DEPTH", Test("nesting_ends_at_the_limit")),
    ("JSON_ARRAY_ELEMENTS", Test("counts_and_lengths_end_at_their_limits")),
    ("JSON_OBJECT_ENTRIES", Test("counts_and_lengths_end_at_their_limits")),
    ("JSON_VALUES", Test("counts_and_lengths_end_at_their_limits")),
    ("JSON_STRING_BYTES", Test("counts_and_lengths_end_at_their_limits")),
    ("HEADER_BYTES", Test("headers_have_an_end_and_little_of_a_request_is_repeated")),
    ("REPEATED_BYTES", Test("headers_have_an_end_and_little_of_a_request_is_repeated")),
    ("WIRE_PATH_BYTES", Test("a_path_with_its_query_has_an_end")),
    ("REQUEST_ID_BYTES", Test("a_request_id_has_an_end")),
    ("NAME_BYTES", Test("names_that_cannot_be_stored_are_refused_with_the_reason")),
    ("OKTA_ANSWER_BYTES", Test("answers_that_are_none")),
    ("OKTA_GROUP_PAGES", Test("a_list_that_cannot_be_read_to_its_end_is_none")),
    ("OKTA_GROUPS", Test("a_list_that_cannot_be_read_to_its_end_is_none")),
    ("OKTA_FACTORS", Test("factors_beyond_the_limit_are_not_looked_at")),
    ("OKTA_READ_TRIES", Test("a_busy_okta_is_asked_again_after_the_right_pause")),
    ("OKTA_RETRY_WAIT", Test("a_busy_okta_is_asked_again_after_the_right_pause")),
    ("OKTA_RETRY_AFTER_SECONDS", Test("retry_after_of_all_variants")),
    ("OKTA_QUOTE_BYTES", Test("quotes_are_one_clean_short_line")),
    ("OKTA_QUOTED_CAUSES", Test("a_few_causes_of_an_error_are_quoted")),
    ("OKTA_ID_BYTES", Test("an_id_that_is_too_long_is_none")),
    ("OKTA_HEADER_BYTES", Test("the_callers_origin_is_told_where_it_can_be")),
    ("OKTA_IDLE_CONNECTION", Test("an_idle_connection_is_closed_after_seconds")),
    ("OKTA_IDLE_CONNECTIONS", Test("idle_connections_are_few")),
    ("OKTA_CALLS", Test("calls_to_okta_are_bounded_and_others_have_their_turn_later")),
    ("OKTA_PING", Test("a_connection_that_died_in_silence_is_noticed")),
    ("OKTA_POLL_PAUSE", Test("the_first_poll_comes_at_once_and_others_after_two_seconds")),
    ("OKTA_LAST_POLL", Test("the_last_poll_comes_shortly_before_the_deadline")),
    ("NETWORK_STACK_BYTES", None("a size, whatever the host's default is; nothing is refused by it")),
    ("RESOLVER_STACK_BYTES", None("a size, whatever the host's default is; nothing is refused by it")),
    ("RESOLVER_THREAD_KEEP_ALIVE", Test("one_thread_from_the_first_call_to_the_last_user")),
    ("WORKER_STACK_BYTES", None("a size, whatever the host's default is; nothing is refused by it")),
    ("WORKER_JOBS", Test("the_queue_is_bounded")),
    ("TICKETS", Test("a_full_table_refuses_and_goes_on_when_it_is_emptied")),
    ("TICKET_LATENESS", None("a wait that nobody ends in time; the deadline before it is tested")),
    ("OPERATION_TIMEOUT", None("a minute of real time; timeout_ms sets the same deadline and is tested")),
    ("CLOSE_TIMEOUT", Test("closing_does_not_wait_for_the_hosts_own_code")),
    ("EARLY_LOG_RECORDS", Test("the_first_sink_is_told_what_went_wrong_before")),
    ("AUDIT_PART_BYTES", Test("what_does_not_fit_is_counted_and_a_long_text_is_cut")),
    ("AUDIT_TEXT_BYTES", Test("what_does_not_fit_is_counted_and_a_long_text_is_cut")),
    ("OPEN_HANDLES", Test("handles_have_a_limit")),
    ("MOUNT_DESCRIPTION_BYTES", Test("the_texts_of_a_mount_are_bounded")),
    ("MOUNT_OPTIONS", Test("the_texts_of_a_mount_are_bounded")),
    ("MOUNT_OPTION_BYTES", Test("the_texts_of_a_mount_are_bounded")),
    ("MOUNT_LIST_ENTRIES", Test("the_texts_of_a_mount_are_bounded")),
    ("MOUNT_LIST_BYTES", Test("the_texts_of_a_mount_are_bounded")),
    ("MOUNTS", Test("mounts_are_bounded")),
    ("PENDING_NONCES", Test("the_board_is_bounded")),
    ("NONCE_CHARACTERS", Test("short_and_used_nonces_are_refused")),
    ("NONCE_LIFETIME", Test("a_number_fades_and_comes_back_when_shown_again")),
    ("ANSWER_BYTES", Test("a_code_must_have_the_form_of_one_before_it_is_sent")),
    ("PASSCODE_DIGITS", Test("a_code_must_have_the_form_of_one_before_it_is_sent")),
    ("MESSAGE_COOL_DOWN_SECONDS", Test("messages_are_sent_once_and_again_only_after_the_cool_down")),
    ("EMAIL_COOL_DOWN_SECONDS", Test("messages_are_sent_once_and_again_only_after_the_cool_down")),
    ("TRANSACTION_LIFETIME_SECONDS", Test("it_ends_with_okta_or_with_its_own_time")),
    ("TRANSACTIONS_PER_USER", Test("a_user_has_a_bounded_number_of_open_transactions")),
    ("TRANSACTIONS_ALIKE", Test("the_number_of_open_transactions_is_bounded")),
    ("TRANSACTION_ATTEMPTS", Test("too_many_wrong_codes_end_a_transaction_before_okta_locks_the_user")),
    ("TRANSACTION_SENDS", Test("one_push_unless_the_caller_asks_for_another")),
    (
        "TRANSACTION_USER_ATTEMPTS",
        Test("wrong_codes_are_counted_for_a_user_over_his_transactions_however_he_is_named"),
    ),
    ("TRANSACTION_USER_SENDS", Test("pushes_and_messages_to_a_user_are_bounded_over_his_transactions")),
    (
        "TRANSACTION_USER_WINDOW_SECONDS",
        Test("wrong_codes_are_counted_for_a_user_over_his_transactions_however_he_is_named"),
    ),
    ("COUNTED_USERS_ALIKE", Test("users_with_failures_are_bounded_in_number")),
    ("FORGOTTEN_FAILURES", Test("users_with_failures_are_bounded_in_number")),
    ("LOCKED_USERS", Test("a_listing_of_locked_users_has_an_end")),
    ("TRANSACTION_STEP", Test("a_step_is_claimed_before_okta_is_asked_and_settled_once")),
    ("TRANSACTION_SETTLE", Test("a_step_that_runs_out_of_time_leaves_the_transaction_open")),
    ("TRANSACTION_CLAIM_SLACK_SECONDS", Test("a_step_is_claimed_before_okta_is_asked_and_settled_once")),
    ("GIVEN_UP_POLLS", Test("a_poll_that_is_not_settled_is_given_up_and_old_ones_are_forgotten")),
    ("TRANSACTION_CANCEL", Test("a_cancel_that_okta_does_not_answer_is_given_up")),
    ("TRANSACTION_POLL_PAUSE_SECONDS", Test("a_rate_limit_during_a_poll_keeps_it_pending_and_slower")),
    ("SWEEP_TRANSACTIONS_ASIDE", Test("a_start_sweeps_some_of_what_has_expired_beside_its_work")),
    ("SWEEP_TRANSACTIONS", Test("a_start_without_room_sweeps_all_that_has_expired")),
    ("STORAGE_PAGE", Test("no_listing_asks_for_more_than_a_page")),
    ("STORAGE_VALUE_BYTES", Test("a_record_over_the_limit_is_refused_whole")),
    ("STORAGE_CONFLICT_PAUSE", Test("who_always_comes_late_gives_up")),
    ("STORAGE_GROUP", Test("commits_that_come_meanwhile_share_a_transaction")),
    ("STORAGE_READERS", Test("readers_over_the_limit_wait")),
    ("STORAGE_FORK_WAIT", Test("a_child_of_a_fork_that_could_not_wait_opens_nothing")),
    ("STORAGE_TIDY_CLOSE", Test("a_close_in_a_hurry_leaves_the_log_to_the_next")),
    ("STORAGE_POLL", Test("a_commit_waits_for_another_process_until_its_deadline_only")),
    ("CA_FILE_BYTES", Test("a_ca_file_is_a_file_with_an_end")),
    ("KEY_FILE_BYTES", Test("a_key_file_without_end_is_not_read_to_its_end")),
    ("EXPIRY_NOTE_WAIT", Test("an_expired_token_is_refused_without_waiting_for_a_writer")),
    ("SWEEP_PER_TOKEN", Test("expired_tokens_do_not_pile_up")),
    ("SWEEP_TOKENS", Test("opening_sweeps_some")),
    ("SWEEP_PAGE", Test("opening_sweeps_some")),
    ("SWEEP_TIME", Test("an_expired_token_is_refused_without_waiting_for_a_writer")),
    ("SWEEP_ASIDE_TIME", None("upkeep in its time or later; nothing is refused by it")),
    (
        "OPEN_DISABLING_TIME",
        None("upkeep in its time or later; what is not done is tested to be no hindrance"),
    ),
    ("REVOKE_PAGE", Test("many_children_go_page_by_page")),
    ("TOKEN_ANCESTORS", Test("ancestors_and_records_are_bounded")),
    ("BATCH_ENDS", Test("what_is_remembered_of_users_and_groups_is_bounded")),
    ("TYPED_NAMES", Test("what_is_remembered_of_users_and_groups_is_bounded")),
    ("TIDY_TIME_AT_DOOR", None("as the time of the host's, which is longer")),
    ("TIDY_TIME", None("upkeep in its time or later; that a tidying without time is gone on with is tested")),
    ("BATCH_TOKEN_BYTES", Test("its_length_is_bounded")),
    ("TOKEN_ROLES", Test("roles_and_their_entities_are_bounded")),
    ("ROLE_ENTITIES", Test("roles_and_their_entities_are_bounded")),
    ("IDLE_ENTITIES_TIME", None("upkeep in its time, or at the next creation after the pause")),
    ("IDLE_ENTITIES_PAUSE_SECONDS", Test("entities_without_tokens_make_room_for_others_once_in_a_while")),
    ("ENTITIES_OF_A_ROLE", Test("roles_and_their_entities_are_bounded")),
    ("TOKEN_RECORD_BYTES", Test("ancestors_and_records_are_bounded")),
    ("WRAPPED_ALIKE", Test("the_number_of_wrapped_answers_is_bounded")),
    ("WRAPPED_ALIKE_FOR_BEARERS", Test("the_number_of_wrapped_answers_is_bounded")),
    ("WRAPPED_SHARE_BYTES", Test("a_long_answer_takes_more_of_the_room")),
    ("WRAPPED_FOR_ONE", Test("nobody_but_the_host_takes_all_the_room_for_wrapped_answers")),
    ("USERS", Test("users_are_bounded_in_number")),
    ("GROUPS", Test("groups_are_bounded_in_number")),
    ("COUNTS_KEPT", Test("a_cache_has_a_bound")),
    ("POLICIES", Test("policies_are_bounded_in_number")),
    ("POLICY_BYTES", Test("texts_and_paths_of_policies_are_bounded")),
    ("POLICY_DEPTH", Test("nesting_of_policies_ends_at_the_limit")),
    ("POLICY_KEYS_NAMED", Test("texts_and_paths_of_policies_are_bounded")),
    ("POLICY_SEGMENTS", Test("segments_of_a_policy_are_bounded")),
    ("TOKENS_KEPT", Test("a_cache_has_a_bound")),
    ("POLICIES_KEPT_BYTES", Test("what_is_kept_of_policies_is_bounded")),
    ("PARAMETER_PIECES", Test("a_text_of_too_many_pieces_is_refused_where_its_pieces_count")),
    (
        "PARAMETER_BYTES_COMPARED",
        Test("a_comparison_ends_by_its_limit_by_its_deadline_and_when_it_is_cancelled"),
    ),
    ("CAPABILITY_PATHS", Test("refusals_are_as_the_header_says")),
    ("WRAPPED_BYTES", Test("what_is_wrapped_has_an_end")),
    (
        "UNSEEN_TOKEN_TIME",
        None("the wait of a call that has failed already; that the token is gone has a test of its own"),
    ),
];

#[test]
fn every_limit_is_used_and_proven() {
    let mut sources = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    read_all(&root.join("src"), &mut sources);
    let used: BTreeSet<String> = sources
        .split("limits::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect();
    read_all(&root.join("tests"), &mut sources);
    let declared: BTreeSet<&str> = include_str!("../../src/limits.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split(':').next())
        .collect();
    let listed: BTreeSet<&str> = PROOFS.iter().map(|(name, _)| *name).collect();
    let differing: Vec<_> = declared.symmetric_difference(&listed).collect();
    assert!(differing.is_empty(), "either in limits.rs or in PROOFS, and not in both: {differing:?}");
    assert_eq!(listed.len(), PROOFS.len(), "a limit is listed twice");
    for (name, proof) in PROOFS {
        assert!(used.contains(*name), "{name} is not used");
        let shown = match proof {
            Test(test) => ["fn ", "void "].iter().any(|kind| sources.contains(&format!("{kind}{test}("))),
            None(reason) => !reason.is_empty(),
        };
        assert!(shown, "there is no such test of {name}");
    }
}

fn read_all(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => read_all(&path, text),
            Some("rs" | "c") => text.push_str(&fs::read_to_string(&path).expect("read")),
            _ => {}
        }
    }
}

#[test]
fn a_body_ends_at_its_limit() {
    let client = open(&json!({}));
    for (bytes, expected) in [(limits::REQUEST_BODY_BYTES, 400), (limits::REQUEST_BODY_BYTES + 1, 413)] {
        let login = json!({ "method": "POST", "path": "auth/okta/login/fred", "body": "x".repeat(bytes) });
        assert_eq!(request(&client, &login).0, expected, "{bytes}");
    }
}

#[test]
fn a_request_id_has_an_end() {
    let client = open(&json!({}));
    for (bytes, expected) in [(limits::REQUEST_ID_BYTES, 200), (limits::REQUEST_ID_BYTES + 1, 400)] {
        let id = json!({ "request_id": "x".repeat(bytes) });
        assert_eq!(call(&client, "list_auth_methods", &id).0, expected, "{bytes}");
    }
}

#[test]
fn mounts_are_bounded() {
    let paths = |count: usize| (0..count).map(|number| format!("m{number}")).collect::<Vec<_>>();
    let (status, body) = refusal_to_open(&json!({ "mounts": paths(limits::MOUNTS + 1) }));
    assert_eq!((status, body["code"].as_str()), (400, Some("limit_reached")), "{body}");
    let client = open(&json!({ "mounts": paths(limits::MOUNTS - 2) }));
    let refused = (0..4).find_map(|number| {
        let mount = json!({ "path": format!("n{number}"), "type": "okta" });
        let (status, body) = call(&client, "enable_auth_method", &mount);
        (status != 204).then_some((number, status, body))
    });
    let (number, status, body) = refused.expect("one is too many");
    // The token store is a mount, too.
    assert_eq!((number, status, body["code"].as_str()), (1, 400, Some("limit_reached")), "{body}");
}

#[test]
fn the_texts_of_a_mount_are_bounded() {
    let client = open(&json!({}));
    let options = |count: usize, bytes: usize| {
        (0..count)
            .map(|number| (format!("{number:04}"), json!("x".repeat(bytes - 4))))
            .collect::<serde_json::Map<_, _>>()
    };
    let refused = |operation: &str, mut request: serde_json::Value| {
        let enables = operation == "enable_auth_method";
        request["path"] = json!(if enables { "other" } else { "okta" });
        if enables {
            request["type"] = json!("okta");
        }
        let (status, body) = call(&client, operation, &request);
        if enables && status == 204 {
            assert_eq!(call(&client, "disable_auth_method", &json!({ "path": "other" })).0, 204);
        }
        (status == 400).then(|| body["errors"][0].as_str().unwrap_or_default().to_owned())
    };
    let headers =
        |count: usize, bytes: usize| json!({ "allowed_response_headers": vec!["x".repeat(bytes); count] });
    let each_option = limits::MOUNT_OPTION_BYTES / limits::MOUNT_OPTIONS;
    let each_entry = limits::MOUNT_LIST_BYTES / limits::MOUNT_LIST_ENTRIES;
    for operation in ["enable_auth_method", "tune_auth_method"] {
        let in_config = |list: serde_json::Value| {
            if operation == "enable_auth_method" { json!({ "config": list }) } else { list }
        };
        for (fits, too_much, text) in [
            (
                json!({ "description": "x".repeat(limits::MOUNT_DESCRIPTION_BYTES) }),
                json!({ "description": "x".repeat(limits::MOUNT_DESCRIPTION_BYTES + 1) }),
                "the description of an auth method can have 2048 bytes at most, not 2049",
            ),
            (
                in_config(headers(limits::MOUNT_LIST_ENTRIES, each_entry)),
                in_config(headers(limits::MOUNT_LIST_ENTRIES + 1, 1)),
                "the lists of an auth method can have 256 entries at most, not 257",
            ),
            (
                in_config(headers(1, limits::MOUNT_LIST_BYTES)),
                in_config(headers(1, limits::MOUNT_LIST_BYTES + 1)),
                "the lists of an auth method can have 4096 bytes at most, not 4097",
            ),
            (
                json!({ "options": options(limits::MOUNT_OPTIONS, each_option) }),
                json!({ "options": options(1, limits::MOUNT_OPTION_BYTES + 1) }),
                "the options of an auth method can have ",
            ),
            (
                json!({ "options": options(limits::MOUNT_OPTIONS, each_option) }),
                json!({ "options": options(limits::MOUNT_OPTIONS + 1, 5) }),
                "the options of an auth method can have 64 entries at most, not 65",
            ),
        ] {
            assert_eq!(refused(operation, fits), Option::None, "{text}");
            let refusal = refused(operation, too_much).expect(text);
            assert!(refusal.starts_with(text), "{refusal}");
        }
    }
}

/// The host's log function is inside a call and does not come back.
#[test]
fn closing_does_not_wait_for_the_hosts_own_code() {
    let client = open(&json!({}));
    let (entered, has_entered) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new((entered, may_go_on));
    client.logger().set(Some((
        Level::Info,
        Box::new(move |_, _| {
            let held = held.lock().expect("no panic");
            held.0.send(()).expect("the test listens");
            held.1.recv().expect("the test answers");
        }),
    )));
    std::thread::scope(|scope| {
        scope.spawn(|| call(&client, "list_auth_methods", &json!({})));
        has_entered.recv().expect("the log function is called");
        let begun = Instant::now();
        client.close();
        let taken = begun.elapsed();
        go_on.send(()).expect("the log function waits");
        assert!(taken < limits::CLOSE_TIMEOUT + Duration::from_secs(10), "{taken:?}");
    });
}
