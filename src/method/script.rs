//! A scripted Okta for the tests of logins and renewals: answers in short words, and a list of what was asked.

use super::calls::Calls;
use super::factors::tests::factors;
use crate::error::OktaDetail;
use crate::okta::{
    Answer, Challenge, FactorResult, Failure, FailureKind, Group, PasswordPolicy, StateToken, Transaction,
    User, UserStatus,
};
use crate::secret::Secret;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Answers of the authn API in order, and those of the two queries.
#[derive(Clone, Default)]
pub struct Script {
    answers: Arc<Mutex<VecDeque<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
    user: &'static str,
    groups: &'static str,
}

impl Script {
    /// Answers are `success`, `warn`, `warn noskip`, `required push OKTA,totp GOOGLE`, `challenge waiting 92`, `challenge waiting of push OKTA`,
    /// `enroll`, `expired`, `locked`, `refused`, `fails passcode E0000068`, `hangs`. ` as <id>` at the end names another user
    /// than `00u1fred`, ` as nobody` none.
    pub fn new(answers: &[&str]) -> Self {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Self { answers: Arc::new(Mutex::new(answers)), ..Self::default() }
    }

    /// The same with answers to the queries: `active` or another state, ` as <id>` for another user than asked for;
    /// names of groups, separated by commas. Both may be `fails …`.
    pub fn with_queries(self, user: &'static str, groups: &'static str) -> Self {
        Self { user, groups, ..self }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }

    fn note(&self, call: String) {
        self.asked.lock().expect("not poisoned").push(call);
    }

    async fn next(&self, call: String) -> Result<Transaction, Failure> {
        self.note(call);
        let answer = self.answers.lock().expect("not poisoned").pop_front();
        let answer = answer.expect("no more calls than answers");
        if answer == "hangs" {
            std::future::pending::<()>().await;
        }
        transaction(&answer)
    }
}

fn failure(words: &str) -> Failure {
    let (kind, code) = words.split_once(' ').unwrap_or((words, ""));
    let kind = match kind {
        "credentials" => FailureKind::CredentialsRefused,
        "passcode" => FailureKind::PasscodeRefused,
        "locked" => FailureKind::LockedOut,
        "transaction" => FailureKind::TransactionExpired,
        "token" => FailureKind::ApiTokenRefused,
        "notfound" => FailureKind::NotFound,
        "limit" => FailureKind::RateLimited,
        "unreachable" => FailureKind::Unreachable,
        _ => FailureKind::Other,
    };
    let error_code = (!code.is_empty()).then(|| code.to_owned());
    Failure {
        kind,
        okta: OktaDetail { error_code, ..OktaDetail::default() },
        text: "the API returned an error: why".into(),
        retry_after: None,
    }
}

fn transaction(answer: &str) -> Result<Transaction, Failure> {
    let (answer, id) = answer.split_once(" as ").unwrap_or((answer, "00u1fred"));
    let user = (id != "nobody").then(|| User { id: id.to_owned(), login: "fred@corp.test".into() });
    let (word, rest) = answer.split_once(' ').unwrap_or((answer, ""));
    let state_token = || StateToken::from("00state");
    Ok(match word {
        "success" => Transaction::Success { user: user.expect("a success names its user") },
        "warn" => {
            let skip = rest.is_empty().then(state_token);
            Transaction::PasswordWarn { skip, user, policy: PasswordPolicy::default() }
        }
        "required" => {
            let list: Vec<&str> = rest.split(',').filter(|text| !text.is_empty()).collect();
            Transaction::MfaRequired {
                state_token: state_token(),
                user,
                factors: factors(&list),
                expires_at: None,
            }
        }
        "challenge" => {
            let (rest, factor) = rest.split_once(" of ").unwrap_or((rest, ""));
            let (result, number) = rest.split_once(' ').unwrap_or((rest, ""));
            let result = match result {
                "waiting" => FactorResult::Waiting,
                "code" => FactorResult::Challenge,
                "accepted" => FactorResult::Success,
                "rejected" => FactorResult::Rejected,
                "timeout" => FactorResult::TimedOut,
                "" => FactorResult::Absent,
                _ => FactorResult::Failed,
            };
            Transaction::MfaChallenge(Box::new(Challenge {
                state_token: state_token(),
                user,
                factor: (!factor.is_empty()).then(|| factors(&[factor]).remove(0)),
                result,
                number: number.parse().ok(),
                expires_at: None,
            }))
        }
        "enroll" => Transaction::MfaEnroll { user, factors: Vec::new() },
        "expired" => Transaction::PasswordExpired { policy: PasswordPolicy::default() },
        "locked" => Transaction::LockedOut,
        "fails" => return Err(failure(rest)),
        _ => Transaction::Refused,
    })
}

impl Calls for Script {
    async fn authenticate(&self, username: &str, password: &Secret<String>) -> Result<Transaction, Failure> {
        self.next(format!("authn {username} {}", password.expose())).await
    }

    async fn verify_factor(
        &self,
        _: &StateToken,
        factor_id: &str,
        given: Answer,
    ) -> Result<Transaction, Failure> {
        self.next(match given {
            Answer::PassCode(code) => format!("verify {factor_id} {}", code.expose()),
            _ => format!("verify {factor_id}"),
        })
        .await
    }

    async fn poll(&self, _: &StateToken, factor_id: &str) -> Result<Transaction, Failure> {
        self.next(format!("poll {factor_id}")).await
    }

    async fn state(&self, _: &StateToken) -> Result<Transaction, Failure> {
        self.next("state".into()).await
    }

    async fn resend(&self, _: &StateToken, factor_id: &str) -> Result<Transaction, Failure> {
        self.next(format!("resend {factor_id}")).await
    }

    async fn previous(&self, _: &StateToken) -> Result<Transaction, Failure> {
        self.next("previous".into()).await
    }

    async fn cancel(&self, _: &StateToken) -> Result<(), Failure> {
        self.note("cancel".into());
        Ok(())
    }

    async fn skip(&self, _: &StateToken) -> Result<Transaction, Failure> {
        self.next("skip".into()).await
    }

    async fn user(&self, api_token: &Secret<String>, user_id: &str) -> Result<(User, UserStatus), Failure> {
        self.note(format!("user {user_id} {}", api_token.expose()));
        let (status, id) = self.user.split_once(" as ").unwrap_or((self.user, user_id));
        match status.strip_prefix("fails ") {
            Some(words) => Err(failure(words)),
            None => {
                let status = if status == "active" { UserStatus::Active } else { UserStatus::NotActive };
                Ok((User { id: id.to_owned(), login: String::new() }, status))
            }
        }
    }

    async fn user_groups(&self, api_token: &Secret<String>, user_id: &str) -> Result<Vec<Group>, Failure> {
        self.note(format!("groups {user_id} {}", api_token.expose()));
        if let Some(words) = self.groups.strip_prefix("fails ") {
            return Err(failure(words));
        }
        let names = self.groups.split(',').filter(|name| !name.is_empty());
        Ok(names.map(|name| Group { id: format!("00g{name}"), name: name.to_owned() }).collect())
    }
}

/// Runs a future of the network thread in a test.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(future)
}
