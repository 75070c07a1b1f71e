//! Files that are named by their paths at the console.

use connect_desk::console::Paths;
use desk_core::basics::ids::Platform;
use desk_core::ports::Inbox as _;

#[tokio::test]
async fn a_file_comes_in_pieces_and_what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    std::fs::write(folder.path().join("log.txt"), &bytes).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let inbox = Paths { folders: vec![folder.path().join("folder"), folder.path().to_owned()] };
    let mut file = inbox.open(Platform::Console, "log.txt").await.unwrap();
    assert_eq!(file.name(), "log.txt");
    let mut read = Vec::new();
    while let Some(piece) = file.next().await.unwrap() {
        assert!(piece.len() <= 64 * 1024);
        read.extend(piece);
    }
    assert!(read == bytes);
    for (path, code) in
        [("folder", "file_kind"), ("absent.csv", "file_unreadable"), ("/dev/null", "file_kind")]
    {
        let problem = inbox.open(Platform::Console, path).await.err().unwrap();
        assert_eq!(problem.code, code, "{path}");
    }
    let near = inbox.open(Platform::Console, "lgo.txt").await.err().unwrap();
    assert_eq!(near.hint, "Did you mean `log.txt`?");
    let elsewhere = inbox.open(Platform::Discord, "log.txt").await.err().unwrap();
    assert_eq!(elsewhere.code, "file_elsewhere");
}
