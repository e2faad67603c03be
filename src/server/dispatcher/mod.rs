//! The loops: [`dispatch`] places what is due, [`reconcile`] asks about what is open, [`hang_up`] carries out
//! wishes to hang up, [`deliver`] sends webhooks. Each is a thin shell ([`ticker`]) around a `run_once` that tests call.

pub mod deliver;
pub mod dispatch;
mod hands;
pub mod hang_up;
pub mod place;
pub mod reconcile;
pub mod standing;
pub mod ticker;
