//! What callers of `formats` rely on.

mod ccpcases;
mod ccplog;
mod ccpsigns;
mod sheet;
