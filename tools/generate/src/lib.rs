//! Writes the C functions of the operations, with the documentation that becomes the header's, from their table.
//!
//! cbindgen does not see functions that a macro makes, so they stand in a checked-in file.

#[path = "../../../src/api/operations/mod.rs"]
pub mod operations;

use operations::{Member, OPERATIONS, Operation};
use std::fmt::Write;

/// Columns of a documentation line, its `/// ` included.
const WIDTH: usize = 105;

/// The text of `src/ffi/operations.rs`.
pub fn functions() -> String {
    let mut text = String::from(
        "//! The exported functions of the operations.\n\
         //!\n\
         //! Written by `make generate` from the table in `src/api/operations`. Do not edit.\n\n\
         use super::buffer::Buffer;\n\
         use super::functions::operation;\n\
         use super::handles::Handle;\n\
         use std::ffi::c_char;\n",
    );
    for operation in OPERATIONS {
        text.push('\n');
        text.push_str(&documentation(operation));
        text.push_str(&function(operation.name));
    }
    text
}

fn function(name: &str) -> String {
    format!(
        "#[unsafe(no_mangle)]\n\
         pub unsafe extern \"C\" fn okta_auth_{name}(\n    \
             handle: Handle,\n    \
             request: *const c_char,\n    \
             request_len: usize,\n    \
             response: *mut Buffer,\n\
         ) -> i32 {{\n    \
             // SAFETY: the caller's promises about `request` and `response`.\n    \
             unsafe {{ operation(\"{name}\", handle, request, request_len, response) }}\n\
         }}\n"
    )
}

fn documentation(operation: &Operation) -> String {
    let mut doc = Doc::default();
    doc.paragraph("", operation.summary);
    doc.blank();
    let path = operation.path.replace("/{role_name?}", "[/{role_name}]").replace('{', "<").replace('}', ">");
    doc.paragraph(
        "",
        &match operation.path.starts_with("host/") {
            true => "Vault: no path; okta_auth_request() does not reach it".to_owned(),
            false => format!("Vault: {} {path}", operation.method),
        },
    );
    doc.blank();
    let members: Vec<&Member> = operation.members.iter().copied().flatten().collect();
    let mounted = operation.path.contains("{mount_point}");
    if members.is_empty() {
        doc.paragraph("", &format!("Request members: {}.", common(mounted)));
    } else {
        doc.paragraph("", &format!("Request members, beside {}:", common(mounted)));
        doc.blank();
        for member in members {
            let need = if member.required { ", required" } else { "" };
            doc.paragraph("- ", &format!("{} ({}{need}): {}.", member.name, member.shape, member.meaning));
        }
    }
    doc.blank();
    doc.paragraph("", &format!("Answers {}", operation.answer));
    if !operation.refusals.is_empty() {
        doc.blank();
        doc.paragraph("", "Refusals beside the common ones:");
        doc.blank();
        for refusal in operation.refusals {
            doc.paragraph(
                "- ",
                &format!("{} {}: {}.", refusal.status, refusal.codes.join(", "), refusal.when),
            );
        }
    }
    doc.blank();
    doc.code(operation.example.request);
    let answer = operation.example.answer;
    if answer.is_empty() {
        doc.paragraph("", &format!("answers {}.", operation.example.status));
    } else {
        doc.paragraph("", &format!("answers {}:", operation.example.status));
        doc.code(answer);
    }
    doc.0
}

fn common(mounted: bool) -> &'static str {
    if mounted { "the common ones and \"mount_point\" (text, default okta)" } else { "the common ones" }
}

/// Lines of a documentation comment.
#[derive(Default)]
struct Doc(String);

impl Doc {
    fn blank(&mut self) {
        self.0.push_str("///\n");
    }

    /// Words, wrapped; lines after the first are indented like its text.
    fn paragraph(&mut self, bullet: &str, text: &str) {
        let mut line = format!("/// {bullet}");
        let indent = format!("/// {:width$}", "", width = bullet.len());
        let mut empty = true;
        for word in text.split_whitespace() {
            if !empty && line.len() + 1 + word.len() > WIDTH {
                let _ = writeln!(self.0, "{line}");
                line.clone_from(&indent);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        let _ = writeln!(self.0, "{line}");
    }

    /// JSON between back ticks, broken after commas.
    fn code(&mut self, json: &str) {
        let mut line = String::from("/// `");
        for piece in json.split_inclusive(',') {
            if line.len() > 5 && line.len() + piece.len() > WIDTH {
                let _ = writeln!(self.0, "{}", line.trim_end());
                line = String::from("/// ");
            }
            line.push_str(piece);
        }
        let _ = writeln!(self.0, "{line}`");
    }
}
