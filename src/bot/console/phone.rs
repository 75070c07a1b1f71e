//! An authenticator for anyone who practises, so that no one needs a phone for it.

use desk_core::basics::secret::Secret;
use jiff::Timestamp;
use totp_rs::Totp;

/// What someone scanned.
pub struct Phone(Totp);

impl Phone {
    /// Scans the picture that the desk shows, which holds this address; `None` when it is none.
    pub fn scan(address: &Secret) -> Option<Phone> {
        Totp::from_url(address.show()).ok().map(Phone)
    }

    /// The six digits that it shows at this moment.
    pub fn code(&self, now: Timestamp) -> String {
        self.0.generate(u64::try_from(now.as_second()).unwrap_or_default()).to_string()
    }

    /// A line with the digits in place of the word `phone` after `code:`.
    pub fn typed(&self, line: &str, now: Timestamp) -> String {
        line.replace("code:phone", &format!("code:{}", self.code(now)))
    }
}
