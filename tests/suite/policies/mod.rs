//! ACL policies through the door, and their decisions beside a plain reading of the rules.

mod bad_input;
mod default;
mod door;
mod model;
mod reading;
