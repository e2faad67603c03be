//! The only code that changes a call: one verb a file, each told who asks. A verb reads, decides by the pure
//! rules of [`crate::domain`], and writes the change with its events in the caller's transaction ([`change`]).

pub mod ask_now;
pub mod cancel;
pub mod change;
pub mod check;
pub mod claim;
pub mod counts;
pub mod create;
pub mod customers;
pub mod delete;
pub mod dispatch_state;
pub mod edit;
pub mod end_by_hand;
pub mod entity;
pub mod hang_up;
pub mod list;
pub mod miss;
pub mod note;
pub mod placing;
pub mod prune;
pub mod queries;
pub mod record_report;
pub mod retry;
pub mod stream;
