//! The `Link` header (RFC 8288), as far as paging needs it.

/// A header that cannot be understood, or that names two different next pages. Whoever pages must then give up: the
/// rest of the list may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadLinks;

/// The target of `rel="next"` in all `Link` lines of an answer; `None`: this was the last page. Several links may
/// stand in one line, parted by commas, as some proxies merge them.
pub(super) fn next<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<Option<String>, BadLinks> {
    let mut found: Option<String> = None;
    for line in lines {
        let mut rest = Scanner(std::str::from_utf8(line).map_err(|_| BadLinks)?);
        loop {
            rest.skip(|c| c == ',' || is_blank(c));
            if rest.0.is_empty() {
                break;
            }
            let (target, is_next) = rest.link()?;
            if is_next && found.as_deref().is_some_and(|found| found != target) {
                return Err(BadLinks);
            }
            if is_next {
                found = Some(target.to_owned());
            }
        }
    }
    Ok(found)
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// What is left of a line.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn skip(&mut self, what: impl Fn(char) -> bool) {
        self.0 = self.0.trim_start_matches(what);
    }

    fn eat(&mut self, c: char) -> bool {
        self.skip(is_blank);
        match self.0.strip_prefix(c) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// One link and whether it is the next page: `<target>; name=value; name="value"`.
    fn link(&mut self) -> Result<(&'a str, bool), BadLinks> {
        let (target, rest) =
            self.0.strip_prefix('<').and_then(|rest| rest.split_once('>')).ok_or(BadLinks)?;
        self.0 = rest;
        let mut relation: Option<String> = None;
        while self.eat(';') {
            self.skip(is_blank);
            let name = self.token();
            if name.is_empty() {
                // An empty parameter, which RFC 8288 allows: `<x>; ; rel=next`.
                continue;
            }
            let value = if self.eat('=') { self.value()? } else { String::new() };
            // Of several `rel` only the first counts (§3.3).
            if name.eq_ignore_ascii_case("rel") && relation.is_none() {
                relation = Some(value);
            }
        }
        self.skip(is_blank);
        if !self.0.is_empty() && !self.0.starts_with(',') {
            return Err(BadLinks);
        }
        let is_next =
            relation.is_some_and(|list| list.split(is_blank).any(|one| one.eq_ignore_ascii_case("next")));
        Ok((target, is_next))
    }

    fn token(&mut self) -> &'a str {
        let end = self.0.find([';', ',', '=', '"', ' ', '\t', '<']).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        token
    }

    fn value(&mut self) -> Result<String, BadLinks> {
        if !self.eat('"') {
            let token = self.token();
            return if token.is_empty() { Err(BadLinks) } else { Ok(token.to_owned()) };
        }
        let mut value = String::new();
        let mut characters = self.0.chars();
        loop {
            match characters.next().ok_or(BadLinks)? {
                '"' => break,
                '\\' => value.push(characters.next().ok_or(BadLinks)?),
                c => value.push(c),
            }
        }
        self.0 = characters.as_str();
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(lines: &[&str]) -> Result<Option<String>, BadLinks> {
        next(lines.iter().map(|line| line.as_bytes()))
    }

    #[test]
    fn the_next_page_is_found_in_every_form() {
        for (lines, expected) in [
            (&[][..], None),
            (&[""], None),
            (&["<https://o/x?a=1>; rel=\"self\""], None),
            (
                &["<https://o/x?limit=2>; rel=\"self\"", "<https://o/x?after=c2>; rel=\"next\""],
                Some("https://o/x?after=c2"),
            ),
            (&["<https://o/s>; rel=\"self\", <https://o/n>; rel=\"next\""], Some("https://o/n")),
            (&["<https://o/n?a=1,2;3>;rel=next"], Some("https://o/n?a=1,2;3")),
            (&["<https://o/n> ; REL = \"NEXT\""], Some("https://o/n")),
            (&["<https://o/n>; title=\"a, b; rel=\\\"x\\\"\"; rel=\"last next\""], Some("https://o/n")),
            (&["<https://o/n>; rel=self; rel=next"], None),
            (&["<https://o/n>; rel=nextish"], None),
            (&["<https://o/n>; nofollow; rel=next"], Some("https://o/n")),
            (&[" , ,<https://o/n>;;rel=next,"], Some("https://o/n")),
            (&["<https://o/n>; rel=next", "<https://o/n>; rel=next"], Some("https://o/n")),
            (&["</api?after=x>; rel=next"], Some("/api?after=x")),
        ] {
            assert_eq!(of(lines), Ok(expected.map(str::to_owned)), "{lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_no_last_page() {
        for lines in [
            &["https://o/n; rel=next"][..],
            &["<https://o/n; rel=next"],
            &["<https://o/n>; rel=\"next"],
            &["<https://o/n>; rel="],
            &["<https://o/n> rel=next"],
            &["<https://o/1>; rel=next", "<https://o/2>; rel=next"],
        ] {
            assert_eq!(of(lines), Err(BadLinks), "{lines:?}");
        }
        assert_eq!(next([&b"<\xff>; rel=next"[..]].into_iter()), Err(BadLinks));
    }

    proptest! {
        #[test]
        fn any_line_ends_without_a_panic(line in ".{0,200}") {
            let _ = of(&[&line]);
        }

        /// However links are spread over lines, with whatever other parameters, the same one is next.
        #[test]
        fn a_written_header_reads_back(
            targets in prop::collection::vec("[a-z0-9/?=&%,;:.]{1,30}", 1..5),
            next_at in 0usize..5,
            title in "[ -~]{0,20}",
            one_line in any::<bool>(),
            upper in any::<bool>(),
        ) {
            let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
            let links: Vec<String> = targets
                .iter()
                .enumerate()
                .map(|(at, target)| {
                    let relation = if at != next_at { "prev" } else if upper { "NEXT" } else { "next" };
                    format!("<{target}>; title=\"{quoted}\"; rel=\"{relation}\"")
                })
                .collect();
            let lines = if one_line { vec![links.join(", ")] } else { links };
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            prop_assert_eq!(of(&lines), Ok(targets.get(next_at).cloned()));
        }
    }
}
