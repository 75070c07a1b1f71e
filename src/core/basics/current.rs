//! A value that may be replaced while others use it, such as the policy when the configuration is read again.

use std::sync::{Arc, PoisonError, RwLock};

/// Anyone who has taken it continues with what was there then. Clones are the same value.
#[derive(Debug)]
pub struct Current<T>(Arc<RwLock<Arc<T>>>);

impl<T> Current<T> {
    pub fn new(value: impl Into<Arc<T>>) -> Current<T> {
        Current(Arc::new(RwLock::new(value.into())))
    }

    /// What is there now.
    pub fn get(&self) -> Arc<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set(&self, value: impl Into<Arc<T>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value.into();
    }
}

impl<T> Clone for Current<T> {
    fn clone(&self) -> Current<T> {
        Current(self.0.clone())
    }
}
