//! Outgoing webhooks. [`outbox`] writes what an endpoint is to be told in the transaction of the event itself;
//! [`claim`] takes what is due under a lease; [`send`] posts it, signed, to where it may go ([`guard`]). The loop is
//! `dispatcher::deliver`. [`endpoints`] and [`deliveries`] have the verbs and finders for people and programs.

pub mod claim;
pub mod deliveries;
pub mod endpoints;
pub mod entity;
pub mod guard;
pub mod outbox;
pub mod prune;
pub mod send;
pub mod settle;
