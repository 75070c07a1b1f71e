//! Someone with a text editor: changes the file of a closed log in the ways verification has to notice.

use std::path::{Path, PathBuf};

use desk_core::log::merkle::{self, Edge};
use desk_core::log::{Line, Seal};
use ed25519_dalek::SigningKey;

/// The file, piece by piece: lines, and the seals between them.
pub struct Tamper {
    path: PathBuf,
    pub pieces: Vec<Vec<u8>>,
    /// Where each line is among the pieces, as long as none was moved.
    of: Vec<usize>,
}

impl Tamper {
    pub fn open(dir: &Path) -> Tamper {
        let path = dir.join("log.jsonl");
        let text = std::fs::read(&path).unwrap();
        let text = text.strip_suffix(b"\n").unwrap();
        let pieces: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let of = (0..pieces.len()).filter(|i| !Seal::is_meant(&pieces[*i])).collect();
        Tamper { path, pieces, of }
    }

    pub fn save(&self) {
        let text: Vec<u8> = self.pieces.iter().flat_map(|piece| [piece, &b"\n"[..]].concat()).collect();
        std::fs::write(&self.path, text).unwrap();
    }

    pub fn line(&mut self, line: u64) -> &mut Vec<u8> {
        &mut self.pieces[self.of[line as usize]]
    }

    pub fn place_of(&self, line: u64) -> usize {
        self.of[line as usize]
    }

    /// The place of the seal that a line is under.
    pub fn seal_over(&self, line: u64) -> usize {
        (self.place_of(line)..self.pieces.len()).find(|i| Seal::is_meant(&self.pieces[*i])).unwrap()
    }

    pub fn seal(&self, place: usize) -> Seal {
        Seal::decode(&self.pieces[place]).unwrap()
    }

    /// The first line and the last of the batch with this line.
    pub fn batch_of(&self, line: u64) -> (u64, u64) {
        let seal = self.seal(self.seal_over(line));
        (seal.first(), seal.checkpoint.size - 1)
    }

    /// Puts a line's minute one digit off.
    pub fn change(&mut self, line: u64) {
        let text = self.line(line);
        let at = text.windows(5).position(|window| window == b"03:14").unwrap();
        text[at + 4] ^= 1;
    }

    /// Changes the hash that a line has in its seal.
    pub fn change_leaf(&mut self, line: u64) {
        let place = self.seal_over(line);
        let mut seal = self.seal(place);
        let first = seal.first();
        seal.leaves[(line - first) as usize][0] ^= 1;
        self.pieces[place] = Seal::encode(&seal.note, &seal.leaves);
    }

    /// Takes the batch with this line out, with its seal; gives its first line and its last.
    pub fn drop_batch(&mut self, line: u64) -> (u64, u64) {
        let (first, last) = self.batch_of(line);
        let until = self.seal_over(line);
        self.pieces.drain(self.place_of(first)..=until);
        (first, last)
    }

    /// Makes every seal again over the lines as they are now. Without the key the old signatures stay.
    pub fn seal_anew(&mut self, key: Option<&SigningKey>) {
        let mut edge = Edge::default();
        let mut leaves = Vec::new();
        for piece in &mut self.pieces {
            let Some(old) = Seal::decode(piece) else {
                let leaf = merkle::leaf(piece);
                edge.push(leaf);
                leaves.push(leaf);
                continue;
            };
            let first = edge.size() - leaves.len() as u64;
            let checkpoint = Seal::checkpoint(&old.checkpoint.origin, &edge, first);
            let note = match key {
                Some(key) => checkpoint.sign(key),
                None => {
                    let (_, signature) = old.note.split_once("\n\n").unwrap();
                    let made = checkpoint.sign(&SigningKey::from_bytes(&[1; 32]));
                    format!("{}\n\n{signature}", made.split_once("\n\n").unwrap().0)
                }
            };
            *piece = Seal::encode(&note, &leaves);
            leaves.clear();
        }
    }

    /// Cuts the file off after the batch with this line; gives that batch's checkpoint.
    pub fn cut_after(&mut self, line: u64) -> String {
        let last = self.seal_over(line);
        self.pieces.truncate(last + 1);
        self.seal(last).note
    }
}

/// The desk's own key, in the wrong hands.
pub fn key(dir: &Path) -> SigningKey {
    let bytes = std::fs::read(dir.join("log.key")).unwrap();
    SigningKey::from_bytes(bytes.first_chunk().unwrap())
}

/// The lines of a closed folder that can be read, by what they say.
pub fn numbers(lines: &[String]) -> Vec<u64> {
    lines.iter().filter_map(|line| Line::decode(line.as_bytes()).ok()).map(|line| line.line).collect()
}
