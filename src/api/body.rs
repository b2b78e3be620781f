//! Paths, queries and bodies as they come over the wire.

use crate::error::{Code, Error, Result};
use crate::json::{self, Object, Value};
use crate::limits;

/// A percent-encoded text as the text it stands for.
///
/// # Errors
/// 400 for a broken escape, and for bytes that are no UTF-8.
pub fn percent_decode(text: &str, plus_is_space: bool) -> Result<String> {
    let broken = || Error::bad_request(Code::InvalidRequest, "the path or query has a broken percent escape");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let digits = digits.ok_or_else(broken)?;
                bytes.push(u8::from_str_radix(digits, 16).map_err(|_| broken())?);
                rest = rest.get(2..).unwrap_or_default();
            }
            b'+' if plus_is_space => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::bad_request(Code::InvalidRequest, "the path or query is not UTF-8"))
}

/// The members of a query or of a form; a name that stands there more than once has an array. The limits are those
/// of a JSON object.
///
/// # Errors
/// 400 for a broken escape, and over a limit.
pub fn parse_pairs(text: &str) -> Result<Object> {
    let mut object = Object::new();
    for (index, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if index == limits::JSON_OBJECT_ENTRIES {
            let limit = limits::JSON_OBJECT_ENTRIES;
            let text = format!("the query or form has more than {limit} parameters");
            return Err(Error::bad_request(Code::InvalidRequest, text));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (percent_decode(name, true)?, percent_decode(value, true)?);
        if name.len().max(value.len()) > limits::JSON_STRING_BYTES {
            let limit = limits::JSON_STRING_BYTES;
            let text = format!("a parameter of the query or form is longer than {limit} bytes");
            return Err(Error::bad_request(Code::InvalidRequest, text));
        }
        let value = Value::from(value);
        match object.remove(&name) {
            None => object.insert(name, value),
            Some(Value::Array(mut values)) => {
                values.push(value);
                object.insert(name, Value::Array(values))
            }
            Some(first) => object.insert(name, Value::Array(vec![first, value])),
        };
    }
    Ok(object)
}

/// The body of a write: JSON, or a form where the content type says so and it does not look like JSON.
///
/// # Errors
/// 400 in Vault's words; what Vault's JSON limiter answers with 500 is 400 here too.
pub fn parse_body(text: &str, content_type: Option<&str>) -> Result<Object> {
    let first = text.trim_start().chars().next();
    let is_form = content_type.is_some_and(|content_type| {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if is_form && !matches!(first, Some('{' | '[')) {
        return parse_pairs(text);
    }
    if first.is_none() {
        return Ok(Object::new());
    }
    let refuse = |why: String| {
        Error::bad_request(
            Code::InvalidJson,
            format!("error parsing JSON: failed to parse JSON input: {why}"),
        )
    };
    match json::parse(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Object::new()),
        Ok(other) => {
            let kind = match other {
                Value::Bool(_) => "bool",
                ref other => other.kind(),
            };
            Err(refuse(format!(
                "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            )))
        }
        Err(error) => Err(refuse(start_of_no_value(text).unwrap_or_else(|| error.to_string()))),
    }
}

/// Go's words for a text that does not even begin like JSON: Vault's clients see these most often.
fn start_of_no_value(text: &str) -> Option<String> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    for literal in ["null", "true", "false"] {
        if !literal.starts_with(first) {
            continue;
        }
        let mut wanted = literal.chars();
        let wrong = text.chars().find_map(|found| match wanted.next() {
            Some(wanted) if wanted != found => Some((found, wanted)),
            _ => None,
        });
        return wrong.map(|(found, wanted)| {
            format!("invalid character '{found}' in literal {literal} (expecting '{wanted}')")
        });
    }
    let begins_a_value = matches!(first, '{' | '[' | '"' | '-' | '0'..='9');
    (!begins_a_value).then(|| format!("invalid character '{first}' looking for beginning of value"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(text: &str) -> String {
        parse_body(text, None).expect_err("must be refused").to_string()
    }

    #[test]
    fn bodies_that_are_no_object_are_refused_in_vaults_words() {
        for (text, end) in [
            ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
            ("true", "json: cannot unmarshal bool into Go value of type map[string]interface {}"),
            ("12", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
            ("policies=dev", "invalid character 'p' looking for beginning of value"),
            ("not json at all", "invalid character 'o' in literal null (expecting 'u')"),
        ] {
            assert_eq!(refusal(text), format!("error parsing JSON: failed to parse JSON input: {end}"));
        }
    }

    #[test]
    fn nothing_and_null_are_no_body() {
        for text in ["", " ", "\n", "null", " null "] {
            assert!(parse_body(text, None).expect("accepted").is_empty(), "{text:?}");
        }
    }

    #[test]
    fn forms_are_read_where_the_content_type_says_so() {
        let form = Some("Application/X-WWW-Form-Urlencoded; charset=utf-8");
        let object = parse_body("a=1&b=x+y%26&a=2&c", form).expect("a form");
        assert_eq!(object["a"].as_array().map(<[Value]>::len), Some(2));
        assert_eq!(object["b"].as_str(), Some("x y&"));
        assert_eq!(object["c"].as_str(), Some(""));
        assert_eq!(parse_body(r#" {"a":"b"}"#, form).expect("JSON")["a"].as_str(), Some("b"));
    }

    #[test]
    fn forms_and_queries_have_the_limits_of_an_object() {
        let many = |count: usize| (0..count).map(|n| format!("p{n}")).collect::<Vec<_>>().join("&");
        assert!(parse_pairs(&many(limits::JSON_OBJECT_ENTRIES)).is_ok());
        let error = parse_pairs(&many(limits::JSON_OBJECT_ENTRIES + 1)).expect_err("refused");
        assert!(error.to_string().contains("10000 parameters"), "{error}");
        // Values of one name count like names.
        assert!(parse_pairs(&"a&".repeat(limits::JSON_OBJECT_ENTRIES + 1)).is_err());
        let long = |length: usize| format!("a={}", "x".repeat(length));
        assert!(parse_pairs(&long(limits::JSON_STRING_BYTES)).is_ok());
        let error = parse_pairs(&long(limits::JSON_STRING_BYTES + 1)).expect_err("refused");
        assert!(error.to_string().contains("1048576 bytes"), "{error}");
    }

    proptest! {
        #[test]
        fn escapes_read_back(text in "\\PC{0,40}") {
            let escaped: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(percent_decode(&escaped, false).ok(), Some(text));
        }

        #[test]
        fn any_text_is_decoded_or_refused(text in "[%+a-f0-9é]{0,20}") {
            let _ = percent_decode(&text, true);
            let _ = parse_pairs(&text);
        }
    }
}
