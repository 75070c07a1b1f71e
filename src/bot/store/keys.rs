//! The key that secrets are sealed with, and the others that are derived from it so that there are none more to lose.

use desk_core::basics::problem::Problem;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;

use crate::folder::{Folder, shown};

const SEAL_KEY: &str = "seal.key";

/// The key that secrets are sealed with, and what an operator has to know if it was not there.
///
/// When it is lost, so is what was sealed with it; a new one is made and takes its place.
pub(super) fn seal_key(
    folder: &Folder,
    new: bool,
) -> Result<(SecretBox<[u8; 32]>, Option<Problem>), Problem> {
    if let Some(key) = folder.key(SEAL_KEY)? {
        return Ok((key, None));
    }
    let key = folder.make_key(SEAL_KEY)?;
    let said = (!new).then(|| {
        Problem::operator(
            "seal_key_missing",
            format!(
                "{} was missing, so a new one was created. Authenticators, temporary passwords and stored files can't be read, and buttons on older cards don't work.",
                shown(&folder.file(SEAL_KEY))
            ),
        )
        .hint("Stop the bot and restore the key from a backup. Without a backup, everyone needs `/desk recover` and a new authenticator.")
    });
    Ok((key, said))
}

/// The alarm that what rests sealed, by whether `seal.key` opens it, can't all be opened: it may be another desk's key.
pub(super) fn seal_key_said(folder: &Folder, sealed: &[bool]) -> Option<Problem> {
    let closed = sealed.iter().filter(|opens| !**opens).count();
    (closed > 0).then(|| {
        Problem::operator(
            "seal_key_other",
            format!(
                "{} doesn't open {closed} of {} sealed authenticators, temporary passwords and files.",
                shown(&folder.file(SEAL_KEY)),
                sealed.len()
            ),
        )
        .hint("If the key is another desk's, stop the bot and restore the right one. Otherwise, find out who can write to the state folder.")
    })
}

/// The key that buttons are marked with, derived from the one that seals.
pub(super) fn button_key(seal: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    derived(seal, b"connect-desk buttons v1")
}

/// The key that kept files are sealed with, derived likewise.
pub(super) fn file_key(seal: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    derived(seal, b"connect-desk files v1")
}

/// The key that authenticators are sealed with, derived likewise.
pub(super) fn factor_key(seal: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    derived(seal, b"connect-desk authenticators v1")
}

fn derived(seal: &SecretBox<[u8; 32]>, purpose: &[u8]) -> SecretBox<[u8; 32]> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(seal.expose_secret()).expect("HMAC takes a key of any length");
    mac.update(purpose);
    SecretBox::new(Box::new(mac.finalize().into_bytes().into()))
}
