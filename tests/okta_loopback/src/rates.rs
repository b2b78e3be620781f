//! Rate-limit buckets, their headers, and the answers over the limit.

use crate::answer::Answer;
use crate::faults::RateLimitVariant;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Okta's windows are 60 s.
const WINDOW_SECONDS: i64 = 60;

/// Okta lets a user name pass four times in a second.
const USERNAME_PER_SECOND: u32 = 4;

/// The org's buckets that the paths of this server fall into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bucket {
    /// `/api/v1/authn` and its other operations.
    Authn,
    /// `/api/v1/authn/factors/{id}/verify`.
    Verify,
    /// `/api/v1/users/{id}`.
    User,
    /// Everything else.
    Other,
}

impl Bucket {
    pub fn of(path: &str) -> Self {
        if path.starts_with("/api/v1/authn/factors/") {
            Self::Verify
        } else if path.starts_with("/api/v1/authn") {
            Self::Authn
        } else if path.starts_with("/api/v1/users/") && !path.ends_with("/groups") {
            Self::User
        } else {
            Self::Other
        }
    }

    /// What Okta last printed for a workforce org, per minute.
    fn default_limit(self) -> u32 {
        match self {
            Self::Authn | Self::Verify => 500,
            Self::User => 2_000,
            Self::Other => 1_200,
        }
    }
}

#[derive(Default)]
pub(crate) struct Rates {
    windows: HashMap<Bucket, Window>,
    usernames: HashMap<String, (i64, u32)>,
}

struct Window {
    ends: i64,
    used: u32,
}

/// What the three headers say.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    pub limit: u32,
    pub remaining: u32,
    pub reset: i64,
}

impl Rates {
    /// Counts a request. `limit` is per minute; without one nothing is ever refused. True: refuse it.
    pub fn count(&mut self, bucket: Bucket, limit: Option<u32>, now: i64) -> (Standing, bool) {
        let window = self.windows.entry(bucket).or_insert(Window { ends: now + WINDOW_SECONDS, used: 0 });
        if now >= window.ends {
            *window = Window { ends: now + WINDOW_SECONDS, used: 0 };
        }
        let allowed = limit.unwrap_or(bucket.default_limit());
        let refused = limit.is_some() && window.used >= allowed;
        if !refused && limit.is_some() {
            window.used += 1;
        }
        (
            Standing { limit: allowed, remaining: allowed.saturating_sub(window.used), reset: window.ends },
            refused,
        )
    }

    /// Counts a user name at authn. True: it came too often in this second.
    pub fn username_refused(&mut self, username: &str, now: i64) -> bool {
        self.usernames.retain(|_, (second, _)| *second == now);
        let (_, used) = self.usernames.entry(username.to_lowercase()).or_insert((now, 0));
        *used += 1;
        *used > USERNAME_PER_SECOND
    }
}

/// 429 with the headers of a variant.
pub(crate) fn too_many(variant: RateLimitVariant, now: i64, standing: Option<Standing>) -> Answer {
    let limit = standing.map_or(600, |standing| standing.limit).to_string();
    let reset = standing.map_or(now + 30, |standing| standing.reset);
    let text = "API call exceeded rate limit due to too many requests.";
    let answer = Answer::error(429, "E0000047", text, &[]);
    let with = |answer: Answer, limit: &str, resets: &[i64]| {
        let answer = answer.header("x-rate-limit-limit", limit).header("x-rate-limit-remaining", "0");
        resets.iter().fold(answer, |answer, reset| answer.header("x-rate-limit-reset", reset.to_string()))
    };
    match variant {
        RateLimitVariant::Normal => with(answer, &limit, &[reset]),
        RateLimitVariant::Zero => with(answer, "0", &[now + 120]),
        RateLimitVariant::DuplicateReset => with(answer, &limit, &[now + 45, now + 2]),
        RateLimitVariant::NoReset => with(answer, &limit, &[]),
        RateLimitVariant::Past => with(answer, &limit, &[now - 10]),
        RateLimitVariant::FarFuture => with(answer, &limit, &[now + 10 * 365 * 86_400]),
        RateLimitVariant::Soon => with(answer, &limit, &[now + 1]),
    }
}
