//! What operators and requesters are told about the rules. These judge as the desk does and have no rules of their own.

pub mod coverage;
pub mod explain;
pub mod lint;
pub mod replay;
