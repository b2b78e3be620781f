//! The tickets of one client: which submitted call runs, which has ended, and who waits for it.
//!
//! A ticket is running, then finished, then gone: whoever takes its outcome takes the ticket out of the table. The
//! state is a type and changes under one lock, so a ticket has one outcome and one collector, whoever comes at the
//! same time: the call itself, a cancel, the closing, or two that wait.

use super::readiness::Readiness;
use super::{NoAnswer, Outcome};
use crate::deadline::Cancel;
use crate::limits;
use crate::threads::lock;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

/// Stands for a submitted call. Never used twice in a process or in those forked from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

impl Ticket {
    /// The ticket of a number that [`Ticket::number`] gave; of another number, one that was never issued.
    pub fn of_number(number: u64) -> Self {
        Self(number)
    }

    /// A number that stands for it, from 1 on.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// The last ticket that was issued in this process or before its fork. A fork copies it.
static ISSUED: AtomicU64 = AtomicU64::new(0);

/// The table. Its lock is held for moments only, and nobody else's code runs under it.
#[derive(Default)]
pub struct Tickets {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: HashMap<Ticket, State>,
    /// What was finished and neither announced nor collected, in the order in which it was finished.
    unannounced: BTreeMap<u64, Ticket>,
    finished: u64,
    /// Made when somebody first asks for it. Readable while `unannounced` holds something, and once closed.
    readiness: Option<Readiness>,
    closed: bool,
}

enum State {
    Running {
        cancel: Cancel,
        ends_by: Instant,
        waiting: Option<Arc<Condvar>>,
    },
    /// `place`: its key in `unannounced`, while it stands there.
    Finished {
        outcome: Outcome,
        place: Option<u64>,
    },
}

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTicket {
    /// [`limits::TICKETS`] are open.
    Full,
    /// The client is closed.
    Closed,
}

impl Tickets {
    /// Issues a ticket for a call that `cancel` ends and that ends by itself by then.
    ///
    /// # Errors
    /// [`NoTicket`]
    pub fn issue(&self, cancel: Cancel, ends_by: Instant) -> Result<Ticket, NoTicket> {
        let mut table = lock(&self.table);
        if table.closed {
            return Err(NoTicket::Closed);
        }
        if table.open.len() >= limits::TICKETS {
            return Err(NoTicket::Full);
        }
        let ticket = Ticket(ISSUED.fetch_add(1, Ordering::Relaxed) + 1);
        table.open.insert(ticket, State::Running { cancel, ends_by, waiting: None });
        Ok(ticket)
    }

    /// Takes back a ticket that nobody was told.
    pub fn take_back(&self, ticket: Ticket) {
        let state = lock(&self.table).open.remove(&ticket);
        drop(state);
    }

    /// From now on the call ends by then.
    pub fn ends_by(&self, ticket: Ticket, at: Instant) {
        if let Some(State::Running { ends_by, .. }) = lock(&self.table).open.get_mut(&ticket) {
            *ends_by = at;
        }
    }

    /// Ends a running ticket with this outcome. One that ended already, or is gone, stays as it is.
    pub fn finish(&self, ticket: Ticket, outcome: Outcome) {
        let late = lock(&self.table).finish(ticket, outcome);
        drop(late);
    }

    /// Ends a running call with [`NoAnswer::Cancelled`]; one that has ended stays as it is.
    ///
    /// # Errors
    /// [`NoAnswer::InvalidTicket`], [`NoAnswer::Closed`]
    pub fn cancel(&self, ticket: Ticket) -> Result<(), NoAnswer> {
        let ended = {
            let mut table = lock(&self.table);
            if table.closed {
                return Err(NoAnswer::Closed);
            }
            if !table.open.contains_key(&ticket) {
                return Err(NoAnswer::InvalidTicket);
            }
            table.finish(ticket, Err(NoAnswer::Cancelled))
        };
        if let Ok(cancel) = ended {
            cancel.cancel();
        }
        Ok(())
    }

