//! A disk that forgets: keeps on the side what each file would have after a power cut, from the calls that change files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use connect_desk::store::{Act, Call, Fate, Writes};

use crate::helper::Dice;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// A file: what is on the disk, and what the kernel has still to write.
#[derive(Clone, Debug, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

#[derive(Clone, Debug, Default)]
struct Names(BTreeMap<String, usize>);

#[derive(Debug, Default)]
struct Model {
    files: Vec<File>,
    names: Names,
    durable_names: Names,
    /// Calls until the power goes; none after that happen.
    left: u64,
}

/// The disk.
#[derive(Clone, Default)]
pub struct Tape(Arc<Mutex<Model>>);

impl Tape {
    /// A disk that has these files, whose power goes after so many calls.
    pub fn of(dir: &Path, left: u64) -> Tape {
        let mut model = Model { left, ..Model::default() };
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_file() {
                let name = entry.file_name().into_string().unwrap();
                model.names.0.insert(name, model.files.len());
                model.files.push(File { durable: std::fs::read(entry.path()).unwrap(), pending: Vec::new() });
            }
        }
        model.durable_names = model.names.clone();
        Tape(Arc::new(Mutex::new(model)))
    }

    pub fn writes(&self) -> Writes {
        let tape = self.clone();
        Writes::watched(move |call| tape.0.lock().unwrap().call(call))
    }

    pub fn is_cut(&self) -> bool {
        self.0.lock().unwrap().left == 0
    }

    /// Writes into a folder what the disk would have: all that was synced, and any part of the rest.
    pub fn after_the_cut(&self, dir: &Path, dice: &mut Dice) {
        let model = self.0.lock().unwrap();
        let names = if dice.below(2) == 0 { &model.names } else { &model.durable_names };
        for (name, file) in &names.0 {
            let file = &model.files[*file];
            let mut bytes = file.durable.clone();
            for change in &file.pending {
                match change {
                    Change::Cut(length) if dice.below(2) == 0 => bytes.truncate(*length),
                    Change::Cut(_) => {}
                    Change::Write(at, new) => {
                        // The file's length may be known although its blocks never came.
                        if dice.below(4) > 0 && bytes.len() < at + new.len() {
                            bytes.resize(at + new.len(), 0);
                        }
                        let mut from = 0;
                        while from < new.len() {
                            let to = ((at + from) / SECTOR * SECTOR + SECTOR - at).min(new.len());
                            if dice.below(3) > 0 && bytes.len() >= at + from {
                                bytes.resize(bytes.len().max(at + to), 0);
                                bytes[at + from..at + to].copy_from_slice(&new[from..to]);
                            }
                            from = to;
                        }
                    }
                }
            }
            std::fs::write(dir.join(name), bytes).unwrap();
        }
    }
}

impl Model {
    fn call(&mut self, call: &Call<'_>) -> Fate {
        if call.act == Act::Answer {
            return Fate::Happens;
        }
        if self.left == 0 {
            return Fate::Fails(std::io::Error::other("the power is gone"));
        }
        self.left -= 1;
        let fate = match self.left {
            0 => Fate::Fails(std::io::Error::other("the power is gone")),
            _ => Fate::Happens,
        };
        let is_replacement = call.file.ends_with(".new");
        let known = self.names.0.get(call.file).copied();
        match call.act {
            Act::Create if is_replacement || known.is_none() => {
                self.names.0.insert(call.file.to_owned(), self.files.len());
                self.files.push(File::default());
            }
            Act::Write => {
                self.files[known.unwrap()].pending.push(Change::Write(call.at as usize, call.bytes.to_vec()))
            }
            Act::Truncate => self.files[known.unwrap()].pending.push(Change::Cut(call.at as usize)),
            // The last call of all may not have come to its end.
            Act::Sync if self.left > 0 => {
                let file = &mut self.files[known.unwrap()];
                for change in std::mem::take(&mut file.pending) {
                    match change {
                        Change::Cut(length) => file.durable.truncate(length),
                        Change::Write(at, bytes) => {
                            let length = file.durable.len().max(at + bytes.len());
                            file.durable.resize(length, 0);
                            file.durable[at..at + bytes.len()].copy_from_slice(&bytes);
                        }
                    }
                }
            }
            Act::Rename => {
                if let Some(file) = self.names.0.remove(&format!("{}.new", call.file)) {
                    self.names.0.insert(call.file.to_owned(), file);
                }
            }
            Act::SyncFolder if self.left > 0 => self.durable_names = self.names.clone(),
            _ => {}
        }
        fate
    }
}
