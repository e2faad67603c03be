//! Hooking: who asks for it is told what happens, signed, at least once and under one id; whoever does not take it is
//! asked again, and given up in the end.

mod documented;
mod failing;
mod guarding;
mod managing;
mod paging;
mod replaying;
mod sharing;
mod signing;
mod telling;
