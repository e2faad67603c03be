//! Keeping the data: copies of it that can be trusted, and what is old may go.

mod backing_up;
mod pruning;
mod retaining;
