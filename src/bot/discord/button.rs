//! What a button carries: version, command, request, the plan that was seen, and a signature that no one else can make.
//!
//! Nothing else is remembered anywhere, so a button works after a restart, and a forged one does not. A form that a button
//! opens carries what the button does.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;

/// The version of the format, the first part of every custom id.
const VERSION: &str = "1";

/// The longest line that fits into a custom id, in bytes.
pub(super) const LINE_MAX: usize = 80;

/// Bytes of the mark; 72 bits cannot be guessed through Discord.
const MARK: usize = 9;

/// What pressing something means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ButtonAction {
    /// A command on a request.
    Decide { path: String, no: RequestNo, plan: Option<String> },
    /// A line, as if the person who presses it had typed it; at most [`LINE_MAX`] bytes.
    Say { line: String },
    /// A page of the table that a line shows; its digits and the line are at most [`LINE_MAX`] bytes.
    Page { page: usize, line: String },
    /// A form that asks for the missing words of a command, which is kept under the interaction that it came with.
    Kept { interaction: u64 },
}

/// Makes and reads custom ids.
pub struct ButtonSigner(Arc<SecretBox<[u8; 32]>>);

impl ButtonSigner {
    pub fn new(key: Arc<SecretBox<[u8; 32]>>) -> ButtonSigner {
        ButtonSigner(key)
    }

    /// The custom id for this, at most 100 characters for every command the desk has.
    pub fn id(&self, press: &ButtonAction) -> String {
        let plain = match press {
            ButtonAction::Decide { path, no, plan } => {
                format!("{VERSION}:{path}:{}:{}", no.0, plan.as_deref().unwrap_or_default())
            }
            ButtonAction::Say { line } => format!("{VERSION}:say:{line}"),
            ButtonAction::Page { page, line } => format!("{VERSION}:page:{page}:{line}"),
            ButtonAction::Kept { interaction } => format!("{VERSION}:form:{interaction}:"),
        };
        let mark = self.mac(&plain).finalize().into_bytes();
        format!("{plain}:{}", URL_SAFE_NO_PAD.encode(mark.get(..MARK).unwrap_or_default()))
    }

    /// What a custom id means, if this desk made it.
    pub fn read(&self, id: &str) -> Result<ButtonAction, Problem> {
        let forged = || {
            Problem::requester("button_unknown", "This button was not made by this desk.")
                .hint("Take the newest card of the request; `/desk requests` lists the open ones.")
        };
        let (plain, mark) = id.rsplit_once(':').ok_or_else(forged)?;
        let parts: Vec<&str> = plain.split(':').collect();
        if parts.first() != Some(&VERSION) {
            return Err(Problem::requester(
                "button_version",
                "This button is of another version of the desk.",
            )
            .hint("Take the newest card of the request; `/desk requests` lists the open ones."));
        }
        let mark = URL_SAFE_NO_PAD.decode(mark).map_err(|_| forged())?;
        if mark.len() != MARK || self.mac(plain).verify_truncated_left(&mark).is_err() {
            return Err(forged());
        }
        if let [_, "say", ..] = parts.as_slice() {
            let line = plain.splitn(3, ':').nth(2).unwrap_or_default().to_owned();
            return Ok(ButtonAction::Say { line });
        }
        if let [_, "page", page, ..] = parts.as_slice() {
            let line = plain.splitn(4, ':').nth(3).unwrap_or_default().to_owned();
            return Ok(ButtonAction::Page { page: page.parse().map_err(|_| forged())?, line });
        }
        match parts.as_slice() {
            [_, "form", interaction, ""] => {
                Ok(ButtonAction::Kept { interaction: interaction.parse().map_err(|_| forged())? })
            }
            [_, path, no, plan] => Ok(ButtonAction::Decide {
                path: (*path).to_owned(),
                no: RequestNo(no.parse().map_err(|_| forged())?),
                plan: (!plan.is_empty()).then(|| (*plan).to_owned()),
            }),
            _ => Err(forged()),
        }
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac
    }
}
