//! The calls to Okta that logins and renewals are made of.

use crate::okta::{Answer, Client, Failure, Group, Org, Origin, StateToken, Transaction, User, UserStatus};
use crate::secret::Secret;
use std::future::Future;

/// One organisation of Okta's, as a login or renewal sees it. Tests put a script in its place.
pub trait Calls: Send + Sync {
    /// Starts a transaction with a password.
    fn authenticate(
        &self,
        username: &str,
        password: &Secret<String>,
    ) -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// Checks what the user gives, or sends a push or a code where he gives nothing.
    fn verify_factor(
        &self,
        state_token: &StateToken,
        factor_id: &str,
        given: Answer,
    ) -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// Asks how a factor stands.
    fn poll(
        &self,
        state_token: &StateToken,
        factor_id: &str,
    ) -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// Asks in which state the transaction is.
    fn state(&self, state_token: &StateToken) -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// Sends another push or code.
    fn resend(
        &self,
        state_token: &StateToken,
        factor_id: &str,
    ) -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// Goes back from a challenge to the choice of a factor.
    fn previous(&self, state_token: &StateToken)
    -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// Ends the transaction.
    fn cancel(&self, state_token: &StateToken) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Goes on from a state that offers to be skipped.
    fn skip(&self, state_token: &StateToken) -> impl Future<Output = Result<Transaction, Failure>> + Send;

    /// A user and whether he is active.
    fn user(
        &self,
        api_token: &Secret<String>,
        user_id: &str,
    ) -> impl Future<Output = Result<(User, UserStatus), Failure>> + Send;

    /// All groups of a user.
    fn user_groups(
        &self,
        api_token: &Secret<String>,
        user_id: &str,
    ) -> impl Future<Output = Result<Vec<Group>, Failure>> + Send;
}

/// The calls as they go out to one organisation, on behalf of one caller.
pub struct OktaCalls {
    /// The pool of connections.
    pub client: Client,
    /// Where Okta is.
    pub org: Org,
    /// What Okta is told of the caller.
    pub origin: Origin,
}

impl OktaCalls {
    /// Makes a call of an authn transaction when it is its turn, and only then makes room for it: thousands of logins
    /// may wait for their turn, or for a tap on a phone.
    async fn in_turn<'a, F: Future>(
        &'a self,
        call: impl FnOnce(&'a Client, &'a Org, &'a Origin) -> F,
    ) -> F::Output {
        let _turn = self.client.turn().await;
        Box::pin(call(&self.client, &self.org, &self.origin)).await
    }
}

impl Calls for OktaCalls {
    async fn authenticate(&self, username: &str, password: &Secret<String>) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.authenticate(org, username, password, origin)).await
    }

    async fn verify_factor(
        &self,
        state_token: &StateToken,
        factor_id: &str,
        given: Answer,
    ) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.verify_factor(org, state_token, factor_id, given, origin))
            .await
    }

    async fn poll(&self, state_token: &StateToken, factor_id: &str) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.poll(org, state_token, factor_id, origin)).await
    }

    async fn state(&self, state_token: &StateToken) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.state(org, state_token, origin)).await
    }

    async fn resend(&self, state_token: &StateToken, factor_id: &str) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.resend(org, state_token, factor_id, origin)).await
    }

    async fn previous(&self, state_token: &StateToken) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.previous(org, state_token, origin)).await
    }

    async fn cancel(&self, state_token: &StateToken) -> Result<(), Failure> {
        self.in_turn(|client, org, origin| client.cancel(org, state_token, origin)).await
    }

    async fn skip(&self, state_token: &StateToken) -> Result<Transaction, Failure> {
        self.in_turn(|client, org, origin| client.skip(org, state_token, origin)).await
    }

    async fn user(&self, api_token: &Secret<String>, user_id: &str) -> Result<(User, UserStatus), Failure> {
        Box::pin(self.client.user(&self.org, api_token, user_id)).await
    }

    async fn user_groups(&self, api_token: &Secret<String>, user_id: &str) -> Result<Vec<Group>, Failure> {
        Box::pin(self.client.user_groups(&self.org, api_token, user_id)).await
    }
}
