//! Tables under titles.

use desk_core::formats::sheet::{TableRow, table};

#[test]
fn columns_come_in_any_order_and_with_any_separator() {
    let read = |text: &str| table(text.as_bytes(), &["Name", "Type", "Queues"], 2, 3);
    let rows = read("type;NAME\r\nuser;\"Doe; Jane\"\r\n").unwrap().rows;
    assert_eq!(rows, [TableRow { number: 2, cells: ["Doe; Jane", "user", ""].map(str::to_owned).into() }]);
    // A second cell behind the last column would be lost.
    let lost = read("Name,Type,Queues\nx,user,One, Two\n").unwrap_err();
    assert_eq!(
        lost.to_string(),
        "Row 2: Cell 4 of the row has no header; the header row has 3 cells. Put quotes around a text that contains a comma."
    );
    assert_eq!(read("Name,Type,Queues\nx,user,One,,\n").unwrap().rows.len(), 1);
    assert_eq!(read("Name\nx\n").unwrap_err().code, "sheet_columns");
    assert_eq!(read("Name,Type,Color\nx,y,z\n").unwrap_err().code, "sheet_columns");
    assert_eq!(read("Name,Type\n").unwrap_err().code, "sheet_no_rows");
    assert_eq!(read("Name,Type\n1,a\n2,a\n3,a\n4,a\n").unwrap_err().code, "sheet_too_long");
    assert_eq!(read("Name,Type\n\"1,a\n").unwrap_err().code, "sheet_quote_open");
}

#[test]
fn what_to_do_about_a_table_is_nothing_that_is_for_sheets_of_users() {
    let read = |bytes: &[u8]| table(bytes, &["Name", "Type"], 2, 3);
    let mixed = ["Name,Type\nJosé,user\nMüller,user\nÑandú,user\n".as_bytes(), b"Zo\xeb,user\n"].concat();
    for bytes in [mixed, b"".to_vec(), b"%PDF-1.7".to_vec()] {
        let problem = read(&bytes).unwrap_err();
        assert!(!problem.hint.contains("/connect import"), "{problem}");
    }
    let gbk = |name: &str| encoding_rs::GBK.encode(&format!("Name,Type\n{name},user\n")).0.into_owned();
    let doubtful: Vec<_> =
        ["伟", "李", "张伟"].map(gbk).iter().filter_map(|bytes| read(bytes).err()).collect();
    assert!(!doubtful.is_empty());
    for problem in doubtful {
        assert!(problem.code == "sheet_encoding" && !problem.hint.contains("encoding:"), "{problem}");
    }
    let bytes = encoding_rs::WINDOWS_1250.encode("Name,Type\nŁukasz Żak,user\n").0.into_owned();
    let remarks = read(&bytes).unwrap().remarks;
    assert!(remarks.iter().any(|remark| remark.contains("windows-1250")), "{remarks:?}");
}
