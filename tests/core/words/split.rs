//! Lines in words, and quotes around them.

use desk_core::words::{quoted, split};

fn texts(line: &str) -> Vec<String> {
    split(line).unwrap().into_iter().map(|word| word.text).collect()
}

#[test]
fn quotes_end_where_people_mean_it() {
    for (line, words) in table! {
        ("a \"b c\" d", vec!["a", "b c", "d"]),
        ("reason:\"he said \u{201c}no\u{201d} to it\" x", vec!["reason:he said \u{201c}no\u{201d} to it", "x"]),
        ("\u{201c}it's \"over\" now\u{201d}", vec!["it's \"over\" now"]),
        ("\u{201c}locked out\" x", vec!["locked out", "x"]),
        ("\u{201e}locked out\u{201c} x", vec!["locked out", "x"]),
        ("\u{ab}locked out\u{bb}", vec!["locked out"]),
        ("\u{bb}locked out\u{ab}", vec!["locked out"]),
        ("'it's late'", vec!["it's late"]),
        ("O'Brien 'til", vec!["O'Brien", "'til"]),
        ("`john.doe`", vec!["john.doe"]),
        ("\"john.doe\", \"jane.doe\"", vec!["john.doe,", "jane.doe"]),
        ("\"\" x", vec!["", "x"]),
        // Options of another command, with quotes around their values.
        ("matching:\"group:\"Team 1\" tag:a=b\" x", vec!["matching:group:\"Team 1\" tag:a=b", "x"]),
        ("matching:\"group:\\\"Team 1\\\" tag:a=b\" x", vec!["matching:group:\"Team 1\" tag:a=b", "x"]),
        ("matching:\"tag:a=b group:\"Team 1\"\" x", vec!["matching:tag:a=b group:\"Team 1\"", "x"]),
        ("matching:\u{201c}group:\u{201c}Team 1\u{201d} tag:a=b\u{201d} x", vec!["matching:group:\u{201c}Team 1\u{201d} tag:a=b", "x"]),
        ("reason:\"note:\" x", vec!["reason:note:", "x"]),
    } {
        assert_eq!(texts(line), words, "{line}");
    }
    for line in ["a \"b c", "matching:\"group:\"Team 1 tag:a=b x"] {
        assert_eq!(split(line).unwrap_err().code, "quote_open", "{line}");
    }
}

#[test]
fn a_value_that_is_typed_again_is_read_as_it_was() {
    for value in
        ["a", "a b", "say \"no\"", "\u{ab}a\u{bb} \"b\"", "it's", "'til", "", "\u{201c}a\u{201d} b", "a,b"]
    {
        let line = format!("x reason:{} y", quoted(value));
        assert_eq!(texts(&line), ["x".to_owned(), format!("reason:{value}"), "y".to_owned()], "{line}");
    }
}
