//! Whom the operating system runs this process as: asked of the process and the system's own list, not of the environment,
//! which anyone who starts it can set as they like.

use desk_core::policy::rule_set::StartedBy;

/// The account and the host of this process.
#[cfg(target_os = "linux")]
pub fn of_process() -> StartedBy {
    let uid = rustix::process::getuid().as_raw();
    let user = std::fs::read_to_string("/etc/passwd").ok().and_then(|list| name_of(uid, &list));
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    // An account of a directory service is in no file; its number is what the kernel goes by.
    StartedBy { user: user.unwrap_or_else(|| uid.to_string()), uid: Some(uid), host }
}

/// Other systems tell it in ways that need foreign code.
#[cfg(not(target_os = "linux"))]
pub fn of_process() -> StartedBy {
    StartedBy { user: "unknown".to_owned(), uid: None, host: "unknown".to_owned() }
}

/// The name of an account in a list as passwd(5) has it.
#[cfg(any(target_os = "linux", test))]
fn name_of(uid: u32, list: &str) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_number() {
        let list = "root:x:0:0:root:/root:/bin/sh\nodd\ndesk:x:998:998::/var/lib/desk:/usr/sbin/nologin\n";
        assert_eq!(name_of(998, list).as_deref(), Some("desk"));
        assert_eq!(name_of(0, list).as_deref(), Some("root"));
        assert_eq!(name_of(1, list), None);
    }
}
