//! The store: what is acknowledged survives, what is altered is named.
