//! The language of policies: HCL, version 1, as far as a policy needs it.
//!
//! It is read by a parser of our own. Crates for HCL read version 2, which refuses texts that Vault accepts and reads
//! others differently; they are larger than the rest of this module, too. Where version 1 swallows what its author
//! cannot have meant, this parser refuses: an interpolation (`${…}`), whose quotes do not end the text around it, and a
//! byte that is no character.

use crate::limits;

/// What a policy's text holds, from its top level down.
pub type Items = Vec<Item>;

/// `key "label" { … }` or `key = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The key and its labels; there is at least the key.
    pub keys: Vec<Key>,
    /// What stands behind them.
    pub value: Value,
    /// The line of the `=`; 0 where there is none, as in Vault's error texts.
    pub line: usize,
}

/// A key or a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Without its quotes.
    pub text: String,
    /// Whether it had quotes.
    pub quoted: bool,
}

/// What can be assigned.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Only the JSON form has it.
    Null,
    /// `true` or `false`
    Bool(bool),
    /// The text of a number; decimal.
    Number(Box<str>),
    /// A quoted text or a heredoc.
    Text(String),
    /// `[…]`
    List(Vec<Value>),
    /// `{…}`
    Object(Items),
}

/// Reads a text. The error names the place and what was expected there.
///
/// # Errors
/// Broken syntax, or nesting over [`limits::POLICY_DEPTH`].
pub fn parse(text: &str) -> Result<Items, String> {
    let mut parser = Parser { text, at: 0, line: 1, line_start: 0, depth: 0 };
    parser.items(false)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    line_start: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    /// The items up to the end, or up to the brace that closes an object. Only inside of one may commas part them.
    fn items(&mut self, inside: bool) -> Result<Items, String> {
        let mut items = Vec::new();
        loop {
            self.skip_blank()?;
            match self.peek() {
                None if inside => return self.fail("object expected closing RBRACE got: EOF"),
                None => return Ok(items),
                Some('}') if inside => {
                    self.bump();
                    return Ok(items);
                }
                Some(_) => items.push(self.item()?),
            }
            self.skip_blank()?;
            if inside && self.peek() == Some(',') {
                self.bump();
            }
        }
    }

    fn item(&mut self) -> Result<Item, String> {
        let mut keys = Vec::new();
        loop {
            self.skip_blank()?;
            match self.peek() {
                Some('"') => keys.push(Key { text: self.quoted()?, quoted: true }),
                Some(c) if starts_name(c) => {
                    keys.push(Key { text: self.name().to_owned(), quoted: false });
                }
                Some('=') if keys.len() > 1 => {
                    return self.fail("nested object expected: LBRACE got: ASSIGN");
                }
                Some('=') if !keys.is_empty() => {
                    let line = self.line;
                    self.bump();
                    return Ok(Item { keys, value: self.value()?, line });
                }
                Some('{') if !keys.is_empty() => {
                    return Ok(Item { keys, value: self.object()?, line: 0 });
                }
                _ if keys.is_empty() => {
                    return self.fail("expected: IDENT | STRING | ASSIGN | LBRACE");
                }
                _ => {
                    let keys: Vec<_> = keys.into_iter().map(|key| key.text).collect();
                    return self.fail(&format!(
                        "key '{}' expected start of object ('{{') or assignment ('=')",
                        keys.join(" ")
                    ));
                }
            }
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip_blank()?;
        match self.peek() {
            Some('"') => self.quoted().map(Value::Text),
            Some('<') => self.heredoc().map(Value::Text),
            Some('[') => self.list(),
            Some('{') => self.object(),
            Some('-' | '0'..='9') => self.number(),
            Some(c) if starts_name(c) => match self.name() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => self.fail("expected a value: a text has to be quoted"),
            },
            _ => self.fail("expected a value"),
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        self.deeper()?;
        self.bump();
        let items = self.items(true)?;
        self.depth -= 1;
        Ok(Value::Object(items))
    }

    fn list(&mut self) -> Result<Value, String> {
        self.deeper()?;
        self.bump();
        let mut elements = Vec::new();
        loop {
            self.skip_blank()?;
            if self.peek() == Some(']') {
                break;
            }
            elements.push(self.value()?);
            self.skip_blank()?;
            match self.peek() {
                Some(',') => self.bump(),
                Some(']') => break,
                _ => return self.fail("error parsing list, expected comma or list end"),
            }
        }
        self.bump();
        self.depth -= 1;
        Ok(Value::List(elements))
    }

    fn deeper(&mut self) -> Result<(), String> {
        if self.depth >= limits::POLICY_DEPTH {
            return self.fail(&format!("objects and lists are nested over {} deep", limits::POLICY_DEPTH));
        }
        self.depth += 1;
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let text = self.take_while(part);
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let based = |digits: &str, base| i64::from_str_radix(&format!("{sign}{digits}"), base);
        let lower = digits.to_ascii_lowercase();
        let decimal = if let Some(hex) = lower.strip_prefix("0x").filter(|hex| is_of(hex, 16)) {
            based(hex, 16).ok().map(|number| number.to_string())
        } else if lower.len() > 1 && lower.starts_with('0') && is_of(&lower, 8) {
            based(&lower, 8).ok().map(|number| number.to_string())
        } else {
            is_decimal(digits).then(|| text.to_owned())
        };
        match decimal {
            Some(decimal) => Ok(Value::Number(decimal.into())),
            None => self.fail("this is no number"),
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return self.fail("literal not terminated"),
                Some('"') => return Ok(text),
                Some('\\') => {
                    let c = self.escaped()?;
                    text.push(c);
                }
                Some('$') if self.peek() == Some('{') => {
                    return self.fail("a text must not hold an interpolation ('${')");
                }
                Some('\0') => return self.fail("unexpected null character (0x00)"),
                Some(c) => text.push(c),
            }
        }
    }

    /// The character that a backslash and what follows it stand for.
    fn escaped(&mut self) -> Result<char, String> {
        let code = match self.next() {
            Some('a') => 7,
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('v') => 11,
            Some('\\') => 92,
            Some('"') => 34,
            // A byte over 7F would be a piece of a character.
            Some('x') => self.code(2, 16)?.min(0x80),
            Some('u') => self.code(4, 16)?,
            Some('U') => self.code(8, 16)?,
            Some(first @ '0'..='7') => {
                let rest = self.code(2, 8)?;
                (first.to_digit(8).unwrap_or_default() * 64 + rest).min(0x80)
            }
            _ => return self.fail("illegal char escape"),
        };
        match char::from_u32(code).filter(|c| *c != '\u{80}' && *c != '\0') {
            Some(c) => Ok(c),
            None => self.fail("illegal char escape"),
        }
    }

    fn code(&mut self, digits: usize, base: u32) -> Result<u32, String> {
        let mut code: u32 = 0;
        for _ in 0..digits {
            match self.next().and_then(|c| c.to_digit(base)) {
                Some(digit) => code = code.wrapping_mul(base).wrapping_add(digit),
                None => return self.fail("illegal char escape"),
            }
        }
        Ok(code)
    }

    /// `<<MARK`, lines, and a line of the mark alone. With `<<-` the blanks before the mark are taken from each line,
    /// where each has them.
    fn heredoc(&mut self) -> Result<String, String> {
        self.bump();
        if self.next() != Some('<') {
            return self.fail("heredoc expected second '<'");
        }
        let indented = self.peek() == Some('-');
        if indented {
            self.bump();
        }
        let mark = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if self.peek() == Some('\r') {
            self.bump();
        }
        if mark.is_empty() || self.next() != Some('\n') {
            return self.fail("a heredoc begins with its mark and the end of the line");
        }
        let mut lines = Vec::new();
        loop {
            let line = self.take_while(|c| c != '\n');
            if line.contains('\0') {
                return self.fail("unexpected null character (0x00)");
            }
            if line.trim_start().trim_end_matches('\r') == mark {
                let blanks = &line[..line.len() - line.trim_start().len()];
                let strip = indented && lines.iter().all(|line: &&str| line.starts_with(blanks));
                let lines = lines.iter().map(|line| if strip { &line[blanks.len()..] } else { line });
                return Ok(lines.map(|line| format!("{line}\n")).collect());
            }
            lines.push(line);
            if self.next().is_none() {
                return self.fail("heredoc not terminated");
            }
        }
    }

    /// A name without quotes, whose first character has been seen.
    fn name(&mut self) -> &'t str {
        self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    }

    fn skip_blank(&mut self) -> Result<(), String> {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r' | '\n') => self.bump(),
                Some('#') => drop(self.take_while(|c| c != '\n')),
                Some('/') => {
                    self.bump();
                    match self.next() {
                        Some('/') => drop(self.take_while(|c| c != '\n')),
                        Some('*') => self.skip_block()?,
                        _ => return self.fail("expected '/' or '*' for a comment"),
                    }
                }
                Some('\0') => return self.fail("unexpected null character (0x00)"),
                _ => return Ok(()),
            }
        }
    }

    fn skip_block(&mut self) -> Result<(), String> {
        loop {
            match self.next() {
                None => return self.fail("comment not terminated"),
                Some('*') if self.peek() == Some('/') => {
                    self.bump();
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let start = self.at;
        while self.peek().is_some_and(&belongs) {
            self.bump();
        }
        &self.text[start..self.at]
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) {
        self.next();
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            self.line_start = self.at;
        }
        Some(c)
    }

    fn fail<T>(&self, why: &str) -> Result<T, String> {
        let column = self.text[self.line_start..self.at].chars().count() + 1;
        Err(format!("At {}:{column}: {why}", self.line))
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_of(digits: &str, base: u32) -> bool {
    !digits.is_empty() && digits.chars().all(|c| c.is_digit(base))
}

/// Digits, with a fraction and an exponent or without.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    is_of(whole, 10)
        && is_of(fraction, 10)
        && is_of(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> Value {
        let items = parse(&format!("a = {text}")).unwrap_or_else(|why| panic!("{text}: {why}"));
        let [item] = items.as_slice() else { panic!("{items:?}") };
        item.value.clone()
    }

    fn text(text: &str) -> String {
        let Value::Text(text) = value(text) else { panic!("{text} is no text") };
        text
    }

    #[test]
    fn blocks_assignments_and_comments() {
        let items = parse(
            "# one\n// two\n/* three\n * lines */\npath \"a\" { x = 1, y = [\"b\",\n \"c\",], } z=true\nw {v=-1.5e3}",
        );
        let items = items.expect("parsed");
        let shown: Vec<_> = items
            .iter()
            .map(|item| (item.keys.iter().map(|key| key.text.as_str()).collect::<Vec<_>>(), item.line))
            .collect();
        assert_eq!(shown, [(vec!["path", "a"], 0), (vec!["z"], 6), (vec!["w"], 0)]);
        let Value::Object(inside) = &items[0].value else { panic!("{items:?}") };
        assert_eq!(inside[1].value, Value::List(vec![Value::Text("b".into()), Value::Text("c".into())]));
        assert_eq!((inside[0].line, inside[1].line), (5, 5));
        assert_eq!(items[0].keys.iter().map(|key| key.quoted).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn texts_and_numbers() {
        assert_eq!(text(r#""a\"b\\c\n\t\x41\u00e9\U0001f642\101""#), "a\"b\\c\n\tA\u{e9}\u{1f642}A");
        assert_eq!(text("<<EOF\n  a\n b\nEOF\n"), "  a\n b\n");
        assert_eq!(text("<<-EOF\n  a\n   b\n  EOF\n"), "a\n b\n");
        assert_eq!(text("<<-EOF\n a\n  EOF\n"), " a\n");
        for (given, number) in [("60", "60"), ("0x1F", "31"), ("010", "8"), ("-5", "-5"), ("1.50", "1.50")] {
            assert_eq!(value(given), Value::Number(number.into()), "{given}");
        }
    }

    #[test]
    fn broken_texts_are_refused_with_their_place() {
        for (text, why) in [
            ("path \"a\" {", "At 1:11: object expected closing RBRACE got: EOF"),
            ("path \"a\" { x = [\"r\" }", "At 1:21: error parsing list, expected comma or list end"),
            ("just words", "At 1:11: key 'just words' expected start of object ('{') or assignment ('=')"),
            ("\n \"", "At 2:3: literal not terminated"),
            ("\0", "At 1:1: unexpected null character (0x00)"),
            ("a \"b\" = 1", "At 1:7: nested object expected: LBRACE got: ASSIGN"),
            ("5", "At 1:1: expected: IDENT | STRING | ASSIGN | LBRACE"),
            ("a = \"x${b}\"", "At 1:8: a text must not hold an interpolation ('${')"),
            ("a = \"\\xff\"", "At 1:10: illegal char escape"),
            ("a = \"\\ud800\"", "At 1:12: illegal char escape"),
            ("a = \"\\0\"", "At 1:9: illegal char escape"),
            ("a = 1, b = 2", "At 1:6: expected: IDENT | STRING | ASSIGN | LBRACE"),
            ("a = word", "At 1:9: expected a value: a text has to be quoted"),
            ("a = 0x", "At 1:7: this is no number"),
            ("a = 1.", "At 1:7: this is no number"),
            ("/* a", "At 1:5: comment not terminated"),
            ("a = <<EOF\nb", "At 2:2: heredoc not terminated"),
            ("a = [,]", "At 1:6: expected a value"),
            ("}", "At 1:1: expected: IDENT | STRING | ASSIGN | LBRACE"),
        ] {
            assert_eq!(parse(text), Err(why.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn nesting_of_policies_ends_at_the_limit() {
        let nested = |depth: usize| format!("a = {}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(limits::POLICY_DEPTH)).is_ok());
        assert!(parse(&nested(limits::POLICY_DEPTH + 1)).expect_err("refused").contains("deep"));
        assert!(parse(&"a {".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z\"{}\\[\\]=,<\\-\\\\ \n#/*0-9.]{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_quoted_is_read_as_it_was(inner in "[^\"\\\\\n\0$]{0,30}") {
            prop_assert_eq!(parse(&format!("a = \"{inner}\"")).map(|items| items[0].value.clone()), Ok(Value::Text(inner)));
        }
    }
}
