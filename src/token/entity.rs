//! Entities: one id for each user of a mount, the same at every login.

use super::store::Tokens;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::storage::{Batch, Check, encode};

impl Tokens {
    /// The id of the user's entity. The first login makes one, and `batch` gets the row that is written with the
    /// token.
    ///
    /// # Errors
    /// 400 for a user id that cannot be one: empty, too long, or with control characters.
    pub(super) fn entity(
        &self,
        mount_id: &str,
        user_id: &str,
        batch: &mut Batch,
        deadline: &Deadline,
    ) -> Result<String> {
        if user_id.is_empty() || user_id.len() > limits::NAME_BYTES || user_id.chars().any(char::is_control) {
            return Err(Error::bad_request(
                Code::OktaInvalidAnswer,
                "the id that Okta gave the user cannot be one",
            ));
        }
        let key = format!("{}{user_id}", prefix(mount_id));
        if let Some(stored) = self.barrier.read::<String>(&key, deadline)? {
            return Ok(stored.value);
        }
        let id = self.barrier.new_uuid()?;
        batch.checks.push(Check { key: key.clone(), revision: None });
        batch.puts.push((key, encode(&id)?));
        Ok(id)
    }
}

/// Everything below it goes with the mount.
pub(super) fn prefix(mount_id: &str) -> String {
    format!("entity/{mount_id}/")
}
