//! Who is asking, and whether they may come in at all: the Host header, requests from other sites, the token
//! of programs, the session cookie of the page; and how much each may ask for.

pub mod admit;
pub mod cors;
pub mod origin;
pub mod proxies;
pub mod rate;
pub mod session;
mod token;

pub use token::{bearer, is_token, who};
