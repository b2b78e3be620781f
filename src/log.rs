//! The log: one JSON line for each event, handed to a function of the host's.
//!
//! The library has no log of its own and writes to no stream. A record holds names, statuses and times, never a
//! password, a passcode, a token or a key: members are put in one by one, never whole requests or answers.

use crate::callback::{self, Callback};
use crate::clock::{Clock, rfc3339};
use crate::json::{self, Value};
use crate::limits;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How urgent a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// Something failed that an operator has to look at.
    Error = 1,
    /// Something goes on, but not as it should.
    Warn = 2,
    /// What was done.
    Info = 3,
    /// How it was done.
    Debug = 4,
}

impl Level {
    /// The level of a number: `None` (off) for 0 and below, [`Level::Debug`] for 4 and above.
    pub fn from_number(number: i32) -> Option<Self> {
        match number {
            ..=0 => None,
            1 => Some(Self::Error),
            2 => Some(Self::Warn),
            3 => Some(Self::Info),
            4.. => Some(Self::Debug),
        }
    }

    /// `error`, `warn`, `info` or `debug`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// What records go to. It is called on the thread on which the event happened, from several threads at once.
pub type Sink = Box<dyn Fn(Level, &str) + Send + Sync>;

/// Where a client's events go. Copies share the sink.
#[derive(Clone, Default)]
pub struct Logger(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// The highest level that is asked for; 0 while there is no sink.
    level: AtomicU8,
    sink: Callback<(Level, Sink)>,
    /// What went wrong before the first sink could be there, while a client was opened.
    early: Mutex<Early>,
    clock: Clock,
}

#[derive(Default)]
struct Early {
    records: Vec<(Level, String)>,
    /// There has been a sink.
    over: bool,
}

impl Logger {
    /// A logger without a sink whose records carry the time of this clock.
    pub fn with_clock(clock: Clock) -> Self {
        Self(Arc::new(Shared { clock, ..Shared::default() }))
    }

    /// Sends records up to this level to `sink` from now on, or to nobody. When it returns, the sink before
    /// is not running and never runs again: a call of it that is under way is waited for. The first sink gets the
    /// errors and warnings of before.
    pub fn set(&self, sink: Option<(Level, Sink)>) {
        let level = sink.as_ref().map_or(0, |(level, _)| *level as u8);
        let first = self.0.sink.replace(sink, || self.0.level.store(level, Ordering::Relaxed));
        let Some(first) = first else { return };
        let records = {
            let mut early = self.0.early.lock().unwrap_or_else(PoisonError::into_inner);
            early.over = true;
            std::mem::take(&mut early.records)
        };
        first.call(|(wanted, sink)| {
            for (level, record) in records.iter().filter(|(level, _)| level <= wanted) {
                sink(*level, record);
            }
        });
    }

    fn keep_early(&self, level: Level, event: &str, members: &[(&str, Value)]) {
        if level > Level::Warn {
            return;
        }
        let mut early = self.0.early.lock().unwrap_or_else(PoisonError::into_inner);
        if !early.over && early.records.len() < limits::EARLY_LOG_RECORDS {
            early.records.push((level, record(&rfc3339(self.0.clock.now()), level, event, members)));
        }
    }

    /// Whether records of this level go anywhere; ask before building an expensive one.
    pub fn wants(&self, level: Level) -> bool {
        level as u8 <= self.0.level.load(Ordering::Relaxed)
    }

