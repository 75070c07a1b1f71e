//! Pages of a list, and the tokens between them.
//!
//! A token holds the key of the last entry, so a list that changes while it is read neither repeats nor skips an entry
//! that was there all along. It is sealed with the request: it is valid for no other operation, instance or filter. It
//! expires: some operations document five minutes, and here that holds for all tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::answer::Refusal;
use crate::call::Call;
use crate::world::World;

const SEAL: usize = 12;
/// The bytes of the moment at which a token was made.
const MADE: usize = 8;

pub(crate) struct Page {
    asked: Sha256,
    after: Option<String>,
    size: usize,
    now_ms: i64,
}

impl Page {
    /// Reads MaxResults and NextToken.
    pub(crate) fn of(call: &Call, world: &World) -> Result<Self, Refusal> {
        let mut asked = Sha256::new();
        asked.update(world.instance.names.instance_id.as_bytes());
        asked.update(call.operation.name.as_bytes());
        for (name, value) in &call.input {
            // The instance may be named by its id on one page and by its ARN on the next.
            if !matches!(name.as_str(), "MaxResults" | "NextToken" | "InstanceId") {
                asked.update(name.as_bytes());
                asked.update(value.to_string().as_bytes());
            }
        }
        let size = call.input.get("MaxResults").and_then(Value::as_u64);
        let size = usize::try_from(size.unwrap_or(call.operation.page)).unwrap_or(usize::MAX);
        let mut page = Self { asked, after: None, size, now_ms: call.now_ms };
        if let Some(token) = call.text("NextToken") {
            let (made_ms, key) = page.open(token).ok_or_else(|| {
                Refusal::invalid_parameter(
                    "NextToken is not one that this request was answered with. Start without one.",
                )
            })?;
            if made_ms.saturating_add(call.rules.token_lives_ms) < call.now_ms {
                return Err(Refusal::invalid_parameter("NextToken has expired. Start without one."));
            }
            page.after = Some(key);
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

    fn mark(&self, content: &[u8]) -> [u8; SEAL] {
        let digest = self.asked.clone().chain_update(b"\0").chain_update(content).finalize();
        let mut mark = [0; SEAL];
        mark.copy_from_slice(&digest[..SEAL]);
        mark
    }

    fn seal(&self, key: &str) -> String {
        let content = [&self.now_ms.to_be_bytes(), key.as_bytes()].concat();
        STANDARD_NO_PAD.encode([&self.mark(&content), &*content].concat())
    }

    /// When the token was made, and the key behind which the next page starts.
    fn open(&self, token: &str) -> Option<(i64, String)> {
        let bytes = STANDARD_NO_PAD.decode(token).ok()?;
        let (mark, content) = bytes.split_at_checked(SEAL)?;
        let (made, key) = content.split_at_checked(MADE)?;
        let key = String::from_utf8(key.to_vec()).ok()?;
        (self.mark(content) == mark).then_some((i64::from_be_bytes(made.try_into().ok()?), key))
    }
}
