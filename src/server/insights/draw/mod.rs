//! Draw: charts and tables as HTML and SVG, made here so that the browser need not know how. Everything passes through
//! views, which escape; colours come from the style sheet, and each outcome has a pattern of its own too, so that
//! nothing is told by colour alone.

mod columns;
mod figures;
mod over_time;
mod patterns;
mod rates;
mod spreads;
mod states;
mod table;

pub use figures::figures;
