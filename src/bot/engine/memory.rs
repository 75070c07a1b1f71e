//! An engine in memory, for when there is no other: the desk still finds its lines, and keeps no secrets.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::port::{Change, Engine, EngineError, Table};

type Rows = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Rows>);

impl Memory {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Memory {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.rows().get(&(table, key.to_vec())).cloned())
    }

    fn put(&self, table: Table, changes: Vec<Change>) -> Result<(), EngineError> {
        let mut rows = self.rows();
        for (key, value) in changes {
            match value {
                Some(value) => rows.insert((table, key), value),
                None => rows.remove(&(table, key)),
            };
        }
        Ok(())
    }

    fn scan(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        back: bool,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), EngineError> {
        if from > to {
            return Ok(());
        }
        let rows = self.rows();
        let range =
            rows.range((Bound::Included((table, from.to_vec())), Bound::Included((table, to.to_vec()))));
        let mut give = |((_, key), value): (&(Table, Vec<u8>), &Vec<u8>)| each(key, value);
        match back {
            true => range.rev().take_while(|row| give(*row)).count(),
            false => range.into_iter().take_while(|row| give(*row)).count(),
        };
        Ok(())
    }

    fn compare_and_swap(
        &self,
        table: Table,
        key: &[u8],
        old: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<bool, EngineError> {
        let mut rows = self.rows();
        let key = (table, key.to_vec());
        if rows.get(&key).map(Vec::as_slice) != old {
            return Ok(false);
        }
        match new {
            Some(new) => rows.insert(key, new.to_vec()),
            None => rows.remove(&key),
        };
        Ok(true)
    }

    fn make_durable(&self) -> Result<(), EngineError> {
        let why = "there is no engine but memory, which survives nothing";
        Err(EngineError::Refused(ErrorKind::Unsupported, why.to_owned()))
    }
}
