//! What this process has used.

use std::time::Duration;

/// CPU time of all threads of this process so far, user and system.
pub fn cpu() -> Duration {
    // SAFETY: an all-zero rusage is a valid one, and the call writes to nothing else.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, &mut usage), 0, "getrusage");
        usage
    };
    [usage.ru_utime, usage.ru_stime]
        .iter()
        .map(|time| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1_000))
        .sum()
}

/// Resident memory of this process in megabytes.
pub fn resident_megabytes() -> f64 {
    status_of("VmRSS:") * 1_024.0 / 1e6
}

/// Threads of this process.
pub fn threads() -> f64 {
    status_of("Threads:")
}

fn status_of(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(f64::NAN)
}
