//! `auth/<mount>/…`: the Okta auth method, and the tokens that its logins get.

use crate::api::client::Core;
use crate::api::request::Verb;
use crate::api::router::{Call, Exchange, Finish, Names, Patience, Pattern, Route, Served};
use crate::api::routes::system::VALIDATION;
use crate::api::routes::transactions;
use crate::api::target::Access;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Kind};
use crate::method::{
    self, Authenticated, CONFIG_FIELDS, CONTINUE_FIELDS, Chosen, GROUP_FIELDS, Guess, LOGIN_FIELDS, Login,
    Method, OktaCalls, Pending, Reached, Renewed, START_FIELDS, Turn, USER_FIELDS, VERIFY_FIELDS,
};
use crate::mount::Mount;
use crate::okta::{Org, Origin};
use crate::reply::Reply;
use crate::storage::Batch;
use crate::token::{AliasOf, Grant, LoginTerms, Renewal, Tokens};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Routes below an Okta mount. The first that fits counts.
pub const ROUTES: &[Route] = &[
    Route {
        pattern: Pattern::Exact("config"),
        fields: CONFIG_FIELDS,
        // Vault validates a configuration in its existence check, which puts no prefix before the text.
        validation_prefix: "",
        handlers: &[
            (Verb::Read, |call| reading(call, |method| method.read_config())),
            (Verb::Update, |call| {
                writing(call, |method| method.write_config(&call.fields, !method.config_exists()?))
            }),
        ],
    },
    Route {
        pattern: Pattern::Capture("users/", "name", Names::AnyCase),
        fields: USER_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[
            (Verb::Read, |call| reading(call, |method| method.read_user(&call.capture("name")?))),
            (Verb::Update, |call| {
                writing(call, |method| method.write_user(&call.capture("name")?, &call.fields))
            }),
            (Verb::Delete, |call| writing(call, |method| method.delete_user(&call.capture("name")?))),
        ],
    },
    Route {
        pattern: Pattern::Capture("groups/", "name", Names::AnyCase),
        fields: GROUP_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[
            (Verb::Read, |call| reading(call, |method| method.read_group(&call.capture("name")?))),
            (Verb::Update, |call| {
                writing(call, |method| method.write_group(&call.capture("name")?, &call.fields))
            }),
            (Verb::Delete, |call| writing(call, |method| method.delete_group(&call.capture("name")?))),
        ],
    },
    Route {
        pattern: Pattern::Folder("users"),
        fields: &[],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::List, |call| reading(call, |method| method.list_users()))],
    },
    Route {
        pattern: Pattern::Folder("groups"),
        fields: &[],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::List, |call| reading(call, |method| method.list_groups()))],
    },
    Route {
        pattern: Pattern::Capture("login/", "username", Names::TypedBehind("")),
        fields: LOGIN_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, login)],
    },
    Route {
        pattern: Pattern::Exact("transactions"),
        fields: START_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, transactions::start)],
    },
    Route {
        pattern: Pattern::Capture("transactions/", "id", Names::Exact),
        fields: CONTINUE_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, transactions::step), (Verb::Delete, transactions::cancel)],
    },
    Route {
        pattern: Pattern::Capture("verify/", "nonce", Names::Exact),
        fields: VERIFY_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Read, |call| {
            reading(call, |method| method.verify(&call.core.nonces, &call.capture("nonce")?))
        })],
    },
    Route {
        pattern: Pattern::Exact("revoke"),
        fields: &[],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, |call| {
            revoking(call, |tokens, id| tokens.revoke_all(id, &call.deadline))
        })],
    },
    Route {
        pattern: Pattern::Capture("revoke/users/", "username", Names::Typed),
        fields: &[Field::new("username", Kind::String)],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, |call| {
            let user = call.capture("username")?;
            revoking(call, |tokens, id| tokens.revoke_user(id, &user, &call.deadline))
        })],
    },
    Route {
        pattern: Pattern::Capture("revoke/groups/", "name", Names::AnyCase),
        fields: &[Field::new("name", Kind::String)],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, |call| {
            let group = call.capture("name")?;
            revoking(call, |tokens, id| tokens.revoke_group(id, &group, &call.deadline))
        })],
    },
];

/// Who may come to a path below an Okta mount: to some whoever has no token yet. The id of a transaction is a secret
/// by itself.
pub fn access(rest: &str) -> Access {
    let open = rest == "transactions"
        || ["login/", "verify/", "transactions/"].iter().any(|folder| rest.starts_with(folder));
    if open { Access::Open } else { Access::Permitted }
}

/// Where a write below an Okta mount needs `create` as long as nothing is there: whether something is. `None` where
/// Vault does not tell one from the other, which is at all paths but that of the configuration.
pub fn exists(core: &Core, mount: &Mount, rest: &str, deadline: &Deadline) -> Result<Option<bool>> {
    if rest != "config" {
        return Ok(None);
    }
    let method = Method { barrier: &core.barrier, mount_id: &mount.id, guards: &[], deadline };
    method.config_exists().map(Some)
}

