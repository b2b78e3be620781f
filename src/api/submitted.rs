//! A submitted call on its way: a task of the network thread, which also keeps its deadline and hears its cancel. What
//! waits for the storage is done by the worker meanwhile.

use super::NoAnswer;
use super::carry_out::{Admitted, Outcome, Step};
use super::client::Core;
use super::tickets::{Ticket, Tickets};
use crate::deadline::{Deadline, Interrupted};
use crate::in_flight::InFlight;
use crate::threads::panics_caught;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a task works with.
pub struct Submitted {
    /// Everything that is kept and shared.
    pub core: Arc<Core>,
    /// Where the outcome goes.
    pub tickets: Arc<Tickets>,
    /// Whose outcome it is.
    pub ticket: Ticket,
    /// The task and its jobs are inside of this, so that whoever closes can wait until no request leaves any more.
    pub inside: Arc<InFlight>,
}

/// What the worker does of a call.
type Job = Box<dyn FnOnce() -> Step + Send>;

impl Submitted {
    /// Carries out a call and puts its outcome into the ticket, whatever happens.
    pub fn carry_out(self, admitted: Admitted) -> impl Future<Output = ()> + Send {
        let inside = self.inside.enter();
        // Also when the task is dropped with its runtime.
        let ticket = Finishing { tickets: Arc::clone(&self.tickets), ticket: self.ticket };
        // Boxed, as a future that is awaited takes its room twice.
        let outcome = Box::pin(self.go_through(admitted));
        async move {
            let outcome = panics_caught(outcome).await;
            ticket.tickets.finish(ticket.ticket, outcome.unwrap_or(Err(NoAnswer::Panicked)));
            drop((ticket, inside));
        }
    }

    /// No async function, as the arguments of one take their room twice.
    fn go_through(self, admitted: Admitted) -> impl Future<Output = Outcome> + Send {
        let (mut deadline, late) = (admitted.deadline().clone(), admitted.late());
        let mut job: Job = Box::new(move || admitted.begin());
        async move {
            let why = loop {
                // Boxed, so that it takes no room while a user is waited for.
                let mut work = Box::pin(self.work(job));
                let (mut exchange, rest) = match within(&deadline, work.as_mut()).await.flatten() {
                    Ok(Step::Ended(outcome)) => return outcome,
                    Ok(Step::Exchange(exchange, rest)) => (exchange, rest),
                    Err(why) => break why,
                };
                deadline = rest.deadline().clone();
                self.tickets.ends_by(self.ticket, deadline.at());
                job = match within(&deadline, exchange.as_mut()).await {
                    Ok(finish) => Box::new(move || rest.go_on(finish)),
                    Err(why) => break why,
                };
            };
            let (outcome, log) = late.outcome(why);
            // Not here: the host's log function may take its time.
            self.core.worker.post(log);
            outcome
        }
    }

    /// Does a job on the worker; the client is not closed before it is done.
    async fn work(&self, job: Job) -> Result<Step, Interrupted> {
        let inside = self.inside.enter();
        let job = move || {
            let result = job();
            drop(inside);
            result
        };
        self.core.worker.run(job).await
    }
}

/// Ends a ticket when dropped, if it has not ended yet.
struct Finishing {
    tickets: Arc<Tickets>,
    ticket: Ticket,
}

impl Drop for Finishing {
    fn drop(&mut self) {
        self.tickets.finish(self.ticket, Err(NoAnswer::Cancelled));
    }
}

async fn within<T>(
    deadline: &Deadline,
    work: Pin<&mut (impl Future<Output = T> + ?Sized)>,
) -> Result<T, Interrupted> {
    tokio::select! {
        biased;
        // First, so that nothing goes on that is cancelled.
        () = deadline.cancel().cancelled() => Err(Interrupted::Cancelled),
        result = work => Ok(result),
        () = tokio::time::sleep_until(deadline.at().into()) => Err(Interrupted::TimedOut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Client, Ticket};
    use crate::deadline::Cancel;

    /// Ten thousand of them may wait in one process. What is boxed inside them is measured by `make bench`.
    #[test]
    fn the_futures_of_a_login_are_small() {
        let client = Client::open(b"").expect("opens");
        let configuration = br#"{"org_url":"http://127.0.0.1:1"}"#;
        assert_eq!(client.call("configure", configuration).expect("an answer").status, 204);
        let admitted = || {
            let login = br#"{"username":"fred","password":"good"}"#;
            Admitted::new(client.core(), "login", login, Cancel::default()).ok().expect("let in")
        };
        let Step::Exchange(exchange, rest) = admitted().begin() else { panic!("no exchange") };
        let (core, tickets) = (client.core().clone(), Arc::default());
        let submitted = Submitted { core, tickets, ticket: Ticket::of_number(1), inside: Arc::default() };
        let task = submitted.carry_out(admitted());
        let sizes = [size_of_val(&*exchange), size_of_val(&rest), size_of_val(&task)];
        assert!(sizes.iter().sum::<usize>() < 1_024, "{sizes:?}");
    }
}
