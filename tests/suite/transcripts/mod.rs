//! What a real Vault answers, replayed through the door behind `okta_auth_request`.

mod compare;
mod expectation;
mod left_out;
mod marks;
mod over_http;
mod replay;
mod scenario;

use left_out::{LeftOut, Steps};
use okta_auth::api::{Client, NoAnswer};
use okta_auth::clock::Clock;
use okta_loopback::Okta;
use replay::{Door, Verdict};
use scenario::Scenario;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Scenarios that run at the same time.
const WORKERS: usize = 4;

/// How many steps of a topic went which way.
#[derive(Default)]
struct Count {
    compared: usize,
    mended: usize,
    left_out: usize,
}

#[test]
fn transcripts_replay() {
    replay_and_judge("transcripts", &scenario::all(), WORKERS, Library::open);
}

/// Fails where a step is neither right nor left out.
fn replay_and_judge(
    title: &str,
    scenarios: &[Scenario],
    workers: usize,
    open: impl Fn(&Okta) -> Result<Arc<dyn Door>, String> + Sync,
) {
    let list = left_out::list();
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (scenario, verdicts) in scenarios.iter().zip(replay_all(scenarios, workers, &open)) {
        let entries: Vec<_> = list.iter().filter(|entry| entry.names(&scenario.name)).collect();
        let count = counts.entry(scenario.topic()).or_default();
        wrong.extend(judge(scenario, &verdicts, &entries, count));
    }
    for entry in &list {
        if !scenario::all().iter().any(|scenario| entry.names(&scenario.name)) {
            wrong.push(format!("left_out.json: there is no scenario {}", entry.scenario));
        }
    }
    report(title, &counts);
    assert!(wrong.is_empty(), "{title}: {} steps are not right:\n{}", wrong.len(), wrong.join("\n"));
}

fn replay_all(
    scenarios: &[Scenario],
    workers: usize,
    open: &(impl Fn(&Okta) -> Result<Arc<dyn Door>, String> + Sync),
) -> Vec<Vec<Verdict>> {
    let next = AtomicUsize::new(0);
    let results: Vec<_> = scenarios.iter().map(|_| Mutex::new(Vec::new())).collect();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = AssertUnwindSafe(|| replay::replay(scenario, open));
                    let verdicts = catch_unwind(run).unwrap_or_else(|_| {
                        let panicked = |_| Verdict::Blocked("a panic".to_owned());
                        scenario.steps.iter().map(panicked).collect()
                    });
                    let index = scenarios.iter().position(|other| other.name == scenario.name);
                    *results[index.unwrap()].lock().unwrap() = verdicts;
                }
            });
        }
    });
    results.into_iter().map(|verdicts| verdicts.into_inner().unwrap()).collect()
}

/// Counts the steps of a scenario and tells what is wrong with them.
fn judge(scenario: &Scenario, verdicts: &[Verdict], list: &[&LeftOut], count: &mut Count) -> Vec<String> {
    let mut wrong = Vec::new();
    let passes = |verdict: &Verdict| matches!(verdict, Verdict::Compared | Verdict::Mended);
    for (index, verdict) in verdicts.iter().enumerate() {
        let place = format!("{}#{index}", scenario.name);
        let entries: Vec<_> = list.iter().filter(|entry| entry.has(index)).collect();
        let one_by_one = entries.iter().any(|entry| matches!(entry.steps, Steps::These(_)));
        match verdict {
            _ if !entries.is_empty() && !passes(verdict) => count.left_out += 1,
            _ if one_by_one => wrong.push(format!("{place}: is left out, but right")),
            _ if !entries.is_empty() => count.left_out += 1,
            Verdict::Compared => count.compared += 1,
            Verdict::Mended => count.mended += 1,
            Verdict::Differs(found) => {
                wrong.extend(found.iter().map(|difference| format!("{place}: {}", difference.0)));
            }
            Verdict::Blocked(reason) => wrong.push(format!("{place}: not sent: {reason}")),
        }
    }
    let wholly = list.iter().any(|entry| matches!(entry.steps, Steps::All(_)));
    if wholly && verdicts.iter().all(passes) {
        wrong.push(format!("{}: is left out, but all of its steps are right", scenario.name));
    }
    wrong
}

/// Prints the counts, past the test runner, which would keep them from whoever has no failure.
fn report(title: &str, counts: &BTreeMap<&str, Count>) {
    let mut text = format!("{title}: steps compared, mended, left out\n");
    let mut total = Count::default();
    for (topic, count) in counts {
        text += &format!("  {topic:10} {:5} {:5} {:5}\n", count.compared, count.mended, count.left_out);
        total.compared += count.compared;
        total.mended += count.mended;
        total.left_out += count.left_out;
    }
    text += &format!("  {:10} {:5} {:5} {:5}\n", "total", total.compared, total.mended, total.left_out);
    // A closed stderr is no reason to fail.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// What the library is opened with.
fn options(okta: &Okta) -> Value {
    json!({ "ca_pem": okta.ca_pem(), "request_timeout_ms": 5_000, "login_timeout_ms": 90_000 })
}

/// The library, with a clock of its own.
struct Library {
    client: Client,
    clock: Clock,
}

impl Library {
    fn open(okta: &Okta) -> Result<Arc<dyn Door>, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let clock = Clock::driven(i64::try_from(now).unwrap());
        let client = Client::open_with_clock(options(okta).to_string().as_bytes(), clock.clone())
            .map_err(|why| format!("{why:?}"))?;
        Ok(Arc::new(Self { client, clock }))
    }

    fn answer(answer: Result<okta_auth::api::Answer, NoAnswer>) -> Result<(u16, Vec<u8>), String> {
        answer.map(|answer| (answer.status, answer.body.to_vec())).map_err(|none| format!("{none:?}"))
    }
}

impl Door for Library {
    fn request(&self, envelope: &Value) -> Result<(u16, Vec<u8>), String> {
        Self::answer(self.client.request(envelope.to_string().as_bytes()))
    }

    fn root_token(&self) -> Result<(String, String), String> {
        let request = json!({ "policies": ["root"] });
        let (_, body) = Self::answer(self.client.call("create_token", request.to_string().as_bytes()))?;
        let body: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let text = |name: &str| {
            body["auth"][name].as_str().map(str::to_owned).ok_or(format!("no root token in {body}"))
        };
        Ok((text("client_token")?, text("accessor")?))
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}
