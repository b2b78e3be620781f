//! Who may do what: the policies of a token, asked about a request.

use super::client::Core;
use super::request::{Request, Verb};
use super::router::Arrival;
use super::target::Target;
use super::trail::Trail;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::mount::Mount;
use crate::policy::{Acl, Asked, Attributes, Capability, Decision};
use crate::secret::Secret;
use crate::storage::Moment;
use crate::token::{Caller, Entity, Record};
use std::net::IpAddr;
use std::sync::Arc;

/// The bearer of a token, who comes from this address. The audit log is told who it is though he may not come from there.
///
/// # Errors
/// As [`crate::token::Tokens::authenticate`]; 403 from an address that the token is not bound to.
pub fn bearer(
    core: &Core,
    trail: &Trail,
    token: &Secret<String>,
    remote: Option<IpAddr>,
    moment: Moment,
    deadline: &Deadline,
) -> Result<Caller> {
    let caller = core.tokens.authenticate(token, moment, deadline)?;
    trail.caller(&core.audit, &caller);
    let from_there = caller.check_address(remote);
    if from_there.is_err() {
        trail.refused("the token is bound to other addresses");
    }
    from_there.map(|()| caller)
}

/// Decides whether a caller may do what he asks for, and notes whether he has `sudo` there. The host may do everything,
/// so there is nothing to decide.
///
/// # Errors
/// Failures of the storage; 503 where there is no time to compare all parameters.
pub fn decide(arrival: &Arrival, request: &Request, caller: &mut Caller) -> Result<Option<Decision>> {
    let Caller::Token(bearer) = caller else {
        return Ok(None);
    };
    let Arrival { core, target, moment, deadline, .. } = *arrival;
    let one_form = target.one_form(&request.path);
    let asked = Asked {
        capability: capability(core, target, request.verb, deadline)?,
        path: &request.path,
        data: &request.data,
        fields: target.fields(),
        wrap_ttl: request.wrap_ttl,
        protected: target.is_protected,
        one_form: one_form.as_ref(),
    };
    let decision = judge(core, &bearer.record, &asked, moment, deadline)?;
    bearer.sudo = decision.sudo;
    Ok(Some(decision))
}

/// What the policies of a token say about a request.
///
/// # Errors
/// As [`decide`].
pub fn judge(
    core: &Core,
    record: &Record,
    asked: &Asked,
    moment: Moment,
    deadline: &Deadline,
) -> Result<Decision> {
    let rights =
        Rights::of(core, record, moment, deadline, |acl| acl.reads_entity_for(asked.path, asked.one_form))?;
    rights.acl.decide(asked, rights.who(), deadline)
}

/// Whether a mount is shown to this caller: to everybody if it is tuned so, to others if their policies grant anything
/// there or below it.
///
/// # Errors
/// Failures of the storage.
pub fn sees(
    core: &Core,
    caller: Option<&Caller>,
    mount: &Mount,
    moment: Moment,
    deadline: &Deadline,
) -> Result<bool> {
    if mount.config.listing_visibility == "unauth" {
        return Ok(true);
    }
    let Some(caller) = caller else {
        return Ok(false);
    };
    let Some(record) = caller.record() else {
        return Ok(true);
    };
    // There may be a thousand mounts, and policies that take their time.
    deadline.check("looking at policies")?;
    let folder = format!("auth/{}", mount.path);
    let rights = Rights::of(core, record, moment, deadline, |acl| acl.reads_entity_below(&folder))?;
    Ok(rights.acl.reaches(&folder, rights.who()))
}

/// What a token may do.
pub struct Rights {
    /// Its policies.
    pub acl: Acl,
    entity: Option<Arc<Entity>>,
}

impl Rights {
    /// Those of a token at a request's `moment`. Its entity is read only where `may_ask_who` says that a template may be
    /// about what is asked: hardly any request needs it.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn of(
        core: &Core,
        record: &Record,
        moment: Moment,
        deadline: &Deadline,
        may_ask_who: impl FnOnce(&Acl) -> bool,
    ) -> Result<Self> {
        let acl = core.policies.acl(&record.policies, moment, deadline)?;
        let entity = if may_ask_who(&acl) { core.tokens.entity(record, moment, deadline)? } else { None };
        Ok(Self { acl, entity })
    }

    /// Who bears the token, where that may count.
    pub fn who(&self) -> Option<&dyn Attributes> {
        self.entity.as_deref().map(|entity| entity as &dyn Attributes)
    }
}

/// The capability that a verb needs. Where Vault's backend has an existence check, a write of what is not there is to
/// create it; at all other paths it is an update.
fn capability(core: &Core, target: &Target, verb: Verb, deadline: &Deadline) -> Result<Option<Capability>> {
    Ok(Some(match verb {
        Verb::Read => Capability::Read,
        Verb::Delete => Capability::Delete,
        Verb::List => Capability::List,
        Verb::Patch => Capability::Patch,
        Verb::Update if target.exists(core, deadline)? == Some(false) => Capability::Create,
        Verb::Update => Capability::Update,
        Verb::Options | Verb::Help => return Ok(None),
    }))
}
