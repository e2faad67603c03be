//! The lab: what `/lab` shows and does. It reaches the simulator as a stranger would, over HTTP by its control API, and
//! knows none of its tables.

mod act;
mod client;
mod orders;
mod page;
mod sent;

pub use act::act;
pub use client::Lab;
pub use page::show;
