//! A text that doesn't print, and that no file and no log can hold.

use serde::{Deserialize, Serialize};

/// A text that is shown but never printed by `{:?}` nor written anywhere.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(zeroize::Zeroizing<String>);

impl Secret {
    pub fn new(secret: String) -> Secret {
        Secret(zeroize::Zeroizing::new(secret))
    }

    /// The secret, for the one place that draws it.
    pub fn show(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("hidden")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(|_| Secret::default())
    }
}
