//! The head of the log: its newest lines, how many lines and requests there are, and the right edge of the tree over them.
//!
//! It is what makes a commit whole. sled recovers what was put in the order in which it was put, so a commit puts what the
//! head has no room for first, then the head, then the index: without the head the lines never were, and with it the
//! index can be made up for from the lines, which is why the head also says how many lines there were before. sled has
//! batches of its own, but each costs one more wait for the disk.

use desk_core::log::merkle::{Edge, Hash};
use desk_core::problem::Problem;

use super::disk::{Disk, guarded};

const KEY: &[u8] = b"head";
const VERSION: u8 = 1;

/// The state of the log after a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The lines there were before this commit; those since may be missing from the index.
    pub before: u64,
    /// The number of the newest request.
    pub requests: u64,
    /// The size and right edge.
    pub edge: Edge,
    /// The number of the first of the newest lines, which are in no bundle yet.
    pub first: u64,
    /// These lines, as in a bundle.
    pub newest: Vec<u8>,
}

impl Head {
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(&self.before.to_be_bytes());
        out.extend_from_slice(&self.requests.to_be_bytes());
        push_edge(&mut out, &self.edge);
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&self.newest);
        out
    }

    pub fn decode(bytes: &[u8]) -> Option<Head> {
        let ([VERSION], bytes) = bytes.split_first_chunk::<1>()? else { return None };
        let (before, bytes) = bytes.split_first_chunk::<8>()?;
        let (requests, bytes) = bytes.split_first_chunk::<8>()?;
        let (edge, bytes) = take_edge(bytes)?;
        let (first, newest) = bytes.split_first_chunk::<8>()?;
        let head = Head {
            before: u64::from_be_bytes(*before),
            requests: u64::from_be_bytes(*requests),
            edge,
            first: u64::from_be_bytes(*first),
            newest: newest.to_vec(),
        };
        (head.before <= head.size() && head.first <= head.size()).then_some(head)
    }
}

/// The size and the hashes of an edge, whose number the size tells.
pub(super) fn push_edge(out: &mut Vec<u8>, edge: &Edge) {
    out.extend_from_slice(&edge.size().to_be_bytes());
    edge.subtrees().iter().for_each(|hash| out.extend_from_slice(hash));
}

pub(super) fn take_edge(bytes: &[u8]) -> Option<(Edge, &[u8])> {
    let (size, bytes) = bytes.split_first_chunk::<8>()?;
    let size = u64::from_be_bytes(*size);
    let (hashes, rest) = bytes.split_at_checked(size.count_ones() as usize * 32)?;
    let hashes: Vec<Hash> = hashes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect();
    Some((Edge::new(size, hashes)?, rest))
}

impl Disk {
    /// The head; `Ok(None)` when there is none, which a log that was ever opened has.
    pub fn head(&self) -> Result<Option<Head>, Problem> {
        let found = guarded("read", || self.head.get(KEY))?;
        match found.map(|bytes| Head::decode(&bytes)) {
            None => Ok(None),
            Some(Some(head)) => Ok(Some(head)),
            Some(None) => Err(Problem::log("log_head_damaged", "The head of the log cannot be read.")
                .next("Run `connect-desk log verify`, then put the newest backup in the folder's place.")),
        }
    }

    pub fn put_head(&self, head: &Head) -> Result<(), Problem> {
        self.put(&self.head, KEY, &head.encode())
    }
}
