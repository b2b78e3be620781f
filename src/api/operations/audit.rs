//! Operations on the audit log.

use super::{Example, Operation, refusal, required};

pub const AUDIT_HASH: Operation = Operation {
    name: "audit_hash",
    method: "POST",
    path: "sys/audit-hash/file",
    summary: "Tells what stands for a text in the audit log, so that the lines of a token, an accessor or a \
              transaction can be found. It is the same for the file and for the function of okta_auth_set_audit().",
    members: &[&[required("input", "text", "the text as it was sent or answered")]],
    answer: "200 with \"data\".",
    refusals: &[refusal(400, &["invalid_request"], "\"input\" is missing or empty")],
    example: Example {
        request: r#"{"input":"hvs.CAESIGFk"}"#,
        status: 200,
        answer: r#"{"data":{"hash":"<hash>"}}"#,
    },
};
