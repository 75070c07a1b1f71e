//! Tables under titles.

use desk_core::formats::sheet::{TableRow, table};

#[test]
fn columns_come_in_any_order_and_with_any_separator() {
    let read = |text: &str| table(text.as_bytes(), &["Name", "Type", "Queues"], 2, 3);
    let rows = read("type;NAME\r\nuser;\"Doe; Jane\"\r\n").unwrap();
    assert_eq!(rows, [TableRow { number: 2, cells: ["Doe; Jane", "user", ""].map(str::to_owned).into() }]);
    assert_eq!(read("Name\nx\n").unwrap_err().code, "sheet_columns");
    assert_eq!(read("Name,Type,Color\nx,y,z\n").unwrap_err().code, "sheet_columns");
    assert_eq!(read("Name,Type\n").unwrap_err().code, "sheet_no_rows");
    assert_eq!(read("Name,Type\n1,a\n2,a\n3,a\n4,a\n").unwrap_err().code, "sheet_too_long");
    assert_eq!(read("Name,Type\n\"1,a\n").unwrap_err().code, "sheet_quote_open");
}
