//! The log and the sealed secrets on sled.
