//! Stories as they are played: what people type, and what their answers have.

#![allow(unused_macros, reason = "each test target uses a part of it")]

/// Lines that people type, one after the other, each with words of its answer. See `Story::plays`.
macro_rules! plays {
    ($story:ident: $(($who:expr, $line:expr $(, $word:expr)*)),* $(,)?) => {
        $story.plays(&[$(($who, $line, &[$($word),*])),*]).await
    };
}

/// Several ends of a line, each with words of its answer.
macro_rules! answers {
    ($story:ident: $who:expr, $start:expr; $(($end:expr $(, $word:expr)*)),* $(,)?) => {
        $story.answers($who, $start, &[$(($end, &[$($word),*])),*]).await
    };
}
