//! Insights: how calls ended and how attempts went, counted in quarters of an hour, which fit every time zone.
//!
//! Nothing is counted where a call changes: a row that many transactions touch would hold them all up. The loop in
//! [`follow`] reads which calls were spoken of in the event log, finds the quarters that they belong to, and counts
//! those anew from calls and attempts ([`count`]). So a late correction, a repeat, or two nodes at once come to the
//! same numbers. [`ledger`] keeps them with the place in the log, in one transaction; [`numbers`] reads them back for
//! the days that somebody asks for ([`range`]), and [`draw`] makes charts and tables of them.

pub mod bucket;
pub mod count;
pub mod draw;
pub mod follow;
pub mod ledger;
pub mod numbers;
pub mod page;
pub mod range;
pub mod spread;
pub mod tables;
pub mod words;
