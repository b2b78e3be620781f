//! Operations of login transactions.

use super::{Example, LOCKED_HERE, Member, Operation, Refusal, optional, refusal, required};

const CHOICE: &[Member] = &[
    optional("factor_id", "text", "the factor to take: an id of \"factors\""),
    optional("factor_type", "text", "instead of factor_id: a type as in \"factors\"; of several the last"),
    optional("provider", "text", "with factor_type: whose factor, in any letter case"),
];

const ID: &[Member] = &[required("id", "text", "what the start answered; a secret")];

const STATE: &str = "202 while the transaction is open, 200 with \"auth\" (as of okta_auth_login()) when it is done, \
                     and only then. \"data\" always has these members: \"id\"; \"state\" (mfa_required, challenge, \
                     done); \"factors\", those that are active, each {\"id\", \"type\", \"provider\", \"name\", \
                     \"supported\"}; \"factor\", the chosen one, or null; \"challenge\", null or {\"type\" (push, \
                     number, passcode, question), \"number\" (to tap; may be 0) or null, \"question\" or null, \
                     \"resend_after\" (seconds) or null where nothing can be sent again}; \"poll_after\" (seconds) or \
                     null where polling is of no use; \"expires_at\" (RFC 3339); \"attempts_left\" or null; \
                     \"last_error\", null or {\"code\", \"text\"}, such as passcode_invalid; \"password_warning\", null \
                     or {\"code\":\"password_expiring\"} with \"days_left\" and more of Okta's policy where given.";

const ENDS: Refusal = refusal(
    400,
    &[
        "push_rejected",
        "challenge_timeout",
        "too_many_attempts",
        "transaction_expired",
        "invalid_credentials",
        "locked_out",
        "password_expired",
        "mfa_enrollment_required",
        "login_refused",
    ],
    "the transaction has failed: \"data\" is {\"id\", \"state\": \"failed\"}, with Okta's \"password_policy\" or what is \
     \"enrollable\" where it says so, and the id is unknown from here on",
);

const OKTA_FAILED: Refusal = refusal(
    400,
    &["okta_invalid_answer", "okta_error", "api_token_refused"],
    "Okta failed, or cannot be understood; \"data\" says whether the transaction has failed",
);

const OPEN_STILL: Refusal = refusal(
    400,
    &["invalid_request", "factor_unavailable", "factor_required"],
    "the request does not fit; the transaction is as it was, and \"data\" shows it",
);

const LOST: Refusal = refusal(
    503,
    &["okta_unreachable", "okta_timeout"],
    "Okta's answer was lost; as long as \"data\" shows an open transaction it can be polled, and the next step asks Okta \
     first what became of it",
);

const UNKNOWN: Refusal =
    refusal(404, &["not_found"], "the id is wrong, or its transaction is done, failed, cancelled or expired");

const ADDRESS: Refusal =
    refusal(403, &["permission_denied"], "remote_address is outside token_bound_cidrs; nothing is changed");

pub const START_TRANSACTION: Operation = Operation {
    name: "start_transaction",
    method: "POST",
    path: "auth/{mount_point}/transactions",
    summary: "Begins a login with a password, and answers without waiting for a person. Without a choice of factor \
              nothing is sent to the user: the answer lists his factors. A factor can be chosen at once: by factor_id, \
              by factor_type with provider, or as okta_auth_login() does by \"totp\", which is checked at once. Any \
              process with the same storage can continue the transaction.",
    members: &[
        &[
            required("username", "text", "as the user would type it at Okta; outer blanks are trimmed"),
            required("password", "text", "the user's password; never stored"),
            optional("totp", "text", "passcode of a TOTP factor, of \"provider\" OKTA or GOOGLE where given"),
        ],
        CHOICE,
    ],
    answer: STATE,
    refusals: &[
        refusal(400, &["invalid_request", "not_configured", "passcode_invalid"], "nothing was sent to Okta"),
        ENDS,
        OKTA_FAILED,
        ADDRESS,
        LOCKED_HERE,
        refusal(
            429,
            &["rate_limited", "limit_reached"],
            "Okta asks to slow down, or the user has too many transactions open; retry_after says how long",
        ),
        LOST,
        refusal(503, &["limit_reached"], "too many transactions are open in all"),
    ],
    example: Example {
        request: r#"{"username":"wilma","password":"correct horse"}"#,
        status: 202,
        answer: r#"{"data":{"id":"6c1d0d1ea5a2ba0d3ae3bf1c8e7f2b44","state":"mfa_required","factors":[{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone","supported":true}],"factor":null,"challenge":null,"poll_after":null,"expires_at":"2026-11-24T03:12:43Z","attempts_left":null,"last_error":null,"password_warning":null}}"#,
    },
};

pub const CONTINUE_TRANSACTION: Operation = Operation {
    name: "continue_transaction",
    method: "POST",
    path: "auth/{mount_point}/transactions/{id}",
    summary: "Takes the next step of a transaction: chooses a factor, gives a passcode or an answer, has the push or \
              message sent again, or, with none of these, asks how it stands. Each answers at once; polled sooner than \
              \"poll_after\" says, it answers the last state without asking Okta. A push or message goes out when a \
              factor is chosen and with \"resend\", and never else; choosing the same factor once more sends nothing. \
              Of two steps at the same time one is taken, and the other answers the last state.",
    members: &[
        ID,
        CHOICE,
        &[
            optional("passcode", "text", "the code of the chosen factor; outer blanks are trimmed"),
            optional("answer", "text", "the answer to the security question"),
            optional("resend", "boolean", "true: send the push or message again"),
        ],
    ],
    answer: STATE,
    refusals: &[
        ENDS,
        OKTA_FAILED,
        OPEN_STILL,
        ADDRESS,
        LOCKED_HERE,
        UNKNOWN,
        refusal(
            429,
            &["rate_limited", "too_many_attempts"],
            "too soon, or too often for this user; the transaction is open, retry_after says how long to wait",
        ),
        LOST,
    ],
    example: Example {
        request: r#"{"id":"<id>","factor_type":"push","provider":"OKTA"}"#,
        status: 202,
        answer: r#"{"data":{"id":"6c1d0d1ea5a2ba0d3ae3bf1c8e7f2b44","state":"challenge","factors":[{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone","supported":true}],"factor":{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone","supported":true},"challenge":{"type":"number","number":42,"question":null,"resend_after":0},"poll_after":2,"expires_at":"2026-11-24T03:12:43Z","attempts_left":null,"last_error":null,"password_warning":null}}"#,
    },
};

pub const CANCEL_TRANSACTION: Operation = Operation {
    name: "cancel_transaction",
    method: "DELETE",
    path: "auth/{mount_point}/transactions/{id}",
    summary: "Ends a transaction, here and at Okta. Okta is told once, for at most five seconds, and whatever it says \
              the id is unknown from here on.",
    members: &[ID],
    answer: "204 with an empty body.",
    refusals: &[ADDRESS, UNKNOWN],
    example: Example { request: r#"{"id":"<id>"}"#, status: 204, answer: "" },
};
