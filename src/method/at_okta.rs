//! Login and renewal in one piece, for callers that wait.

use super::Method;
use super::calls::OktaCalls;
use super::login::{self, Login};
use super::nonces::Nonces;
use super::renewal::{self, Renewal, Renewed};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::field::Fields;
use crate::okta::{Client, Network, Org, Origin};
use std::net::IpAddr;

/// How Okta is reached; the same for all mounts of a client of the library.
#[derive(Clone, Copy)]
pub struct OktaAccess<'a> {
    /// The pool of connections.
    pub client: &'a Client,
    /// The thread on which calls run.
    pub network: &'a Network,
    /// Where numbers to tap are published.
    pub nonces: &'a Nonces,
    /// Times the polls of a push.
    pub clock: &'a Clock,
}

impl Method<'_> {
    /// Logs a user in and waits for it, second factor included.
    ///
    /// # Errors
    /// Those of [`Method::prepare_login`], [`login::authenticate`] and [`Method::finish_login`]; 503 when the time is
    /// up within a call to Okta, or the request is cancelled.
    pub fn login(
        &self,
        okta: OktaAccess<'_>,
        fields: &Fields,
        remote: Option<IpAddr>,
        origin: Origin,
    ) -> Result<Login> {
        let prepared = self.prepare_login(fields, remote)?;
        let calls = self.calls(okta, prepared.org().clone(), origin);
        let (attempt, pending) = prepared.split();
        let (nonces, clock, deadline) = (okta.nonces.clone(), okta.clock.clone(), self.deadline.clone());
        let answer = okta
            .network
            .run(self.deadline, login::authenticate(calls, attempt, nonces, clock, deadline))
            .map_err(|why| Error::interrupted(why, "logging in at Okta"))?;
        self.finish_login(pending, answer?)
    }

    /// Finds out whether the token of a login may be renewed, and waits for it.
    ///
    /// # Errors
    /// Those of [`Method::prepare_renewal`], [`renewal::still_active`] and [`Method::finish_renewal`]; 503 when the
    /// time is up within a call to Okta, or the request is cancelled.
    pub fn renew(&self, okta: OktaAccess<'_>, token: Renewed<'_>, remote: Option<IpAddr>) -> Result<Renewal> {
        let prepared = self.prepare_renewal(remote)?;
        // Queries are the library's own: Okta is not told on whose behalf.
        let calls = self.calls(okta, prepared.org().clone(), Origin::default());
        let user_id = token.okta_user_id.to_owned();
        let groups = okta
            .network
            .run(self.deadline, renewal::still_active(calls, prepared, user_id))
            .map_err(|why| Error::interrupted(why, "asking Okta about a user"))?;
        self.finish_renewal(token, &groups?)
    }

    fn calls(&self, okta: OktaAccess<'_>, org: Org, origin: Origin) -> OktaCalls {
        OktaCalls { client: okta.client.within(self.deadline), org, origin }
    }
}
