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
pub fn name_of(uid: u32, list: &str) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}
