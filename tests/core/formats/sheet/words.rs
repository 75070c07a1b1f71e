//! Words that are yes, no, nothing, an error or a total.

use desk_core::basics::text::folded;
use desk_core::formats::sheet::words::{NO, NOTHING, YES, is_error, is_nothing, is_total, yes_or_no};

#[test]
fn every_word_is_found_as_it_is_compared() {
    for (words, yes) in [(YES, Some(true)), (NO, Some(false))] {
        for word in words {
            assert_eq!(yes_or_no(&folded(word)), yes, "{word}");
        }
    }
    for (typed, yes) in [("FAŁSZ", false), ("Não", false), ("DOĞRU", true), ("ΑΛΗΘΈΣ", true), ("Sí", true)]
    {
        assert_eq!(yes_or_no(&folded(typed)), Some(yes), "{typed}");
    }
    assert!(NOTHING.iter().all(|word| is_nothing(&folded(word))));
    assert!(is_error("#N/A") && is_error("#REF!") && !is_error("#1"));
    assert!(is_total("total: 25") && is_total("grand total") && !is_total("totalski"));
}
