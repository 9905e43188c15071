//! Text as Markdown and HTML in which nothing of it is markup.
//!
//! Names stand in code spans, or in `<code>` where they hold what a code span in a table cannot; everything else that
//! Markdown would read as markup is escaped. What is common to all formats is in [`text`](crate::text).

/// Text in which nothing is markup, on one line.
pub fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '#' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A name as code: a code span where that can hold it, within a table too.
pub fn code(name: &str) -> String {
    let spans = !name.is_empty() && name.trim() == name && !name.contains(['`', '|', '\\']);
    if spans {
        return format!("`{name}`");
    }
    let entities: String = name
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || character == ' ' || !character.is_ascii() {
                character.to_string()
            } else {
                format!("&#{};", u32::from(character))
            }
        })
        .collect();
    format!("<code>{entities}</code>")
}

/// Text in which nothing is HTML.
pub fn html(text: &str) -> String {
    minijinja::HtmlEscape(text).to_string()
}

/// Lines as they are, in a fence longer than any run of backticks among them.
pub fn fenced(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_text() {
        assert_eq!(code("csv_count"), "`csv_count`");
        assert_eq!(code("<script>"), "`<script>`");
        assert_eq!(code("a|b`c\\"), "<code>a&#124;b&#96;c&#92;</code>");
        assert_eq!(plain("<b>*x*</b> [a](b) @you"), "&lt;b&gt;\\*x\\*&lt;/b&gt; \\[a\\](b) &#64;you");
        assert_eq!(fenced("a ``` b"), "````text\na ``` b\n````\n");
    }
}