/// How long a request below an Okta mount may take: a login waits until its user has found his phone.
pub fn patience(rest: &str) -> Patience {
    if rest.starts_with("login/") { Patience::Person } else { Patience::Operation }
}

/// Renews the token of a login: Okta is asked first whether its user may go on.
pub fn renew(call: &Call, renewal: Renewal) -> Result<Served> {
    let gone = || Error::raised(403, Code::ReloginRequired, "the auth method of this token is disabled");
    let table = call.core.mounts.table(&call.deadline)?;
    let id = &renewal.record().mount_id;
    let mount =
        table.mounts().iter().find(|mount| mount.id == *id && !mount.disabling).ok_or_else(gone)?.clone();

    let remote = call.context.remote_address;
    let prepared = reader(call, &mount).prepare_renewal(remote)?;
    let premise = prepared.premise.clone();
    let calls = calls(call, &mount, premise.org.clone());
    let user_id = metadata(&renewal, method::OKTA_USER_ID).to_owned();
    let call = call.clone();
    let exchange: Exchange = Box::pin(async move {
        let groups = method::still_active(calls, prepared, user_id).await;
        let finish: Finish = Box::new(move || {
            let token = Renewed {
                username: metadata(&renewal, method::USERNAME),
                okta_user_id: metadata(&renewal, method::OKTA_USER_ID),
                policies: &renewal.record().policies,
            };
            let terms = reader(&call, &mount).finish_renewal(&premise, token, &groups?)?;
            let terms = LoginTerms {
                mount_ttls: mount.ttls(call.core.ttls),
                ttl: terms.ttl,
                max_ttl: terms.max_ttl,
                period: terms.period,
                groups: terms.mapped_groups,
                warnings: terms.warnings,
            };
            let renewed =
                call.core.tokens.renew(renewal, Some(terms), mount.ttls(call.core.ttls), &call.deadline);
            renewed.map(Served::from)
        });
        finish
    });
    Ok(Served::Exchange(exchange))
}

fn metadata<'a>(renewal: &'a Renewal, name: &str) -> &'a str {
    let metadata = renewal.record().meta.as_ref().and_then(|metadata| metadata.get(name));
    metadata.map_or("", String::as_str)
}

fn login(call: &Call) -> Result<Served> {
    call.trail.user_name(&call.capture("username")?);
    let prepared = reader(call, call.mount()?).prepare_login(&call.fields, call.context.remote_address)?;
    let calls = calls(call, call.mount()?, prepared.org().clone());
    let (attempt, pending) = prepared.split();
    // Nothing of what the user gave is kept here while he is waited for.
    let call = Call { fields: Arc::default(), ..call.clone() };
    let username = pending.username().to_owned();
    in_turn(call, username, |call, guess| {
        let guess = guess?;
        // Boxed, as a future that is awaited takes its room twice, and thousands of these may be under way.
        let answer = Box::pin(method::authenticate(calls, attempt));
        let exchange: Exchange = Box::pin(async move {
            let answer = answer.await;
            let finish: Finish = Box::new(move || match counted(&call, &pending, answer)? {
                Reached::Passed(authenticated) => log_in(&call, pending, authenticated),
                Reached::Factor(chosen) => take_factor(call, pending, *chosen, guess),
            });
            finish
        });
        Ok(Served::Exchange(exchange))
    })
}

/// Goes on with a guess of a user's password or code as soon as he may have another one under way; or with why he may
/// have none, so that Okta is not asked any more where he is locked meanwhile.
pub(super) fn in_turn(
    call: Call,
    username: String,
    go_on: impl FnOnce(Call, Result<Guess>) -> Result<Served> + Send + 'static,
) -> Result<Served> {
    let begun = call.core.guesses.begin(&call.mount()?.id, &username);
    unless_too_many(begun, call, username, go_on)
}

fn unless_too_many(
    begun: std::result::Result<Guess, Turn>,
    call: Call,
    username: String,
    go_on: impl FnOnce(Call, Result<Guess>) -> Result<Served> + Send + 'static,
) -> Result<Served> {
    let turn = match begun {
        Err(turn) => turn,
        Ok(guess) => match transactions::act(&call, |transactions| transactions.admit_user(&username)) {
            Err(error) => return go_on(call, Err(error)),
            Ok(left) => match guess.unless_too_many(left) {
                Ok(guess) => return go_on(call, Ok(guess)),
                Err(turn) => turn,
            },
        },
    };
    let exchange: Exchange = Box::pin(async move {
        turn.come().await;
        let finish: Finish = Box::new(move || unless_too_many(Ok(turn.begin()), call, username, go_on));
        finish
    });
    Ok(Served::Exchange(exchange))
}

