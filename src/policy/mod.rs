//! Policies: their names, and what they allow.

mod acl;
mod builtin;
mod compiled;
mod document;
pub mod glob;
mod handlers;
mod hcl;
mod index;
pub mod names;
mod parameters;
mod rule;
mod sorted;
mod store;
mod template;
mod templates;
mod values;
mod weight;

pub use acl::{Acl, Asked, Decision, Form, Reason};
pub use compiled::Policy;
pub use handlers::{
    AUTHORIZE_FIELDS, CAPABILITIES_FIELDS, POLICY_FIELDS, RULES_FIELDS, asked_paths, capabilities, told,
};
pub use rule::Capability;
pub use store::Policies;
pub use template::{Attribute, Attributes};
