//! Runs every scenario in every language, and compares. Arguments: the folder of the scenarios, then for each language
//! its name and the command that starts its driver, in one text, split at blanks.

mod driver;
mod normal;
mod scenario;

use driver::Driver;
use okta_loopback::{API_TOKEN, Okta};
use scenario::{Scenario, Step};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let scenarios = Scenario::all(Path::new(&arguments.next().expect("the folder of the scenarios")));
    let mut languages: Vec<(String, Vec<String>)> = Vec::new();
    while let (Some(name), Some(command)) = (arguments.next(), arguments.next()) {
        languages.push((name, command.split(' ').map(str::to_owned).collect()));
    }
    let names: Vec<String> = languages.iter().map(|(name, _)| format!("{name:<8}")).collect();
    println!("{:<18}{}", "", names.concat());
    let mut failed = 0;
    for scenario in &scenarios {
        let runs: Vec<_> = languages.iter().map(|(_, command)| Run::of(scenario, command)).collect();
        let verdicts: Vec<&str> = runs.iter().map(|run| verdict(run, runs.first())).collect();
        let cells: Vec<String> = verdicts.iter().map(|verdict| format!("{verdict:<8}")).collect();
        println!("{:<18}{}", scenario.name, cells.concat());
        for ((language, _), (run, verdict)) in languages.iter().zip(runs.iter().zip(&verdicts)) {
            if *verdict != "ok" {
                failed += 1;
                let differing = runs[0].answers.iter().zip(&run.answers).filter(|(first, own)| first != own);
                let differing =
                    differing.map(|(first, own)| format!("{own}\n    where the first has {first}"));
                let reasons: Vec<String> = run.wrong.iter().cloned().chain(differing).collect();
                println!("  {language}:\n    {}", reasons.join("\n    "));
            }
        }
    }
    let passed = scenarios.len() * languages.len() - failed;
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || passed == 0))
}

fn verdict(run: &Run, first: Option<&Run>) -> &'static str {
    if !run.wrong.is_empty() {
        "wrong"
    } else if first.is_some_and(|first| first.answers != run.answers) {
        "differs"
    } else {
        "ok"
    }
}

/// A scenario in one language.
struct Run {
    /// What was answered, one line for each step.
    answers: Vec<String>,
    /// What should have been otherwise.
    wrong: Vec<String>,
}

impl Run {
    fn of(scenario: &Scenario, command: &[String]) -> Self {
        let world = World::new(scenario);
        let mut driver = Driver::start(command);
        let mut values = BTreeMap::from([
            ("url".to_owned(), world.okta.url().to_owned()),
            ("api_token".to_owned(), API_TOKEN.to_owned()),
        ]);
        let mut run = Self { answers: Vec::new(), wrong: Vec::new() };
        run.expect(200, None, driver.ask(&["open", &world.options]));
        for step in &scenario.steps {
            world.carry_out(step, &mut driver, &mut values, &mut run);
        }
        run.expect(0, None, driver.ask(&["close"]));
        driver.finish();
        run
    }

    fn expect(&mut self, status: i32, code: Option<&str>, (got, body): (i32, String)) {
        let body = normal::body(&body);
        let has_code = code.is_none_or(|code| body.contains(&format!("\"code\":\"{code}\"")));
        if got != status || !has_code {
            self.wrong.push(format!("{got} {body}, not {status} {}", code.unwrap_or_default()));
        }
        self.answers.push(format!("{got} {body}"));
    }
}

/// An Okta and a database of a run.
struct World {
    okta: Okta,
    options: String,
    folder: tempfile::TempDir,
}

impl World {
    fn new(scenario: &Scenario) -> Self {
        let okta = Okta::start();
        scenario.users.iter().for_each(|user| okta.put_user(user.clone()));
        okta.set_faults(scenario.faults.iter().cloned());
        okta.set(|settings| settings.show_lockouts = scenario.show_lockouts);
        let folder = tempfile::tempdir().expect("a folder");
        let options = json!({
            "storage": { "type": "sqlite", "path": folder.path().join("okta.db") },
            "ca_pem": okta.ca_pem(),
        });
        Self { okta, options: options.to_string(), folder }
    }

    fn carry_out(
        &self,
        step: &Step,
        driver: &mut Driver,
        values: &mut BTreeMap<String, String>,
        run: &mut Run,
    ) {
        let request = filled(&step.request, values);
        let code = step.code.as_deref();
        if let Some(operation) = &step.call {
            let (status, body) = driver.ask(&["call", operation, &request]);
            let answer: Value = serde_json::from_str(&body).unwrap_or_default();
            for (name, pointer) in &step.keep {
                let kept = answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                values.insert(name.clone(), kept.to_owned());
            }
            let named = values.iter().filter(|(_, value)| !value.is_empty());
            let body = named.fold(body, |body, (name, value)| body.replace(value, &format!("<{name}>")));
            let lacking = step.contains.iter().filter(|part| !body.contains(*part));
            run.wrong.extend(lacking.map(|part| format!("{operation} answered without {part}: {body}")));
            run.expect(step.status, code, (status, body));
        } else if let Some(operation) = &step.cancel {
            self.okta.take_calls();
            run.expect(0, None, driver.ask(&["start", operation, &request]));
            assert!(self.okta.wait_for_calls(step.after_calls, PATIENCE), "{operation} made no calls");
            run.expect(step.status, code, driver.ask(&["cancel"]));
        } else if step.restart {
            run.expect(0, None, driver.ask(&["close"]));
            assert!(self.folder.path().join("okta.db").exists());
            run.expect(200, None, driver.ask(&["open", &self.options]));
        } else if let Some(factor) = &step.passcode {
            let passcode = self.okta.passcode("fred@acme.com", factor).expect("a code");
            values.insert("passcode".to_owned(), passcode);
        }
    }
}

fn filled(request: &serde_json::Map<String, Value>, values: &BTreeMap<String, String>) -> String {
    let text = Value::from(request.clone()).to_string();
    values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
