//! What holds for every address of the API: problems, limits, other sites, ids, and the list as a file.

mod cors;
mod csv;
mod following;
mod problems;
mod rates;
