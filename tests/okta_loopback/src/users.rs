//! Users as a test describes them, and the reads of the users API.

use crate::answer::Answer;
use crate::factors::Factor;
use crate::state::{Account, Shared, World, locked};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// A user. Everything but the login has a default, so a control request needs to name only what matters.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Unique without regard to letter case. Authn also takes what stands before `@` where it is unambiguous.
    pub login: String,
    /// The password.
    #[serde(default)]
    pub password: String,
    /// Okta's id; made from the login when empty.
    #[serde(default)]
    pub id: String,
    /// `ACTIVE` and the other user statuses of Okta; `LOCKED_OUT` is shown or hidden as
    /// [`crate::Settings::show_lockouts`] says, any other but `ACTIVE` cannot log in.
    #[serde(default = "active")]
    pub status: String,
    /// How the password stands when it is right.
    #[serde(default)]
    pub password_state: PasswordState,
    /// Whether an enrolment is asked for at the end.
    #[serde(default)]
    pub enrollment: Enrollment,
    /// Second factors; with at least one, MFA is required unless `mfa` is false.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// False: the factors are enrolled, but no policy asks for them.
    #[serde(default = "yes")]
    pub mfa: bool,
    /// Groups in the order Okta lists them.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Something else than SUCCESS at the end.
    #[serde(default)]
    pub outcome: Outcome,
}

/// How a right password stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordState {
    /// In order.
    #[default]
    Good,
    /// PASSWORD_WARN, but only for a client that asks with `options.warnBeforePasswordExpired`.
    Warn,
    /// PASSWORD_WARN whether asked for or not.
    WarnAlways,
    /// PASSWORD_WARN without a `skip` link.
    WarnWithoutSkip,
    /// PASSWORD_EXPIRED.
    Expired,
}

/// Whether the user must or may enrol a factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enrollment {
    /// Nothing to enrol.
    #[default]
    None,
    /// MFA_ENROLL with a `skip` link.
    Optional,
    /// MFA_ENROLL without a way round.
    Required,
}

/// What the last step answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// SUCCESS.
    #[default]
    Success,
    /// SUCCESS with `recoveryType: UNLOCK`, which is no login.
    Unlock,
    /// SUCCESS without `_embedded.user`.
    NoUser,
    /// SUCCESS that names this user id instead.
    OtherUser(String),
    /// Another status, such as `SOME_STATUS`.
    Status(String),
    /// HTTP 401 with a body that says SUCCESS.
    SuccessWith401,
}

/// A group of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `profile.name`.
    pub name: String,
    /// Made from the name and type when empty.
    #[serde(default)]
    pub id: String,
    /// `OKTA_GROUP`, `APP_GROUP` or `BUILT_IN`.
    #[serde(default = "okta_group", rename = "type")]
    pub kind: String,
    /// `profile.description`, null where there is none.
    #[serde(default)]
    pub description: Option<String>,
}

fn active() -> String {
    "ACTIVE".to_owned()
}

fn yes() -> bool {
    true
}

fn okta_group() -> String {
    "OKTA_GROUP".to_owned()
}

impl User {
    /// An active user with a good password, without factors and groups.
    pub fn new(login: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            login: login.into(),
            password: password.into(),
            id: String::new(),
            status: active(),
            password_state: PasswordState::default(),
            enrollment: Enrollment::default(),
            factors: Vec::new(),
            mfa: true,
            groups: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    /// The same with this id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// The same with this status.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }

    /// The same with one more factor.
    pub fn factor(mut self, factor: Factor) -> Self {
        self.factors.push(factor);
        self
    }

    /// The same in one more group.
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.groups.push(Group::new(name));
        self
    }

    /// The same in these groups too.
    pub fn groups<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.groups.extend(names.into_iter().map(Group::new));
        self
    }

    /// The same with this password state.
    pub fn password_state(mut self, state: PasswordState) -> Self {
        self.password_state = state;
        self
    }

    /// The same with this enrolment.
    pub fn enrollment(mut self, enrollment: Enrollment) -> Self {
        self.enrollment = enrollment;
        self
    }

    /// The same with this outcome.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// `_embedded.user` of an authn answer.
    pub(crate) fn embedded(&self) -> Value {
        json!({ "id": self.id, "passwordChanged": "2030-11-05T07:00:00.000Z", "profile": self.profile() })
    }

    fn profile(&self) -> Value {
        let short = self.login.split('@').next().unwrap_or_default();
        json!({ "login": self.login, "firstName": short, "lastName": "Loopback", "locale": "en",
                "timeZone": "UTC" })
    }
}

impl Group {
    /// An Okta group without description.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), id: String::new(), kind: okta_group(), description: None }
    }

    /// The same group mastered by an application (Active Directory, say): `APP_GROUP`.
    pub fn of_app(mut self) -> Self {
        self.kind = "APP_GROUP".to_owned();
        self
    }

    /// An element of the list that Okta answers.
    pub(crate) fn shown(&self, origin: &str) -> Value {
        let class =
            if self.kind == "APP_GROUP" { "okta:windows_security_principal" } else { "okta:user_group" };
        json!({ "id": self.id, "created": "2030-01-01T00:00:00.000Z", "lastUpdated": "2030-01-01T00:00:00.000Z",
                "lastMembershipUpdated": "2031-03-30T10:11:12.000Z", "objectClass": [class], "type": self.kind,
                "profile": { "name": self.name, "description": self.description },
                "_links": { "logo": [],
                            "users": { "href": format!("{origin}/api/v1/groups/{}/users", self.id) },
                            "apps": { "href": format!("{origin}/api/v1/groups/{}/apps", self.id) } } })
    }
}

/// `GET /api/v1/users/{id}`.
pub(crate) async fn read(
    State(okta): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let world = locked(&okta.world);
    let account = match addressed(&world, &id, &headers) {
        Ok(account) => account,
        Err(refusal) => return refusal,
    };
    let user = &account.user;
    let mut profile = user.profile();
    profile["email"] = json!(user.login);
    Answer::json(
        200,
        &json!({ "id": user.id, "status": account.status(), "created": "2030-01-01T00:00:00.000Z",
                 "activated": "2030-01-01T00:00:00.000Z", "statusChanged": "2030-01-01T00:00:00.000Z",
                 "lastLogin": null, "lastUpdated": "2030-01-01T00:00:00.000Z",
                 "passwordChanged": "2030-11-05T07:00:00.000Z", "type": { "id": "oty1" },
                 "profile": profile,
                 "credentials": { "password": {}, "provider": { "type": "OKTA", "name": "OKTA" } },
                 "_links": { "self": { "href": format!("{}/api/v1/users/{}", okta.origin, user.id) } } }),
    )
}

/// The account that a users path names, for the owner of a sufficient API token.
pub(crate) fn addressed<'w>(world: &'w World, id: &str, headers: &HeaderMap) -> Result<&'w Account, Answer> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization
        .and_then(|value| value.strip_prefix("SSWS "))
        .and_then(|token| world.tokens.get(token))
        .ok_or_else(Answer::invalid_token)?;
    if !token.allowed {
        let text = "You do not have permission to perform the requested action";
        return Err(Answer::error(403, "E0000006", text, &[]));
    }
    let id = if id == "me" { token.owner.as_str() } else { id };
    world
        .ids
        .get(id)
        .and_then(|login| world.accounts.get(login))
        .or_else(|| world.account(id))
        .ok_or_else(|| Answer::not_found(&format!("{id} (User)")))
}
