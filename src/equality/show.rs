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
        Value::SurrogateStr(_) => text.push_str("'text with lone surrogates'"),
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
