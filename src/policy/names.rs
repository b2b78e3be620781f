//! Lists of policy names, as Vault's helpers clean and compare them.

use crate::letter_case;
use std::collections::BTreeSet;

/// The policy that every token gets unless its issuer says otherwise.
pub const DEFAULT: &str = "default";
/// The policy that may do everything; it stands alone.
pub const ROOT: &str = "root";
/// The policy of wrapping tokens, which no other token can have.
pub const RESPONSE_WRAPPING: &str = "response-wrapping";
/// A policy that Vault has for what its community edition does not do; it can be read.
pub const CONTROL_GROUP: &str = "control-group";

/// The policies that are there without anybody having written them (Vault).
const BUILT_IN: [&str; 4] = [DEFAULT, ROOT, RESPONSE_WRAPPING, CONTROL_GROUP];

/// Whether a policy is there without anybody having written it.
pub fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// Whether a parameter of this name (in lower case) holds names of policies or of groups, whose letter case and outer
/// blanks do not count.
pub fn hold_names(parameter: &str) -> bool {
    matches!(parameter, "policies" | "token_policies" | "allowed_policies" | "disallowed_policies" | "groups")
}

/// Trims and lower-cases each name, drops empty ones and repetitions, and sorts.
pub fn clean<S: AsRef<str>>(names: &[S]) -> BTreeSet<String> {
    let clean = names.iter().map(|name| letter_case::lower(name.as_ref().trim()));
    clean.filter(|name| !name.is_empty()).collect()
}

/// [`clean`], and with `root` among them `root` alone; otherwise `add_default` adds `default`.
pub fn sanitise<S: AsRef<str>>(names: &[S], add_default: bool) -> Vec<String> {
    let mut clean = clean(names);
    if clean.contains(ROOT) {
        return vec![ROOT.to_owned()];
    }
    if add_default {
        clean.insert(DEFAULT.to_owned());
    }
    clean.into_iter().collect()
}

/// Whether two lists stand for the same policies once both are cleaned; `default` does not count.
///
/// Vault cleans one side only, so that a token of a login whose mapping holds an empty element cannot be renewed.
pub fn equivalent<S: AsRef<str>, T: AsRef<str>>(one: &[S], other: &[T]) -> bool {
    let without_default =
        |names: Vec<String>| names.into_iter().filter(|name| name != DEFAULT).collect::<Vec<_>>();
    without_default(sanitise(one, false)) == without_default(sanitise(other, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &[&str] = &[];

    /// The tables of Vault's own tests.
    #[test]
    fn vaults_tables() {
        assert_eq!(sanitise(&["foo", "bar"], false), ["bar", "foo"]);
        assert_eq!(sanitise(&["foo", "bar"], true), ["bar", "default", "foo"]);
        assert_eq!(sanitise(&["foo", "bar", "default"], false), ["bar", "default", "foo"]);
        for list in ["foo,bar", "foo,bar,default", " foo ,\tbar\t,   default"] {
            let list: Vec<_> = list.split(',').collect();
            assert!(equivalent(&list, &["foo", "bar"]), "{list:?}");
        }
        for list in ["foo,bar,root", "foo ,bar, root\t\t"] {
            let list: Vec<_> = list.split(',').collect();
            assert_eq!(sanitise(&list, false), ["root"], "{list:?}");
        }
        assert_eq!(sanitise(&[""], false), NONE);
        for (other, same) in
            [(NONE, false), (&["foo"], false), (&["bar", "foo"], true), (&["foo", "default", "bar"], true)]
        {
            assert_eq!(equivalent(&["foo", "bar"], other), same, "{other:?}");
        }
    }

    #[test]
    fn names_are_cleaned() {
        assert_eq!(sanitise(&["B", "a", " b ", "A", "", "  "], false), ["a", "b"]);
        assert_eq!(sanitise(&["ÄB", "äb"], false), ["äb"]);
        assert_eq!(sanitise(&["dev", "ROOT"], true), ["root"]);
        assert_eq!(sanitise(NONE, true), ["default"]);
    }

    #[test]
    fn comparison_ignores_case_empty_elements_and_default() {
        assert!(equivalent(&["Mixed", ""], &["default", "mixed"]));
        assert!(equivalent(NONE, &["default"]));
        assert!(!equivalent(&["root"], NONE));
        assert!(!equivalent(&["dev", "ops"], &["dev,ops"]));
    }
}