    /// Logs an event with its members, none of which may be a secret. The caller holds no lock: the sink is
    /// the host's code, and the host may be waiting for us in another thread.
    pub fn log(&self, level: Level, event: &str, members: &[(&str, Value)]) {
        if callback::is_running() {
            return;
        }
        if !self.wants(level) {
            return self.keep_early(level, event, members);
        }
        let Some(sink) = self.0.sink.get().filter(|sink| level <= sink.function().0) else { return };
        let record = record(&rfc3339(self.0.clock.now()), level, event, members);
        sink.call(|(_, sink)| sink(level, &record));
    }
}

/// One line, time, level and event first.
fn record(time: &str, level: Level, event: &str, members: &[(&str, Value)]) -> String {
    let mut line = Vec::with_capacity(128);
    line.extend_from_slice(b"{\"time\":");
    json::write_string(time, &mut line);
    line.extend_from_slice(b",\"level\":");
    json::write_string(level.name(), &mut line);
    line.extend_from_slice(b",\"event\":");
    json::write_string(event, &mut line);
    for (name, value) in members {
        line.push(b',');
        json::write_string(name, &mut line);
        line.push(b':');
        value.write(&mut line);
    }
    line.push(b'}');
    // JSON is written from strings only.
    String::from_utf8(line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc;

    fn collect(logger: &Logger, level: Level) -> Arc<Mutex<Vec<String>>> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        logger.set(Some((
            level,
            Box::new(move |_, line| sink.lock().expect("no panic").push(line.to_owned())),
        )));
        lines
    }

    #[test]
    fn a_record_is_one_json_line() {
        let logger = Logger::with_clock(Clock::driven(0));
        let lines = collect(&logger, Level::Info);
        logger.log(
            Level::Info,
            "login",
            &[("username", Value::from("a\n\"b")), ("status", Value::from(200))],
        );
        assert_eq!(
            *lines.lock().expect("no panic"),
            [concat!(
                r#"{"time":"1970-01-01T00:00:00Z","level":"info","event":"login","#,
                r#""username":"a\n\"b","status":200}"#
            )]
        );
    }

    #[test]
    fn only_the_wanted_levels_arrive() {
        let logger = Logger::default();
        logger.log(Level::Info, "nobody listens", &[]);
        let lines = collect(&logger, Level::Warn);
        for level in [Level::Error, Level::Warn, Level::Info, Level::Debug] {
            logger.log(level, "event", &[]);
        }
        assert_eq!(lines.lock().expect("no panic").len(), 2);
        logger.set(None);
        logger.log(Level::Error, "event", &[]);
        assert_eq!(lines.lock().expect("no panic").len(), 2);
    }

    #[test]
    fn a_sink_that_logs_is_not_called_again() {
        let logger = Logger::default();
        let (calls, called) = mpsc::channel();
        let inner = logger.clone();
        logger.set(Some((
            Level::Info,
            Box::new(move |_, _| {
                calls.send(callback::is_running()).expect("the test listens");
                inner.log(Level::Info, "from the sink", &[]);
            }),
        )));
        logger.log(Level::Info, "event", &[]);
        assert_eq!(called.try_iter().collect::<Vec<_>>(), [true]);
        assert!(!callback::is_running());
        // The sink holds its logger.
        logger.set(None);
    }

    #[test]
    fn the_first_sink_is_told_what_went_wrong_before() {
        let logger = Logger::with_clock(Clock::driven(0));
        logger.log(Level::Info, "fine", &[]);
        for number in 0..limits::EARLY_LOG_RECORDS + 1 {
            let level = if number == 0 { Level::Error } else { Level::Warn };
            logger.log(level, "early", &[("number", Value::from(number as i64))]);
        }
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = |told: &Arc<Mutex<Vec<String>>>| -> Sink {
            let told = told.clone();
            Box::new(move |_, record| told.lock().expect("no panic").push(record.to_owned()))
        };
        logger.set(Some((Level::Warn, sink(&told))));
        {
            let told = told.lock().expect("no panic");
            assert_eq!(told.len(), limits::EARLY_LOG_RECORDS);
            assert!(told.iter().all(|record| record.contains("\"event\":\"early\"")), "{told:?}");
        }
        // Once only, and nothing is kept any more.
        logger.set(None);
        logger.log(Level::Error, "unheard", &[]);
        logger.set(Some((Level::Warn, sink(&told))));
        assert_eq!(told.lock().expect("no panic").len(), limits::EARLY_LOG_RECORDS);
    }
}
