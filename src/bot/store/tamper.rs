//! For tests: somebody with a text editor for sled. Changes a closed folder in the ways verification has to notice.

use std::path::Path;

use desk_core::ids::RequestNo;
use desk_core::log::merkle::{self, Edge, Hash};
use sled::{Db, Tree};

use super::checkpoints;
use super::files::Folder;
use super::head::Head;
use super::index::Term;
use super::keys::LogKey;
use super::lines::{Body, Entry, entries, number, push_entry};

type Failed = Box<dyn std::error::Error>;

/// Hashes and bytes.
type Lines = Vec<(Hash, Vec<u8>)>;

/// Keys and values as they stand.
type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// A folder in the wrong hands.
pub struct Tamper {
    db: Db,
    bundles: Tree,
    parts: Tree,
    heads: Tree,
}

impl Tamper {
    pub fn open(dir: &Path) -> Result<Tamper, Failed> {
        let db = super::disk::engine(&dir.join("db"), 64 * 1024 * 1024)?;
        let tree = |name: &str| db.open_tree(name);
        Ok(Tamper { bundles: tree("bundles")?, parts: tree("parts")?, heads: tree("head")?, db })
    }

    fn head(&self) -> Result<Head, Failed> {
        Ok(Head::decode(&self.heads.get("head")?.ok_or("no head")?).ok_or("no head")?)
    }

    fn put_head(&self, head: &Head) -> Result<(), Failed> {
        self.heads.insert("head", head.encode())?;
        self.db.flush()?;
        Ok(())
    }

    /// Changes the lines of one bundle, or of the head, the one with this line in it, as a list of hashes and bytes.
    fn bundle(&self, line: u64, change: impl FnOnce(usize, &mut Lines)) -> Result<(), Failed> {
        let mut head = self.head()?;
        if line >= head.first {
            head.newest = changed(&head.newest, usize::try_from(line - head.first)?, change)?;
            return self.put_head(&head);
        }
        let (key, value) = self.bundles.range(..=line.to_be_bytes()).next_back().ok_or("no such line")??;
        let first = number(&key).ok_or("no number")?;
        self.bundles.insert(key, changed(&value, usize::try_from(line - first)?, change)?)?;
        self.db.flush()?;
        Ok(())
    }

    /// The bytes of a line that stands in its bundle.
    pub fn line(&self, line: u64) -> Result<Vec<u8>, Failed> {
        let mut found = Vec::new();
        self.bundle(line, |place, lines| {
            found = lines.get(place).map(|(_, bytes)| bytes.clone()).unwrap_or_default()
        })?;
        Ok(found)
    }

    /// Changes a byte of a line's text, and the hash beside it as well when told to.
    pub fn flip(&self, line: u64, byte: usize, and_hash: bool) -> Result<(), Failed> {
        self.bundle(line, |place, lines| {
            if let Some((hash, bytes)) = lines.get_mut(place)
                && let Some(byte) = bytes.get_mut(byte)
            {
                *byte ^= 1;
                if and_hash {
                    *hash = merkle::leaf(bytes);
                }
            }
        })
    }

    /// Changes a byte in a part of a line that is too long for a bundle.
    pub fn flip_part(&self, line: u64, part: u32, byte: usize) -> Result<(), Failed> {
        let key = [&line.to_be_bytes()[..], &part.to_be_bytes()].concat();
        let mut value = self.parts.get(&key)?.ok_or("no such part")?.to_vec();
        *value.get_mut(byte).ok_or("no such byte")? ^= 1;
        self.parts.insert(key, value)?;
        self.db.flush()?;
        Ok(())
    }

    /// Changes the hash beside a line.
    pub fn flip_hash(&self, line: u64) -> Result<(), Failed> {
        self.bundle(line, |place, lines| {
            if let Some((hash, _)) = lines.get_mut(place) {
                hash[0] ^= 1;
            }
        })
    }

    /// Takes a line out; its neighbours in the bundle move up.
    pub fn drop_line(&self, line: u64) -> Result<(), Failed> {
        self.bundle(line, |place, lines| drop(lines.remove(place)))
    }

    /// Takes the whole bundle with this line out; gives its first line and how many it had.
    pub fn drop_bundle(&self, line: u64) -> Result<(u64, u64), Failed> {
        let (key, value) = self.bundles.range(..=line.to_be_bytes()).next_back().ok_or("no such line")??;
        self.bundles.remove(&key)?;
        self.db.flush()?;
        Ok((number(&key).ok_or("no number")?, entries(&value).ok_or("no bundle")?.len() as u64))
    }

    /// Exchanges two lines, with their hashes.
    pub fn swap(&self, one: u64, other: u64) -> Result<(), Failed> {
        let (mut a, mut b) = (Default::default(), Default::default());
        self.bundle(one, |place, lines| a = lines[place].clone())?;
        self.bundle(other, |place, lines| b = lines[place].clone())?;
        self.bundle(one, |place, lines| lines[place] = b)?;
        self.bundle(other, |place, lines| lines[place] = a)
    }

