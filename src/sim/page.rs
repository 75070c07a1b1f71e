//! Pages of a list, and the tokens between them.
//!
//! A token holds the key of the last entry, so a list that changes while it is read neither repeats nor skips an entry
//! that was there all along. It is sealed with what was asked: it fits no other operation, instance or filter.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::answer::Refusal;
use crate::contract::{Shape, contract};
use crate::operations::Ask;
use crate::world::World;

/// The page size of a list that is asked for without one.
const DEFAULT_SIZE: u64 = 100;
const SEAL: usize = 12;

/// The largest page that an operation declares.
fn largest(input: &str) -> u64 {
    let Shape::Structure { members } = contract().shape(input) else { return DEFAULT_SIZE };
    let max_results = members.iter().find(|member| member.name == "MaxResults");
    match max_results.map(|member| contract().shape(&member.shape)) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // The contract's page sizes are small and whole.
        Some(Shape::Integer(bounds)) => bounds.max.map_or(DEFAULT_SIZE, |max| max as u64),
        _ => DEFAULT_SIZE,
    }
}

pub(crate) struct Page {
    asked: Sha256,
    after: Option<String>,
    size: usize,
}

impl Page {
    /// Reads MaxResults and NextToken.
    pub(crate) fn of(ask: &Ask, world: &World) -> Result<Self, Refusal> {
        let mut asked = Sha256::new();
        asked.update(world.instance.names.instance_id.as_bytes());
        asked.update(ask.operation.name.as_bytes());
        for (name, value) in &ask.input {
            // The instance may be named by its id on one page and by its ARN on the next.
            if !matches!(name.as_str(), "MaxResults" | "NextToken" | "InstanceId") {
                asked.update(name.as_bytes());
                asked.update(value.to_string().as_bytes());
            }
        }
        let size = ask.input.get("MaxResults").and_then(Value::as_u64);
        let size = size.unwrap_or_else(|| DEFAULT_SIZE.min(largest(&ask.operation.input)));
        let mut page = Self { asked, after: None, size: usize::try_from(size).unwrap_or(usize::MAX) };
        if let Some(token) = ask.input.get("NextToken").and_then(Value::as_str) {
            page.after = Some(page.open(token).ok_or_else(|| {
                Refusal::invalid_parameter(
                    "NextToken is not one that this request was answered with. Start without one.",
                )
            })?);
        }
        Ok(page)
    }

    /// The key behind which this page starts.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Takes this page out of entries that come in the order of their keys.
    pub(crate) fn cut<K: AsRef<str>, T>(
        &self,
        entries: impl IntoIterator<Item = (K, T)>,
    ) -> (Vec<T>, Option<String>) {
        let mut page = Vec::with_capacity(self.size.min(1_000));
        let mut last: Option<K> = None;
        for (key, entry) in entries {
            if self.after().is_some_and(|after| key.as_ref() <= after) {
                continue;
            }
            if page.len() == self.size {
                return (page, last.map(|key| self.seal(key.as_ref())));
            }
            page.push(entry);
            last = Some(key);
        }
        (page, None)
    }

    fn mark(&self, key: &str) -> [u8; SEAL] {
        let digest = self.asked.clone().chain_update(b"\0").chain_update(key.as_bytes()).finalize();
        let mut mark = [0; SEAL];
        mark.copy_from_slice(&digest[..SEAL]);
        mark
    }

    fn seal(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode([&self.mark(key), key.as_bytes()].concat())
    }

    fn open(&self, token: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (mark, key) = bytes.split_at_checked(SEAL)?;
        let key = String::from_utf8(key.to_vec()).ok()?;
        (self.mark(&key) == mark).then_some(key)
    }
}
