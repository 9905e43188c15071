//! Names and messages of other people, made safe to show.
//!
//! A name in a manifest or a line of a program's output may hold anything: markup, terminal codes, marks that turn the
//! direction of writing, ten thousand letters. Everywhere it must come out as the text it is. Markup is escaped by
//! each format; what is common to all of them is here.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text on one line, with control characters and marks that reorder or hide text written out as `\u{202e}`.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => shown.push(' '),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

/// The same over several lines, for the output of a program: line ends stay, tabs become spaces.
pub fn visible_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| visible(&strip_codes(line))).collect();
    lines.join("\n")
}

/// A stretch of a sentence: prose, or code that stands between backticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// Words.
    Prose(&'a str),
    /// What a reader could type, without its backticks.
    Code(&'a str),
}

/// A sentence's stretches, each of which a format shows in its own way. Evidence marks code by backticks; one without a
/// partner is a character like any other.
pub fn spans(sentence: &str) -> Vec<Span<'_>> {
    let (mut found, mut rest, mut prose) = (Vec::new(), sentence, 0);
    while let Some(open) = rest[prose..].find('`').map(|at| prose + at) {
        let inner = &rest[open + 1..];
        let code = inner.split('`').next().filter(|code| code.len() < inner.len());
        match code.filter(|code| !code.is_empty() && code.trim() == *code) {
            Some(code) => {
                found.extend([Span::Prose(&rest[..open]), Span::Code(code)]);
                (rest, prose) = (&inner[code.len() + 1..], 0);
            }
            None => prose = open + 1,
        }
    }
    found.push(Span::Prose(rest));
    found.retain(|span| !matches!(span, Span::Prose("")));
    found
}

/// Control characters, and marks of direction: they would change how the text around them reads.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            | '\u{fffe}' | '\u{ffff}')
}

/// Drops the colour codes of a terminal: `ESC [ … letter`.
fn strip_codes(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        kept.push_str(before);
        rest = after.trim_start_matches(|part: char| part.is_ascii_digit() || part == ';' || part == '?');
        rest = rest.strip_prefix(|end: char| end.is_ascii_alphabetic()).unwrap_or(rest);
    }
    kept.push_str(rest);
    kept
}

/// The text cut to `columns` of a terminal, the cut marked with `…`.
pub fn cut(text: &str, columns: usize) -> String {
    cut_by(text, columns as f64, |character| character.width().unwrap_or(0) as f64)
}

/// Columns that the text takes in a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// A sentence in lines, broken between words.
pub fn wrapped(sentence: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if columns(line) + 1 + columns(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The text cut to `pixels` of a sans-serif font of that size, the cut marked with `…`.
pub fn cut_pixels(text: &str, pixels: f64, font_size: f64) -> String {
    cut_by(text, pixels / font_size, advance)
}

/// The text in lines of at most so many pixels, broken between words; a longer word is cut.
pub fn wrap_pixels(text: &str, room: f64, font_size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if pixels(line, font_size) + pixels(word, font_size) + 0.42 * font_size <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(cut_pixels(word, room, font_size)),
        }
    }
    lines
}

/// Pixels that the text takes in a sans-serif font of that size; rather too many than too few, for the font is the
/// reader's.
pub fn pixels(text: &str, font_size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * font_size
}

/// A character's width in a wide sans-serif font, in units of the font's size.
fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | '!' | ':' | ';' | ' ' | '[' | ']' | '(' | ')' | 't' | 'f' | 'r'
        | '·' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        '=' | '+' | '<' | '>' | '×' | '÷' => 0.84,
        'A'..='Z' => 0.74,
        other if other.width().unwrap_or(0) > 1 => 1.1,
        other if other.is_ascii() => 0.64,
        _ => 0.8,
    }
}

fn cut_by(text: &str, room: f64, width: impl Fn(char) -> f64) -> String {
    let total: f64 = text.chars().map(&width).sum();
    if total <= room {
        return text.to_owned();
    }
    let mut used = width('…');
    let kept: String = text
        .chars()
        .take_while(|character| {
            used += width(*character);
            used <= room
        })
        .collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_reorder_or_hide_is_written_out() {
        assert_eq!(visible("a\u{202e}b\u{7}c\nd"), "a\\u{202e}b\\u{7}c d");
        assert_eq!(visible("שלום <b>"), "שלום <b>");
        assert_eq!(visible_lines("\u{1b}[31mred\u{1b}[0m\r\nnext\u{0}"), "red\nnext\\u{0}");
    }

    #[test]
    fn code_stands_between_backticks_that_have_a_partner() {
        use Span::{Code, Prose};
        assert_eq!(spans("Use `a`, `--b c`."), [Prose("Use "), Code("a"), Prose(", "), Code("--b c"), Prose(".")]);
        for whole in ["no code", "one ` alone", "`` empty", "` spaced `", "trailing `"] {
            assert_eq!(spans(whole), [Prose(whole)], "{whole}");
        }
        assert_eq!(spans("a `` `b`"), [Prose("a `` "), Code("b")]);
        assert_eq!(spans("`b`"), [Code("b")]);
        assert!(spans("").is_empty());
    }

    #[test]
    fn cuts_fit_and_are_marked() {
        assert_eq!(cut("parse_log", 9), "parse_log");
        assert_eq!(cut("parse_log", 6), "parse…");
        assert_eq!(columns(&cut("日本語のテキスト", 7)), 7);
        assert_eq!(cut("abc", 0), "…");
        assert!(pixels(&cut_pixels(&"x".repeat(200), 100.0, 13.0), 13.0) <= 100.0);
    }
}
