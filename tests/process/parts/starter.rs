//! Whom a desk runs as.

use connect_desk::starter::name_of;

#[test]
fn the_name_is_that_of_the_number() {
    let list = "root:x:0:0:root:/root:/bin/sh\nodd\ndesk:x:998:998::/var/lib/desk:/usr/sbin/nologin\n";
    assert_eq!(name_of(998, list).as_deref(), Some("desk"));
    assert_eq!(name_of(0, list).as_deref(), Some("root"));
    assert_eq!(name_of(1, list), None);
}