/// The second factor of a login; what is sent to the user is counted first.
fn take_factor(call: Call, pending: Pending, chosen: Chosen, guess: Guess) -> Result<Served> {
    call.trail.user(chosen.user());
    call.trail.factor(Some(chosen.factor()));
    // A code is a guess as well; a push is none, and may be waited for long.
    let guess = (!chosen.sends()).then_some(guess);
    if chosen.sends() {
        transactions::act(&call, |transactions| transactions.count_login(&pending, &chosen))?;
    }
    let calls = calls(&call, call.mount()?, pending.org().clone());
    let (nonces, clock) = (call.core.nonces.clone(), call.core.clock.clone());
    let answer = Box::pin(chosen.take(calls, nonces, clock, call.deadline.clone()));
    let exchange: Exchange = Box::pin(async move {
        let answer = answer.await;
        let finish: Finish = Box::new(move || {
            let authenticated = counted(&call, &pending, answer)?;
            drop(guess);
            log_in(&call, pending, authenticated)
        });
        finish
    });
    Ok(Served::Exchange(exchange))
}

/// What Okta said, which is counted where it called something wrong.
fn counted<T>(call: &Call, pending: &Pending, answer: Result<T>) -> Result<T> {
    if let Err(error) = &answer {
        // It has failed already.
        let _ = transactions::act(call, |transactions| {
            transactions.count_refusal(pending.username(), error);
            Ok(())
        });
    }
    answer
}

fn log_in(call: &Call, pending: Pending, authenticated: Authenticated) -> Result<Served> {
    let login = reader(call, call.mount()?).finish_login(pending, authenticated)?;
    Ok(Some(issue(call, login, &mut |_| Ok(()))?).into())
}

/// The token of a login, in the one commit that its answer waits for, together with what `complete` adds to it.
/// It remembers the path of a login under the trimmed name, whichever way it came: the id of a transaction is a secret.
pub(super) fn issue(
    call: &Call,
    login: Login,
    complete: &mut dyn FnMut(&mut Batch) -> Result<()>,
) -> Result<Reply> {
    call.trail.user(Some(&login.user));
    let (mount, username) = (call.mount()?, login.username.clone());
    let grant = Grant {
        alias: AliasOf {
            mount_id: &mount.id,
            mount_accessor: &mount.accessor,
            user_id: &login.user.id,
            name: &login.user.login,
            typed: &login.username,
            metadata: BTreeMap::from([(method::OKTA_USER_ID.to_owned(), login.user.id.clone())]),
            role: None,
            batch_until: None,
        },
        mount_ttls: mount.ttls(call.core.ttls),
        path: format!("auth/{}login/{}", mount.path, login.username),
        display_name: format!("{}-{}", mount.display_prefix(), login.display_name),
        metadata: login.metadata,
        policies: login.policies,
        settings: &login.token,
        groups: login.mapped_groups,
        // The mount's tuning stands above the method's configuration (Vault).
        batch: mount.config.token_type.is_batch(login.token.token_type),
        renewable: login.renewable,
    };
    let mut prepare = |batch: &mut Batch| {
        batch.checks.push(call.core.mounts.still_enabled(mount, &call.deadline)?);
        transactions::act(call, |transactions| transactions.forgive(&username, batch))?;
        complete(batch)
    };
    let (auth, ttl_warnings) = call.core.tokens.issue(grant, &mut prepare, &call.deadline)?;
    let mut warnings = login.warnings;
    warnings.extend(ttl_warnings);
    // Vault's login answers an empty object, not null.
    Ok(Reply { data: Some(Default::default()), auth: Some(auth), warnings, ..Reply::default() })
}

/// The calls to the mount's Okta on behalf of whoever asks. His own address goes along only where the mount's
/// tuning passes the header through.
pub(super) fn calls(call: &Call, mount: &Mount, org: Org) -> OktaCalls {
    let passes = |header: &String| header.eq_ignore_ascii_case("X-Forwarded-For");
    let passed = mount.config.passthrough_request_headers.iter().any(passes);
    let origin = Origin {
        user_agent: call.context.user_agent.clone(),
        forwarded_for: call.forwarded_for.as_deref().filter(|_| passed).map(str::to_owned),
    };
    OktaCalls { client: call.core.okta.within(&call.deadline), org, origin }
}

/// The method of a mount, for requests that only read below it.
pub(super) fn reader<'a>(call: &'a Call, mount: &'a Mount) -> Method<'a> {
    Method { barrier: &call.core.barrier, mount_id: &mount.id, guards: &[], deadline: &call.deadline }
}

/// Ends tokens of others, which needs more than a policy that covers the mount.
fn revoking(call: &Call, act: impl FnOnce(&Tokens, &str) -> Result<Option<Reply>>) -> Result<Served> {
    if !call.caller()?.has_sudo() {
        return Err(Error::permission_denied());
    }
    Ok(act(&call.core.tokens, &call.mount()?.id)?.into())
}

fn reading(call: &Call, act: impl FnOnce(Method) -> Result<Option<Reply>>) -> Result<Served> {
    Ok(act(reader(call, call.mount()?))?.into())
}

/// For requests that write: nothing is written below a mount that is gone.
fn writing(call: &Call, act: impl FnOnce(Method) -> Result<Option<Reply>>) -> Result<Served> {
    let mount = call.mount()?;
    let guards = [call.core.mounts.still_enabled(mount, &call.deadline)?];
    Ok(act(Method { guards: &guards, ..reader(call, mount) })?.into())
}