    /// Cuts the log off at `size` lines. The head goes back with it when told to, as if there had never been more.
    pub fn cut(&self, size: u64, and_head: bool) -> Result<(), Failed> {
        let mut head = self.head()?;
        if size < head.first {
            let (key, value) =
                self.bundles.range(..=size.to_be_bytes()).next_back().ok_or("no such line")??;
            let first = number(&key).ok_or("no number")?;
            let keys: Vec<_> = self.bundles.range(first.to_be_bytes()..).keys().collect::<Result<_, _>>()?;
            keys.iter().try_for_each(|key| self.bundles.remove(key).map(drop))?;
            head.newest = changed(&value, 0, |_, lines| lines.truncate((size - first) as usize))?;
            head.first = first;
        } else {
            let left = size - head.first;
            head.newest = changed(&head.newest, 0, |_, lines| lines.truncate(left as usize))?;
        }
        if and_head {
            head.edge = self.edge_of(&head, size)?;
            head.before = size;
        }
        self.put_head(&head)
    }

    /// The tree over the hashes beside the lines, whatever the lines are.
    fn edge_of(&self, head: &Head, size: u64) -> Result<Edge, Failed> {
        let mut edge = Edge::default();
        let newest = std::iter::once(Ok(sled::IVec::from(head.newest.as_slice())));
        for value in self.bundles.iter().values().chain(newest) {
            for entry in entries(&value?).ok_or("no bundle")? {
                if edge.size() < size {
                    edge.push(entry.hash);
                }
            }
        }
        Ok(edge)
    }

    /// Makes the head fit the hashes that stand beside the lines now, as a careful forger would.
    pub fn rebuild_head(&self) -> Result<(), Failed> {
        let mut head = self.head()?;
        head.edge = self.edge_of(&head, u64::MAX)?;
        self.put_head(&head)
    }

    /// Sets how many requests the head counts.
    pub fn count_requests(&self, requests: u64) -> Result<(), Failed> {
        self.put_head(&Head { requests, ..self.head()? })
    }

    /// Removes the head.
    pub fn drop_head(&self) -> Result<(), Failed> {
        self.heads.clear()?;
        self.db.flush()?;
        Ok(())
    }

    /// Signs every checkpoint anew over the hashes as they stand, with the log's own key: what somebody with all rights
    /// on the host can do.
    pub fn sign_anew(self, dir: &Path, origin: &str) -> Result<(), Failed> {
        let Ok(folder) = Folder::open(dir) else { return Err("the folder is open".into()) };
        let key = LogKey::open(&folder, origin, false)?;
        let tree = self.db.open_tree("checkpoints")?;
        let keys: Vec<_> = tree.iter().keys().collect::<Result<_, _>>()?;
        for size in keys {
            let edge = self.edge_of(&self.head()?, number(&size).ok_or("no number")?)?;
            checkpoints::Signed::sign(&key, &edge, jiff::Timestamp::UNIX_EPOCH).put(&tree, &folder)?;
        }
        self.db.flush()?;
        Ok(())
    }

    /// Removes the checkpoints in sled from this size on.
    pub fn drop_checkpoints(&self, from: u64) -> Result<(), Failed> {
        let tree = self.db.open_tree("checkpoints")?;
        let keys: Vec<_> = tree.range(from.to_be_bytes()..).keys().collect::<Result<_, _>>()?;
        keys.iter().try_for_each(|key| tree.remove(key).map(drop))?;
        self.db.flush()?;
        Ok(())
    }

    /// Removes the first index value of a request, a person or a login.
    pub fn drop_index(&self, of: &Of<'_>) -> Result<(), Failed> {
        let tree = self.db.open_tree("index")?;
        let term = of.term();
        let key = tree.scan_prefix(term.bytes()).keys().next().ok_or("no such entry")??;
        tree.remove(key)?;
        self.db.flush()?;
        Ok(())
    }

    /// Adds a line to the index that does not belong there.
    pub fn add_index(&self, of: &Of<'_>, line: u64) -> Result<(), Failed> {
        let key = [of.term().bytes(), &line.to_be_bytes()].concat();
        self.db.open_tree("index")?.insert(key, b"")?;
        self.db.flush()?;
        Ok(())
    }

    /// Lists a request as open, or takes it off the list.
    pub fn set_open(&self, no: u64, open: bool) -> Result<(), Failed> {
        let tree = self.db.open_tree("open")?;
        match open {
            true => tree.insert(no.to_be_bytes(), b"")?,
            false => tree.remove(no.to_be_bytes())?,
        };
        self.db.flush()?;
        Ok(())
    }

    /// Everything in the index, for comparing.
    pub fn index(&self) -> Result<Rows, Failed> {
        let rows = self
            .db
            .open_tree("index")?
            .iter()
            .map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())));
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many secrets are sealed.
    pub fn secrets(&self) -> Result<usize, Failed> {
        Ok(self.db.open_tree("secrets")?.len())
    }
}

/// A bundle's value with its lines changed.
fn changed(value: &[u8], place: usize, change: impl FnOnce(usize, &mut Lines)) -> Result<Vec<u8>, Failed> {
    let mut lines: Lines = Vec::new();
    for entry in entries(value).ok_or("no bundle")? {
        match entry.body {
            Body::Here(bytes) => lines.push((entry.hash, bytes.to_vec())),
            Body::Apart(_) => return Err("a line in parts is here".into()),
        }
    }
    change(place, &mut lines);
    let mut value = Vec::new();
    lines
        .iter()
        .for_each(|(hash, bytes)| push_entry(&mut value, &Entry { hash: *hash, body: Body::Here(bytes) }));
    Ok(value)
}

/// What an index entry is of.
pub enum Of<'a> {
    Request(u64),
    Person(&'a str),
    Login(&'a str),
}

impl Of<'_> {
    fn term(&self) -> Term {
        match self {
            Of::Request(no) => Term::request(RequestNo(*no)),
            Of::Person(id) => Term::person(id),
            Of::Login(login) => Term::login(login),
        }
    }
}
