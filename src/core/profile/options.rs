//! The options of the commands that add, edit and restore users, which are those of the rows.

use super::fields::ROWS;
use super::table::Means;
use crate::basics::problem::Problem;
use crate::words::{Arg, Args, Kind};

/// The options that a command about users has of these rows.
#[derive(Clone, Debug)]
pub struct UserOptions<const OF: u8>(Args);

const EDIT: u8 = 0;
const ADD: u8 = 1;
const INSTEAD: u8 = 2;

pub type EditOptions = UserOptions<EDIT>;
pub type AddOptions = UserOptions<ADD>;
/// Those of `/connect restore`.
pub type InsteadOptions = UserOptions<INSTEAD>;

impl<const OF: u8> UserOptions<OF> {
    pub fn of(args: &Args) -> Result<UserOptions<OF>, Problem> {
        Ok(UserOptions(args.clone()))
    }

    pub fn args(&self) -> &Args {
        &self.0
    }
}

impl EditOptions {
    pub const ARGS: &'static [Arg] = &options::<{ count(EDIT) }>(EDIT);
}

impl AddOptions {
    pub const ARGS: &'static [Arg] = &options::<{ count(ADD) }>(ADD);
}

impl InsteadOptions {
    pub const ARGS: &'static [Arg] = &options::<{ count(INSTEAD) }>(INSTEAD);
}

const fn option(row: usize, at: usize, of: u8) -> Option<Arg> {
    let option = ROWS[row].options[at];
    let arg = match of {
        EDIT => option.edit,
        ADD => option.add,
        _ => option.instead,
    };
    // What the column is called is what is set, and not what is taken away.
    match (arg, option.means) {
        (Some(arg), Means::Value | Means::Add) => Some(arg.called(ROWS[row].aliases)),
        (arg, _) => arg,
    }
}

const fn count(of: u8) -> usize {
    let (mut n, mut row) = (0, 0);
    while row < ROWS.len() {
        let mut at = 0;
        while at < ROWS[row].options.len() {
            n += option(row, at, of).is_some() as usize;
            at += 1;
        }
        row += 1;
    }
    n
}

const fn options<const N: usize>(of: u8) -> [Arg; N] {
    let mut all = [Arg::optional("", Kind::Flag, ""); N];
    let (mut n, mut row) = (0, 0);
    while row < ROWS.len() {
        let mut at = 0;
        while at < ROWS[row].options.len() {
            if let Some(arg) = option(row, at, of) {
                all[n] = arg;
                n += 1;
            }
            at += 1;
        }
        row += 1;
    }
    all
}
