//! The worker: the thread on which submitted calls wait for the storage, one after the other.
//!
//! It never waits for Okta: that is the network thread's business, which in turn never waits for the storage. While
//! another process holds a database for long, everything that was submitted waits with the job that meets it; each
//! call still ends by its own deadline, because that is kept on the network thread.

use super::{PanicPayload, Shared, User, lock, start};
use crate::deadline::Interrupted;
use crate::limits;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use tokio::sync::oneshot;

static SHARED: Shared<WorkerThread> = Shared::new();

/// A user of the worker. Making one starts nothing.
pub struct Worker(User<WorkerThread>);

impl Default for Worker {
    fn default() -> Self {
        Self::new()
    }
}

impl Worker {
    /// A user of the worker of this process, which is started when first needed.
    pub fn new() -> Self {
        Self(User::new(&SHARED))
    }

    /// Does a job on the worker, after those that came before. When the future is dropped, the job is not begun any
    /// more.
    ///
    /// # Errors
    /// [`Interrupted::Unavailable`]: there is no worker, or [`limits::WORKER_JOBS`] wait for it.
    ///
    /// # Panics
    /// When the job panics; the panic goes on where the future is polled.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Interrupted> {
        let (sender, result) = oneshot::channel::<Result<T, PanicPayload>>();
        let thread = self.thread()?;
        let place = thread.queue.push(Box::new(move || {
            let result = catch_unwind(AssertUnwindSafe(job));
            // Whoever waited may have given up.
            drop(sender.send(result));
        }))?;
        let _withdrawn_when_dropped = Place { queue: &thread.queue, number: place };
        match result.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(Interrupted::Unavailable),
        }
    }

    /// Has a job done for which nobody waits. It is dropped when there is no worker or too many jobs wait.
    pub fn post(&self, job: impl FnOnce() + Send + 'static) {
        let Ok(thread) = self.thread() else { return };
        // Its panic is nobody's business; the next job is.
        let _ = thread.queue.push(Box::new(move || drop(catch_unwind(AssertUnwindSafe(job)))));
    }

    fn thread(&self) -> Result<&Arc<WorkerThread>, Interrupted> {
        self.0.get(WorkerThread::start)
    }
}

struct WorkerThread {
    queue: Arc<Queue>,
    process: u32,
}

impl WorkerThread {
    fn start(process: u32) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let jobs = Arc::clone(&queue);
        start("okta_auth-work", limits::WORKER_STACK_BYTES, move || {
            while let Some(job) = jobs.next() {
                job();
            }
        })?;
        Ok(Self { queue, process })
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        // In a forked child there is no thread to stop, and the lock may be held for ever.
        if self.process == std::process::id() {
            lock(&self.queue.state).stopped = true;
            self.queue.changed.notify_one();
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The jobs in the order in which they came, by number, so that each can be withdrawn.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: BTreeMap<u64, Job>,
    numbers: u64,
    stopped: bool,
}

impl Queue {
    fn push(&self, job: Job) -> Result<u64, Interrupted> {
        let mut state = lock(&self.state);
        if state.jobs.len() >= limits::WORKER_JOBS {
            return Err(Interrupted::Unavailable);
        }
        state.numbers += 1;
        let number = state.numbers;
        state.jobs.insert(number, job);
        drop(state);
        self.changed.notify_one();
        Ok(number)
    }

    /// The next job; `None` once the last user is gone and nothing is left.
    fn next(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if let Some((_, job)) = state.jobs.pop_first() {
                return Some(job);
            }
            if state.stopped {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn withdraw(&self, number: u64) {
        // Dropped outside of the lock: a job may hold the last of anything.
        let job = lock(&self.state).jobs.remove(&number);
        drop(job);
    }
}

struct Place<'a> {
    queue: &'a Queue,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.withdraw(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn finish<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    /// A job that holds the worker until the sender is dropped.
    fn occupy(worker: &Worker) -> mpsc::Sender<()> {
        let (go_on, may_go_on) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel();
        worker.post(move || {
            begun.send(()).expect("the test listens");
            let _ = may_go_on.recv();
        });
        has_begun.recv_timeout(PATIENCE).expect("the job runs");
        go_on
    }

    #[test]
    fn jobs_run_in_order_on_one_named_thread() {
        let (one, two) = (Worker::new(), Worker::new());
        let held = occupy(&one);
        let (done, order) = mpsc::channel();
        for number in 0..10 {
            let done = done.clone();
            let worker = if number % 2 == 0 { &one } else { &two };
            worker.post(move || {
                let name = std::thread::current().name().map(str::to_owned);
                done.send((number, name)).expect("the test listens");
            });
        }
        drop((held, done));
        let name = Some("okta_auth-work".to_owned());
        let expected: Vec<_> = (0..10).map(|number| (number, name.clone())).collect();
        assert_eq!(order.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_job_whose_caller_gave_up_is_not_begun() {
        let worker = Worker::new();
        let held = occupy(&worker);
        let (begun, has_begun) = mpsc::channel::<()>();
        {
            let mut given_up = pin!(worker.run(move || begun.send(())));
            assert!(poll(&mut given_up.as_mut()).is_pending());
        }
        drop(held);
        assert_eq!(finish(worker.run(|| 7)), Ok(7));
        assert!(has_begun.recv().is_err(), "the job was dropped unused");
    }

    #[test]
    fn a_panic_goes_on_where_the_result_is_waited_for() {
        let worker = Worker::new();
        worker.post(|| panic!("nobody waits"));
        let panic = catch_unwind(AssertUnwindSafe(|| finish(worker.run(|| panic!("somebody waits")))));
        assert_eq!(panic.expect_err("a panic").downcast_ref(), Some(&"somebody waits"));
        assert_eq!(finish(worker.run(|| 1)), Ok(1));
    }

    #[test]
    fn the_queue_is_bounded() {
        let queue = Queue::default();
        for _ in 0..limits::WORKER_JOBS {
            queue.push(Box::new(|| {})).expect("room");
        }
        assert_eq!(queue.push(Box::new(|| {})), Err(Interrupted::Unavailable));
        queue.withdraw(1);
        assert!(queue.push(Box::new(|| {})).is_ok());
    }
}