    /// Waits for a ticket's outcome and takes it: until then, or (`None`) until the call's own end.
    ///
    /// # Errors
    /// [`NoAnswer::Pending`] when it has not ended by then; [`NoAnswer::InvalidTicket`] when there is no such ticket
    /// (any more); [`NoAnswer::Closed`], and [`NoAnswer::Cancelled`] to those who were waiting when the client was
    /// closed; and the call's own.
    pub fn wait(&self, ticket: Ticket, until: Option<Instant>) -> Outcome {
        let mut table = lock(&self.table);
        let mut waited = false;
        loop {
            if table.closed {
                return Err(if waited { NoAnswer::Cancelled } else { NoAnswer::Closed });
            }
            let (ends_by, waiting) = match table.open.get_mut(&ticket) {
                None => return Err(NoAnswer::InvalidTicket),
                Some(State::Finished { .. }) => return table.collect(ticket),
                Some(State::Running { ends_by, waiting, .. }) => (*ends_by, waiting),
            };
            // A call is late only when its threads are starved; nobody waits for them without end.
            let until = until.unwrap_or(ends_by + limits::TICKET_LATENESS);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(NoAnswer::Pending);
            }
            let changed = Arc::clone(waiting.get_or_insert_default());
            table = changed.wait_timeout(table, left).unwrap_or_else(PoisonError::into_inner).0;
            waited = true;
        }
    }

    /// The next ticket that has ended and was neither announced nor collected.
    ///
    /// # Errors
    /// [`NoAnswer::Closed`]
    pub fn next_completed(&self) -> Result<Option<Ticket>, NoAnswer> {
        let mut table = lock(&self.table);
        if table.closed {
            return Err(NoAnswer::Closed);
        }
        let Some((_, ticket)) = table.unannounced.pop_first() else { return Ok(None) };
        if let Some(State::Finished { place, .. }) = table.open.get_mut(&ticket) {
            *place = None;
        }
        table.show(false);
        Ok(Some(ticket))
    }

    /// A descriptor that is readable while [`Tickets::next_completed`] has something, and for ever once closed.
    ///
    /// # Errors
    /// [`NoAnswer::Closed`]; inside, those of the system.
    pub fn completion_fd(&self) -> Result<io::Result<OwnedFd>, NoAnswer> {
        let mut table = lock(&self.table);
        if table.closed {
            return Err(NoAnswer::Closed);
        }
        Ok(table.readiness().and_then(|readiness| readiness.duplicate()))
    }

    /// Ends every running call and forgets all tickets.
    pub fn close(&self) {
        let open = {
            let mut table = lock(&self.table);
            table.closed = true;
            table.unannounced.clear();
            if let Some(readiness) = &table.readiness {
                readiness.set(true);
            }
            std::mem::take(&mut table.open)
        };
        for state in open.into_values() {
            if let State::Running { cancel, waiting, .. } = state {
                cancel.cancel();
                if let Some(waiting) = waiting {
                    waiting.notify_all();
                }
            }
        }
    }
}

impl Table {
    /// Ends a running ticket; what its call is to be told with, or the outcome that came too late. Neither should be
    /// dropped or used under the lock.
    fn finish(&mut self, ticket: Ticket, outcome: Outcome) -> Result<Cancel, Outcome> {
        let (cancel, waiting) = match self.open.remove(&ticket) {
            Some(State::Running { cancel, waiting, .. }) => (cancel, waiting),
            Some(finished) => {
                self.open.insert(ticket, finished);
                return Err(outcome);
            }
            None => return Err(outcome),
        };
        self.finished += 1;
        self.open.insert(ticket, State::Finished { outcome, place: Some(self.finished) });
        self.unannounced.insert(self.finished, ticket);
        self.show(true);
        if let Some(waiting) = waiting {
            waiting.notify_all();
        }
        Ok(cancel)
    }

    fn collect(&mut self, ticket: Ticket) -> Outcome {
        match self.open.remove(&ticket) {
            Some(State::Finished { outcome, place }) => {
                if let Some(place) = place {
                    self.unannounced.remove(&place);
                    self.show(false);
                }
                outcome
            }
            _ => Err(NoAnswer::InvalidTicket),
        }
    }

    /// Tells those who poll, after one ticket more (`grown`) or less is to be announced.
    fn show(&self, grown: bool) {
        let Some(readiness) = &self.readiness else { return };
        match (grown, self.unannounced.len()) {
            (true, 1) => readiness.set(true),
            (false, 0) => readiness.set(false),
            _ => {}
        }
    }

    fn readiness(&mut self) -> io::Result<&Readiness> {
        if self.readiness.is_none() {
            let readiness = Readiness::new()?;
            if !self.unannounced.is_empty() {
                readiness.set(true);
            }
            self.readiness = Some(readiness);
        }
        self.readiness.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))
    }
}
