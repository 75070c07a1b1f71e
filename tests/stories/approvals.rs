//! `docs/approvals.md` told everywhere: the target `process` compares its answers at the console, this one what people see
//! elsewhere.

use crate::support::Story;

#[tokio::test]
async fn the_page_about_approvals_is_told() {
    let path = std::path::Path::new("../../docs/approvals.toml");
    let config = connect_desk::config::read(path, &desk_commands::all()).unwrap();
    let page = std::fs::read_to_string("../../docs/approvals.md").unwrap();
    let mut story = Story::with(|options| options.config = Some(config)).await.everywhere(&[]).await;
    let lines = connect_desk::console::typed(&page);
    assert!(lines.len() > 50, "the page tells {} lines", lines.len());
    for (who, line) in lines {
        story.says(&who, &line).await;
    }
}
