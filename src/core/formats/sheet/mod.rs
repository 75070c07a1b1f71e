//! Users in spreadsheets: a workbook or a CSV file is read, checked against the contact center, and written.
//!
//! Nothing here creates anybody: [`read`] and [`verify`] give what a plan is made from, and all findings at a time.
//! What is written by [`export()`] and read again is the same, for every cell.

pub mod cell;
mod columns;
mod decode;
mod layout;
mod model;
mod read;
pub mod readings;
mod records;
mod table;
mod titles;
mod verify;
pub mod words;
mod workbook;
mod write;

pub use columns::{Column, Format, Heading};
pub use decode::{BYTES_MAX, Encoding};
pub use model::{Change, Differs, Finding, ROWS_MAX, Row, Severity, Sheet, Skills};
pub use read::{read, read_in, read_some};
pub use table::{Table, TableRow, table};
pub use verify::{Catalog, New, Same, Verified, verify};
pub use write::{
    Outcome, Written, differences_file, export, export_json, findings_file, plan_file, result_file,
    rows_file, template,
};
