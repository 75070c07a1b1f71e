//! Logins that are made of what is nearly one.

use desk_core::basics::ids;
use desk_core::basics::logins::meant;

#[test]
fn a_login_is_made_of_what_is_nearly_one() {
    for (typed, login) in [
        ("Zoë.Müller", "Zoe.Muller"),
        ("李.伟", "Li.Wei"),
        ("john doe", "john.doe"),
        ("Pat.O'Brien", "Pat.OBrien"),
        ("Łukasz.Żółć", "Lukasz.Zolc"),
        ("Søren.Ærø", "Soren.AEro"),
        ("Nguyễn.Văn", "Nguyen.Van"),
        ("john+doe", "johndoe"),
    ] {
        assert_eq!(meant(typed).as_deref(), Some(login), "{typed}");
        assert_eq!(ids::login(login).unwrap(), login);
    }
    for nothing in ["1.2E+5", "!?", "", "@", "..."] {
        assert_eq!(meant(nothing), None, "{nothing}");
    }
}
