//! `auth/token/revoke`, `revoke-self`, `revoke-accessor` and `revoke-orphan`.

use super::batch;
use super::lookup::{accessor, missing_token};
use super::record::Record;
use super::store::{Caller, Tokens};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields};
use crate::reply::Reply;
use crate::secret::Secret;

/// `revoke-self` takes nothing.
pub const REVOKE_SELF_FIELDS: &[Field] = &[];

impl Tokens {
    /// Revokes a token and all its descendants; an unknown one is fine.
    ///
    /// # Errors
    /// 400 `missing token ID`, `batch tokens cannot be revoked`.
    pub fn revoke(&self, fields: &Fields, deadline: &Deadline) -> Result<Option<Reply>> {
        let token = Secret::new(fields.string_or_empty("token")?);
        if token.expose().is_empty() {
            return Err(missing_token());
        }
        if let Some((index, record)) = self.find(token.expose(), deadline)? {
            refuse_batch(&record)?;
            self.revoke_tree(&index, deadline)?;
        }
        Ok(None)
    }

    /// Revokes the caller's token and all its descendants.
    ///
    /// # Errors
    /// 400 `missing token ID` for the host, which has none, and for a batch token.
    pub fn revoke_self(&self, caller: &Caller, deadline: &Deadline) -> Result<Option<Reply>> {
        match caller {
            Caller::Host => Err(missing_token()),
            Caller::Token(bearer) => {
                refuse_batch(&bearer.record)?;
                self.revoke_tree(&bearer.index, deadline).map(|()| None)
            }
        }
    }

    /// Revokes the token with this accessor and all its descendants; warns when there is none.
    ///
    /// # Errors
    /// 400 `missing accessor`.
    pub fn revoke_accessor(&self, fields: &Fields, deadline: &Deadline) -> Result<Option<Reply>> {
        let accessor = accessor(fields)?;
        match self.find_by_accessor(&accessor, deadline)? {
            Some((index, _)) => self.revoke_tree(&index, deadline).map(|()| None),
            None => Ok(Reply::warnings(vec!["No token found with this accessor".to_owned()])),
        }
    }

    /// Revokes a token and makes its children orphans.
    ///
    /// # Errors
    /// 400 `missing token ID`, `token to revoke not found`, and without `sudo`
    /// `root or sudo privileges required to revoke and orphan`.
    pub fn revoke_orphan(
        &self,
        caller: &Caller,
        fields: &Fields,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let token = Secret::new(fields.string_or_empty("token")?);
        if token.expose().is_empty() {
            return Err(missing_token());
        }
        if !caller.has_sudo() {
            return Err(Error::bad_request(
                Code::PermissionDenied,
                "root or sudo privileges required to revoke and orphan",
            ));
        }
        if let Some((index, record)) = self.find(token.expose(), deadline)? {
            refuse_batch(&record)?;
            if self.revoke_and_orphan(&index, deadline)? {
                return Ok(None);
            }
        }
        Err(Error::bad_request(Code::NotFound, "token to revoke not found"))
    }
}

fn refuse_batch(record: &Record) -> Result<()> {
    batch::refuse(record, "be revoked")
}
