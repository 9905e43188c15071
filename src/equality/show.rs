//! Values as a person reads them in a message: Python's notation, cut to a length.

use rustworthy_worker::Value;

/// Python's notation of a value, cut to about `limit` characters.
pub fn short(value: &Value, limit: usize) -> String {
    let mut text = String::new();
    write(value, limit, &mut text);
    if text.chars().count() > limit {
        text = text.chars().take(limit).chain("…".chars()).collect();
    }
    text
}

fn write(value: &Value, limit: usize, text: &mut String) {
    if text.len() > limit {
        return;
    }
    match value {
        Value::None => text.push_str("None"),
        Value::Bool(true) => text.push_str("True"),
        Value::Bool(false) => text.push_str("False"),
        Value::Int(value) => text.push_str(&value.to_string()),
        Value::BigInt(digits) => text.push_str(digits),
        Value::Float(value) => text.push_str(&format!("{value:?}")),
        Value::Str(string) => text.push_str(&format!("{:?}", string.chars().take(limit).collect::<String>())),
        Value::SurrogateStr(bytes) => surrogates(bytes, limit, text),
        Value::Bytes(bytes) => {
            text.push_str(&format!("b\"{}\"", bytes[..bytes.len().min(limit)].escape_ascii()));
        }
        Value::List(items) => sequence("[", items, "]", limit, text),
        Value::Tuple(items) => sequence("(", items, if items.len() == 1 { ",)" } else { ")" }, limit, text),
        Value::Set(items) => sequence("{", items, "}", limit, text),
        Value::Dict(pairs) => {
            text.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(key, limit, text);
                text.push_str(": ");
                write(value, limit, text);
            }
            text.push('}');
        }
        Value::Tagged(name, content) => {
            text.push_str(name);
            text.push('(');
            write(content, limit, text);
            text.push(')');
        }
    }
}

/// Text in which lone surrogates stand, encoded as UTF-8 would encode them if it did.
fn surrogates(bytes: &[u8], limit: usize, text: &mut String) {
    text.push('"');
    let mut rest = bytes;
    while let Some(fault) = std::str::from_utf8(rest).err().filter(|_| text.len() <= limit) {
        let (good, bad) = rest.split_at(fault.valid_up_to());
        text.push_str(&String::from_utf8_lossy(good).escape_debug().to_string());
        let [_, second, third, after @ ..] = bad else { break };
        let unit = 0xd000 | (u32::from(*second) & 0x3f) << 6 | (u32::from(*third) & 0x3f);
        text.push_str(&format!("\\u{unit:04x}"));
        rest = after;
    }
    text.push_str(&String::from_utf8_lossy(rest).escape_debug().to_string());
    text.push('"');
}

fn sequence(open: &str, items: &[Value], close: &str, limit: usize, text: &mut String) {
    text.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if text.len() > limit {
            break;
        }
        text.push_str(if index == 0 { "" } else { ", " });
        write(item, limit, text);
    }
    text.push_str(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_shown_as_python_writes_them() {
        let text = Value::from_json(br#"{"$":"str","v":"61eda08062c3a9edbfbf"}"#).unwrap();
        assert_eq!(short(&text, 80), r#""a\ud800bé\udfff""#);
    }
}
