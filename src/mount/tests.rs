//! How mounts are tuned, as Vault checks it.

use super::*;
use crate::deadline::Cancel;
use crate::field::Fields;
use crate::json;
use crate::secret::Secret;
use crate::storage::MemoryStorage;
use std::time::Duration;

const SYSTEM: Ttls = Ttls { default: 7_200, max: 36_000 };

fn fields(schema: &'static [crate::field::Field], text: &str) -> Fields {
    Fields::new(schema, json::parse(text).expect("valid JSON").as_object().expect("an object").clone())
}

#[test]
fn a_default_above_the_greatest_ttl_is_refused_from_the_start() {
    let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
    let engine = Box::new(MemoryStorage::default());
    let barrier = Barrier::open(engine, &Secret::new([7; 32]), &deadline).expect("opened");
    let mounts = Mounts::open(Arc::new(barrier), &[], &deadline).expect("opened");
    for (number, (config, tuning, refusal)) in [
        (r#"{"default_lease_ttl":36000}"#, "{}", ""),
        (
            r#"{"default_lease_ttl":36001}"#,
            "",
            "given default lease TTL greater than system max lease TTL of 36000",
        ),
        (r#"{"default_lease_ttl":40000,"max_lease_ttl":40000}"#, "{}", ""),
        (
            r#"{"default_lease_ttl":40001,"max_lease_ttl":40000}"#,
            "",
            "given default lease TTL greater than given max lease TTL",
        ),
        // A maximum below the default of the system cuts that.
        (r#"{"max_lease_ttl":60}"#, r#"{"description":"short"}"#, ""),
        (
            r#"{"max_lease_ttl":60}"#,
            r#"{"default_lease_ttl":61}"#,
            "backend max lease TTL of 60 would be less than backend default lease TTL of 61",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("m{number}");
        let request = fields(ENABLE_FIELDS, &format!("{{\"type\":\"okta\",\"config\":{config}}}"));
        let mut answer = mounts.write_enable(&path, &request, SYSTEM, &deadline);
        if !tuning.is_empty() {
            assert!(answer.is_ok(), "{config}");
            answer = mounts.write_tuning(&path, &fields(TUNE_FIELDS, tuning), SYSTEM, &deadline);
        }
        let text = answer.err().map(|error| error.text().unwrap_or_default().to_owned());
        assert_eq!(text.unwrap_or_default(), refusal, "{config} {tuning}");
    }
}
