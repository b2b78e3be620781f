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

impl Submitted {
    /// Carries out a call and puts its outcome into the ticket, whatever happens.
    pub fn carry_out(self, admitted: Admitted) -> impl Future<Output = ()> + Send {
        let inside = self.inside.enter();
        // Also when the task is dropped with its runtime.
        let ticket = Finishing { tickets: Arc::clone(&self.tickets), ticket: self.ticket };
        async move {
            let outcome = panics_caught(self.go_through(admitted)).await;
            ticket.tickets.finish(ticket.ticket, outcome.unwrap_or(Err(NoAnswer::Panicked)));
            drop((ticket, inside));
        }
    }

    async fn go_through(&self, admitted: Admitted) -> Outcome {
        let mut deadline = admitted.deadline().clone();
        let late = admitted.late();
        let mut step = within(&deadline, self.work(move || admitted.begin())).await;
        loop {
            let (exchange, rest) = match step {
                Ok(Step::Ended(outcome)) => return outcome,
                Ok(Step::Exchange(exchange, rest)) => (exchange, rest),
                Err(why) => {
                    let (outcome, log) = late.outcome(why);
                    // Not here: the host's log function may take its time.
                    self.core.worker.post(log);
                    return outcome;
                }
            };
            deadline = rest.deadline().clone();
            self.tickets.ends_by(self.ticket, deadline.at());
            step = within(&deadline, async {
                let finish = exchange.await;
                self.work(move || rest.go_on(finish)).await
            })
            .await;
        }
    }

    /// Does a job on the worker; the client is not closed before it is done.
    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Interrupted> {
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
    work: impl Future<Output = Result<T, Interrupted>>,
) -> Result<T, Interrupted> {
    tokio::select! {
        biased;
        // First, so that nothing goes on that is cancelled.
        () = deadline.cancel().cancelled() => Err(Interrupted::Cancelled),
        result = work => result,
        () = tokio::time::sleep_until(deadline.at().into()) => Err(Interrupted::TimedOut),
    }
}
