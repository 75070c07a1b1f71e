use desk_core::view::sentence;

#[test]
fn what_is_cut_keeps_its_words_and_spans_whole() {
    let person = "asked by `\u{2}discord:17|Lena`";
    for (text, max, said) in [
        ("more permissions", 16, "more permissions"),
        ("more permissions than an agent", 20, "more permissions…"),
        ("more permissions than an agent", 21, "more permissions than…"),
        ("removed by `john.doe` (as an agent)", 22, "removed by `john.doe`…"),
        ("removed by `john.doe` (as an agent)", 16, "removed by…"),
        ("a `name of many words and letters`", 20, "a `name of many word`…"),
        (person, 14, "asked by…"),
        ("Donaudampfschifffahrt", 10, "Donaudampf…"),
    ] {
        assert_eq!(sentence(text, max), said, "{text} {max}");
    }
}
