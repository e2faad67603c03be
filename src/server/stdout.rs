//! Lines for whoever has started the process. That nobody reads them any more, or that they go into a file on a full
//! disk, is no reason to stop, as it is for `println!`.

use std::{fmt::Display, io::Write};

/// Writes a line to the standard output, if it takes one.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
