//! Operations of response wrapping.

use super::{Example, Member, Operation, Refusal, refusal, required};

const TOKEN: &[Member] = &[required("token", "text", "the wrapping token")];

const WRAPPED: &str =
    "200 with \"wrap_info\": token, accessor, ttl (seconds), creation_time (RFC 3339), creation_path.";

const NOT_VALID: Refusal =
    refusal(400, &["invalid_token"], "the token is no wrapping token, was used, or has expired");
const NO_TOKEN: Refusal = refusal(403, &["invalid_token"], "\"token\" is missing or no text");

pub const WRAP: Operation = Operation {
    name: "wrap",
    method: "POST",
    path: "sys/wrapping/wrap",
    summary: "Keeps an object under a token of one use, for \"wrap_ttl\", which has to be given here.",
    members: &[&[required("data", "object", "anything; the limits are those of a request")]],
    answer: WRAPPED,
    refusals: &[
        refusal(400, &["invalid_request"], "\"data\" or \"wrap_ttl\" is missing"),
        refusal(413, &["too_large"], "it has more than 1 MiB"),
    ],
    example: Example {
        request: r#"{"data":{"db_password":"s3cret"},"wrap_ttl":"10m"}"#,
        status: 200,
        answer: r#"{"data":null,"wrap_info":{"token":"hvs.CAESIM","accessor":"3f9e354a520df07867ce8ab2","ttl":600,"creation_time":"2026-11-24T03:00:00Z","creation_path":"sys/wrapping/wrap"}}"#,
    },
};

pub const READ_WRAPPING: Operation = Operation {
    name: "read_wrapping",
    method: "POST",
    path: "sys/wrapping/lookup",
    summary: "Tells what an answer was wrapped by, and when. The token keeps its use.",
    members: &[TOKEN],
    answer: "200 with \"data\": creation_path, creation_time (RFC 3339), creation_ttl (seconds).",
    refusals: &[NOT_VALID, NO_TOKEN],
    example: Example {
        request: r#"{"token":"<wrapping_token>"}"#,
        status: 200,
        answer: r#"{"data":{"creation_path":"sys/wrapping/wrap","creation_time":"2026-11-24T03:00:00Z","creation_ttl":600}}"#,
    },
};

pub const REWRAP: Operation = Operation {
    name: "rewrap",
    method: "POST",
    path: "sys/wrapping/rewrap",
    summary: "Moves what is kept under a wrapping token to a new one with the whole life of the old, which ends. Says to \
              whoever holds it that nobody has unwrapped it.",
    members: &[TOKEN],
    answer: WRAPPED,
    refusals: &[NOT_VALID, NO_TOKEN],
    example: Example {
        request: r#"{"token":"<wrapping_token>"}"#,
        status: 200,
        answer: r#"{"data":null,"wrap_info":{"token":"hvs.CAESIN","accessor":"4f9e354a520df07867ce8ab3","ttl":600,"creation_time":"2026-11-24T03:00:00Z","creation_path":"sys/wrapping/wrap"}}"#,
    },
};

pub const UNWRAP: Operation = Operation {
    name: "unwrap",
    method: "POST",
    path: "sys/wrapping/unwrap",
    summary: "Gives what is kept under a wrapping token, once: of several who ask, in any process, one gets it. A \
              refusal may mean that somebody else has read it.",
    members: &[TOKEN],
    answer: "200 with the answer as it was wrapped, with its own \"request_id\", \"warnings\" and \"auth\".",
    refusals: &[NOT_VALID, NO_TOKEN, refusal(400, &["invalid_request"], "\"wrap_ttl\" is given, too")],
    example: Example {
        request: r#"{"token":"<wrapping_token>"}"#,
        status: 200,
        answer: r#"{"data":{"db_password":"s3cret"},"wrap_info":null}"#,
    },
};
