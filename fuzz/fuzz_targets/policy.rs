//! Texts of policies, behind a line with a path that is decided on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use okta_auth::deadline::{Cancel, Deadline};
use okta_auth::json::Object;
use okta_auth::policy::{Acl, Asked, Attribute, Attributes, Capability, Form, Policy};
use std::sync::Arc;
use std::time::Duration;

struct Named<'n>(&'n str);

impl Attributes for Named<'_> {
    fn attribute(&self, _: &Attribute) -> Option<&str> {
        Some(self.0)
    }
}

fuzz_target!(|text: &str| {
    let Some((path, text)) = text.split_once('\n') else { return };
    let Ok((policy, _)) = Policy::compile("fuzzed", text) else { return };
    let acl = Acl::new(vec![Arc::new(policy)]);
    let data = Object::new();
    let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
    let of_any_case = Form::of_any_case(path);
    for who in [None, Some(&Named(path) as &dyn Attributes)] {
        let granted = acl.capabilities(path, None, who);
        assert!(!granted.is_empty() && (granted == ["deny"] || !granted.contains(&"deny")), "{granted:?}");
        for capability in Capability::ALL {
            let mut asked = Asked {
                capability: Some(capability),
                path,
                data: &data,
                fields: &[],
                wrap_ttl: Some(60),
                protected: false,
                one_form: None,
            };
            let decide = |asked: &Asked| acl.decide(asked, who, &deadline).expect("decided in time");
            let plain = decide(&asked);
            assert_eq!(plain.allowed, plain.reason.text() == "the rule grants it");
            assert!(!plain.allowed || capability != Capability::Deny);
            if capability == Capability::List {
                assert!(!plain.allowed || granted.contains(&"list"), "{granted:?}");
            }
            // Whatever is looked at besides, it only takes away.
            asked.one_form = Some(&of_any_case);
            assert!(plain.allowed || !decide(&asked).allowed);
            (asked.one_form, asked.protected) = (None, true);
            assert!(plain.allowed || !decide(&asked).allowed);
        }
        acl.reaches(path, who);
    }
});
