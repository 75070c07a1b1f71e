//! Messages with files, as forms.

use crate::support::*;

const FORM: &str = "multipart/form-data; boundary=x";

#[tokio::test]
async fn a_form_is_read_as_it_was_written() {
    let (fake, _, _) = opened().await;
    let body = b"--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{}\r\n\
          --x\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a%22b.csv\"\r\n\
          Content-Type: text/csv\r\n\r\na\r\n\r\n--b\r\n--x--\r\n";
    let answer = Raw::new(&fake).post_as(&messages(), FORM, body).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let sent = fake.look(|world| world.messages(CHANNEL).into_iter().cloned().collect::<Vec<_>>());
    let [message] = &*sent else { panic!("{sent:?}") };
    assert_eq!(message.content, "");
    let files: Vec<_> =
        message.attachments.iter().map(|file| (&*file.filename, &*file.content_type, &*file.bytes)).collect();
    assert_eq!(files, [("a\"b.csv", "text/csv", &b"a\r\n\r\n--b"[..])]);
}

#[tokio::test]
async fn a_form_that_ends_early_is_none() {
    let (fake, _, _) = opened().await;
    let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb";
    let answer = Raw::new(&fake).post_as(&messages(), FORM, body).await;
    assert_eq!((answer.status, answer.code()), (400, 50109));
    assert!(fake.look(|world| world.messages(CHANNEL).is_empty()));
}
