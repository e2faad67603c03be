//! Polling: a provider that only takes calls and answers questions about them. It is asked until a call ends, and
//! where it can't be asked nothing is placed again.

mod answers;
mod canceling;
mod door;
mod following;
mod unknown;
