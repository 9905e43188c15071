//! The program of `cli_startup`, held to the table of exits that its Python twin is held to
//! (`python_baseline/tests/cli_exits.py`).

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

#[test]
fn the_program_has_its_declared_exits() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exits");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut differences = Vec::new();
    let table = table();
    assert!(!table.is_empty());
    for (number, row) in table.iter().enumerate() {
        let file = folder.join(number.to_string());
        if let Some(content) = row[2].as_str() {
            fs::write(&file, bytes(content)).unwrap();
        }
        let words = row[1].as_array().unwrap().iter();
        let words = words.map(|word| word.as_str().unwrap().replace("{file}", file.to_str().unwrap()));
        let done = Command::new(env!("CARGO_BIN_EXE_cli_startup")).args(words).output().unwrap();
        let (code, output) = (done.status.code(), String::from_utf8_lossy(&done.stdout));
        let agrees = code.map(i64::from) == row[3].as_i64() && output == row[4].as_str().unwrap();
        let says_why = done.stderr.is_empty() == (code == Some(0));
        if !agrees || !says_why {
            differences.push(format!(
                "{}: exit {code:?}, {output:?}, {:?}",
                row[0],
                String::from_utf8_lossy(&done.stderr)
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn table() -> Vec<Json> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python_baseline/tests/cli_exits.py");
    let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let done = Command::new(python).arg(script).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
