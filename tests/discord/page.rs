//! Messages as HTML.
use crate::{Id, Modal, World};
pub(crate) fn page(_w: &World, title: &str, _m: &[Id], _f: &[Modal]) -> String {
    title.to_owned()
}
