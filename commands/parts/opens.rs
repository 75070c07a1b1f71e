//! What shows the rows of a list one by one.

use desk_core::card::Opens;
use desk_core::words::quoted;

/// Each of these names is shown by this command, `how`, in which `<…>` is the place of the name.
pub(crate) fn opens<'n>(what: &str, how: &str, names: impl IntoIterator<Item = &'n str>) -> Option<Opens> {
    let command = how.split(" <").next().unwrap_or(how);
    let row = |name: &str| (name.to_owned(), format!("{command} {}", quoted(name)));
    Some(Opens { what: what.to_owned(), how: how.to_owned(), rows: names.into_iter().map(row).collect() })
}
