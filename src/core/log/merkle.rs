//! The Merkle tree of RFC 6962, section 2: leaf and node hashes, and the root of a log of any size.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 of 0x00 and the line's bytes.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node: SHA-256 of 0x01 and its two children.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The right edge of a tree: the roots of its complete subtrees from the largest to the smallest.
///
/// Appending touches the edge alone, so a log of any size is extended and its root told from at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// One for each bit set in `size`, from the highest.
    subtrees: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of `size` leaves; `None` when the number of subtrees does not fit the size.
    pub fn new(size: u64, subtrees: Vec<Hash>) -> Option<Edge> {
        (subtrees.len() == size.count_ones() as usize).then_some(Edge { size, subtrees })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// Adds a leaf hash on the right.
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf);
    }

    /// Adds a complete subtree of `2^height` leaves on the right; the size must be a multiple of that.
    pub fn push_subtree(&mut self, height: u32, root: Hash) {
        debug_assert_eq!(
            self.size % (1 << height),
            0,
            "a subtree is appended where its size divides the tree's"
        );
        let mut hash = root;
        let mut level = height;
        while self.size >> level & 1 == 1 {
            if let Some(left) = self.subtrees.pop() {
                hash = node(&left, &hash);
            }
            level += 1;
        }
        self.subtrees.push(hash);
        self.size += 1 << height;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(last) = subtrees.next() else { return empty_root() };
        subtrees.fold(*last, |right, left| node(left, &right))
    }
}
