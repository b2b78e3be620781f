//! A client of the library: one storage, one set of mounts, one connection pool.

use super::{Answer, NoAnswer};
use crate::log::Logger;

/// What `open` makes and a C handle stands for. Every method may be called from any thread.
pub struct Client {
    logger: Logger,
}

impl Client {
    /// Opens a client with the options of `okta_auth_open` (UTF-8 JSON; empty means `{}`).
    ///
    /// # Errors
    /// The answer that says what is wrong.
    pub fn open(options: &[u8]) -> Result<Self, Answer> {
        let _ = options;
        Ok(Self { logger: Logger::default() })
    }

    /// Carries out a named operation with the host's own authority.
    ///
    /// # Errors
    /// [`NoAnswer`] where there is nothing that Vault could have answered.
    pub fn call(&self, operation: &str, request: &[u8]) -> Result<Answer, NoAnswer> {
        let _ = (operation, request);
        Err(NoAnswer::UnknownOperation)
    }

    /// Carries out somebody else's request: Vault's method, path, token and body.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn request(&self, request: &[u8]) -> Result<Answer, NoAnswer> {
        let _ = request;
        Err(NoAnswer::UnknownOperation)
    }

    /// Where this client's events go.
    pub fn logger(&self) -> &Logger {
        &self.logger
    }

    /// Ends running operations and lets go of the storage; later calls answer [`NoAnswer::Closed`].
    pub fn close(&self) {}
}
