//! Arguments declared once, as a struct: the spec of a command and the values that it is called with come from the same lines.

use super::args::Args;
use super::spec::{Arg, Holds, Kind, Need};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::secret::Secret;
use crate::basics::text::code;

/// A type that an argument is read into.
pub trait Typed: Sized {
    /// What the kinds hold that it is for.
    const HOLDS: Holds;
    /// Whether it has a value for what was left out.
    const MAY_BE_ABSENT: bool;

    /// # Errors
    ///
    /// An error of the requester's, when a value is missing that there has to be; [`Args::check`] says so before.
    fn of(args: &Args, name: &str) -> Result<Self, Problem>;
}

/// The name under which an attached file is kept, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// The SHA-256 of its bytes.
    pub kept: String,
    pub shown: String,
}

fn missing(name: &str) -> Problem {
    Problem::requester("option_missing", format!("{} is missing.", code(name))).hint("Add it.")
}

macro_rules! typed {
    ($($type:ty, $holds:ident, $get:expr;)*) => {$(
        impl Typed for Option<$type> {
            const HOLDS: Holds = Holds::$holds;
            const MAY_BE_ABSENT: bool = true;

            fn of(args: &Args, name: &str) -> Result<Option<$type>, Problem> {
                let get: fn(&Args, &str) -> Option<$type> = $get;
                Ok(get(args, name))
            }
        }

        impl Typed for $type {
            const HOLDS: Holds = Holds::$holds;
            const MAY_BE_ABSENT: bool = false;

            fn of(args: &Args, name: &str) -> Result<$type, Problem> {
                Option::<$type>::of(args, name)?.ok_or_else(|| missing(name))
            }
        }
    )*};
}

typed! {
    String, Text, |args, name| args.text(name).map(str::to_owned);
    i64, Integer, Args::integer;
    usize, Integer, |args, name| args.integer(name).and_then(|n| usize::try_from(n).ok());
    RequestNo, Request, Args::request;
    Secret, Code, |args, _| args.code().cloned();
    AttachedFile, File, |args, name| {
        args.file(name).map(|(kept, shown)| AttachedFile { kept: kept.to_owned(), shown: shown.to_owned() })
    };
}

/// A flag that was left out is off.
impl Typed for bool {
    const HOLDS: Holds = Holds::Flag;
    const MAY_BE_ABSENT: bool = true;

    fn of(args: &Args, name: &str) -> Result<bool, Problem> {
        Ok(args.flag(name))
    }
}

impl Typed for Option<bool> {
    const HOLDS: Holds = Holds::Flag;
    const MAY_BE_ABSENT: bool = true;

    fn of(args: &Args, name: &str) -> Result<Option<bool>, Problem> {
        Ok(args.said(name))
    }
}

/// The logins of a list, each once.
impl Typed for Vec<String> {
    const HOLDS: Holds = Holds::List;
    const MAY_BE_ABSENT: bool = true;

    fn of(args: &Args, name: &str) -> Result<Vec<String>, Problem> {
        let all = args.text(name).unwrap_or_default();
        Ok(all.split(", ").filter(|one| !one.is_empty()).map(str::to_owned).collect())
    }
}

/// Whether an argument of this kind and need can be read into this type.
pub const fn fits<T: Typed>(arg: &Arg) -> bool {
    T::HOLDS as u8 == arg.kind.holds() as u8 && (T::MAY_BE_ABSENT || matches!(arg.need, Need::Required))
}

/// How many arguments there are in all of these lists.
pub const fn count(parts: &[&[Arg]]) -> usize {
    let (mut n, mut at) = (0, 0);
    while at < parts.len() {
        n += parts[at].len();
        at += 1;
    }
    n
}

/// All of these lists as one, which has to have their [`count`].
pub const fn joined<const N: usize>(parts: &[&[Arg]]) -> [Arg; N] {
    let mut all = [Arg::optional("", Kind::Flag, ""); N];
    let (mut n, mut part) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            all[n] = parts[part][at];
            (n, at) = (n + 1, at + 1);
        }
        part += 1;
    }
    all
}

/// Declares a command's arguments: their list for its spec (`ARGS`), and a struct of their values (`of`).
///
/// ```ignore
/// args! {
///     struct EditArgs {
///         login: Option<String> = one_of(Kind::Login, "Whom to edit").in_place(),
///         force: bool = optional(Kind::Flag, "Although they are signed in"),
///         ..filter: FilterArgs,
///         _ = REASON,
///     }
/// }
/// ```
///
/// A type that does not hold what the kind gives doesn't compile. `_` is for what the desk reads itself, such as the reason, and
/// `..` for arguments that several commands share.
#[macro_export]
macro_rules! args {
    (
        $(#[$doc:meta])* $vis:vis struct $name:ident {
            $(
                $($(#[$about:meta])* $field:ident : $type:ty = $need:ident ( $($arg:expr),* $(,)? ) $(. $place:ident ( $($with:expr)? ))*)?
                $(.. $part:ident : $all:ident)?
                $(_ = $shared:expr)?
            ),*
        }
    ) => {
        $(#[$doc])*
        $vis struct $name {
            $($($(#[$about])* pub(crate) $field: $type,)? $(pub(crate) $part: $all,)?)*
        }

        impl $name {
            const PARTS: &'static [&'static [$crate::words::Arg]] = &[
                $(
                    $(&[$crate::words::Arg::$need(stringify!($field), $($arg),*)$(.$place($($with)?))*],)?
                    $($all::ARGS,)?
                    $(&[$shared],)?
                )*
            ];

            $vis const ARGS: &'static [$crate::words::Arg] =
                &$crate::words::joined::<{ $crate::words::count($name::PARTS) }>($name::PARTS);

            $vis fn of(args: &$crate::words::Args) -> Result<$name, $crate::basics::problem::Problem> {
                $($(const {
                    let arg = $crate::words::Arg::$need(stringify!($field), $($arg),*);
                    assert!($crate::words::fits::<$type>(&arg), "the type of an argument is not that of its kind");
                })?)*
                Ok($name {
                    $(
                        $($field: <$type as $crate::words::Typed>::of(args, stringify!($field))?,)?
                        $($part: $all::of(args)?,)?
                    )*
                })
            }
        }
    };
}
