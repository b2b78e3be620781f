//! `auth/<mount>/transactions`: a login in steps, none of which waits for a person.

use super::okta::{calls, in_turn, issue, reader};
use crate::api::router::{Call, Exchange, Finish, Served};
use crate::api::trail::Trail;
use crate::error::Result;
use crate::method::{Guess, Method, Next, Transactions};
use crate::mount::Mount;
use crate::reply::Reply;
use crate::storage::Check;
use std::pin::Pin;

/// `POST auth/<mount>/transactions`
pub fn start(call: &Call) -> Result<Served> {
    call.trail.user_name(&call.fields.string_or_empty("username")?);
    let started = act(call, |transactions| transactions.start(&call.fields, call.context.remote_address))?;
    let calls = calls(call, call.mount()?, started.org().clone());
    let username = started.username().to_owned();
    in_turn(call.clone(), username, |call, guess| {
        let guess = Some(guess?);
        Ok(ask(&call, guess, Box::pin(started.run(calls)), |trail, transactions, begun| {
            trail.user(begun.user());
            transactions.begin(begun)
        }))
    })
}

/// `POST auth/<mount>/transactions/<id>`
pub fn step(call: &Call) -> Result<Served> {
    match act(call, |transactions| transactions.guesser(&call.fields))? {
        // Who may have no guess is told so with the state of the transaction.
        Some(username) => in_turn(call.clone(), username, |call, guess| take(&call, guess.ok())),
        None => take(call, None),
    }
}

fn take(call: &Call, guess: Option<Guess>) -> Result<Served> {
    let next = act(call, |transactions| transactions.go_on(&call.fields, call.context.remote_address))?;
    go_on(call, guess, next)
}

/// `DELETE auth/<mount>/transactions/<id>`
pub fn cancel(call: &Call) -> Result<Served> {
    let cancelled = act(call, |transactions| transactions.cancel(&call.fields, call.context.remote_address))?;
    let calls = calls(call, call.mount()?, cancelled.org().clone());
    let exchange: Exchange = Box::pin(async move {
        cancelled.tell(calls).await;
        let finish: Finish = Box::new(|| Ok(None.into()));
        finish
    });
    Ok(Served::Exchange(exchange))
}

fn go_on(call: &Call, guess: Option<Guess>, next: Next) -> Result<Served> {
    let step = match next {
        Next::Open(data) => {
            return Ok(Some(Reply { status: Some(202), ..Reply::data(data) }).into());
        }
        Next::Passed(finished) => {
            let (login, done) = act(call, |transactions| transactions.finish(*finished))?;
            let issued = issue(call, login, &mut |batch| {
                act(call, |transactions| transactions.complete(&done, batch))
            });
            return match issued {
                Ok(reply) => Ok(Some(Reply { data: Some(done.data()), ..reply }).into()),
                Err(error) => act(call, |transactions| Err(transactions.give_up(&done, error))),
            };
        }
        Next::Ask(step) => step,
    };
    call.trail.user_name(step.username());
    call.trail.factor(step.factor());
    let calls = calls(call, call.mount()?, step.org().clone());
    Ok(ask(call, guess, Box::pin(step.run(calls)), |trail, transactions, asked| {
        trail.user(asked.user());
        transactions.settle(asked)
    }))
}

/// Has a conversation with Okta, notes what came of it, and goes on from there. A guess is under way until it is noted.
fn ask<T: Send + 'static>(
    call: &Call,
    guess: Option<Guess>,
    conversation: Pin<Box<impl Future<Output = T> + Send + 'static>>,
    note: fn(&Trail, Transactions, T) -> Result<Next>,
) -> Served {
    let call = call.clone();
    let exchange: Exchange = Box::pin(async move {
        let answer = conversation.await;
        let finish: Finish = Box::new(move || {
            let next = act(&call, |transactions| note(&call.trail, transactions, answer))?;
            drop(guess);
            go_on(&call, None, next)
        });
        finish
    });
    Served::Exchange(exchange)
}

/// Nothing is written below a mount that is gone.
pub(super) fn act<T>(call: &Call, act: impl FnOnce(Transactions) -> Result<T>) -> Result<T> {
    act_at(call, call.mount()?, act)
}

/// The same for the transactions of this mount, whichever the request is below.
pub(super) fn act_at<T>(
    call: &Call,
    mount: &Mount,
    act: impl FnOnce(Transactions) -> Result<T>,
) -> Result<T> {
    let guards: [Check; 1] = [call.core.mounts.still_enabled(mount, &call.deadline)?];
    let method = Method { guards: &guards, ..reader(call, mount) };
    act(Transactions {
        method,
        clock: &call.core.clock,
        given_up: &call.core.given_up,
        lockout: mount.lockout(),
    })
}
