//! The report as one page that asks nothing of the network. A small script of its own filters and sorts; all of it can be
//! read without.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, HtmlEscape, context};
use sha2::{Digest, Sha256};

use super::chart::{self, Drawing, Picture, Room, Use};
use super::marks::Marks;
use super::page::Page;
use super::{detail, slug};
use crate::evidence::{Run, Workload};
use crate::text::Span;

const TEMPLATE: &str = include_str!("templates/report.html");
const STYLE: &str = include_str!("templates/report.css");
/// Where tables have no heads.
const NARROW: &str = "@media screen and (max-width:820px)";
const SCRIPT: &str = include_str!("templates/report.js");

/// The report of a run.
///
/// # Errors
/// When the built-in template cannot be rendered, which tests rule out for every run they know of.
pub fn html(run: &Run) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    // The name's ending turns on escaping of everything that is not marked safe here.
    environment.add_template("report.html", TEMPLATE)?;
    environment.add_filter("kept", |sentence: &str| kept(sentence));
    let marks = Marks::of(run);
    environment.add_filter("said", move |sentence: &str| Value::from_safe_string(said(marks, sentence)));
    let hero = [Room::Wide, Room::Narrow].map(|room| chart::speedups(run, room));
    let allowance = INLINE_BYTES / run.workloads.len().max(1);
    let pictures: Vec<Value> = run.workloads.iter().map(|workload| pictures(run, workload, allowance)).collect();
    let [light, dark] = chart::variables();
    let style = format!(
        ":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{STYLE}\n{}\n{NARROW}{{{}}}",
        chart::style_sheet(),
        detail::labels()
    );
    environment.get_template("report.html")?.render(context! {
        page => Value::from(Serde(&Page::of(run))),
        hero => picture(hero),
        pictures,
        style => Value::from_safe_string(style),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        // The one script that a browser may run here, whatever names try to be.
        script_digest => base64(&Sha256::digest(SCRIPT.as_bytes())),
    })
}

/// A sentence as markup: its code as such, its numbers on one line with their units.
fn said(marks: Marks, sentence: &str) -> String {
    let stretch = |span: &Span| match span {
        Span::Prose(text) => HtmlEscape(&kept(text)).to_string(),
        Span::Code(text) => format!("<code>{}</code>", HtmlEscape(text)),
    };
    marks.spans(sentence).iter().map(stretch).collect()
}

/// Base64 as a content security policy writes it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let of_three = |three: &[u8]| {
        let bits = (0..3).fold(0_u32, |bits, index| bits << 8 | u32::from(three.get(index).copied().unwrap_or(0)));
        (0..4)
            .map(|index| match index <= three.len() {
                true => char::from(LETTERS[(bits >> (18 - 6 * index) & 63) as usize]),
                false => '=',
            })
            .collect::<String>()
    };
    bytes.chunks(3).map(of_three).collect()
}

/// A sentence whose numbers stay on one line with their units.
fn kept(sentence: &str) -> String {
    let units = [" ns", " µs", " ms", " %"];
    units.iter().fold(sentence.to_owned(), |text, unit| text.replace(unit, &unit.replace(' ', "\u{a0}")))
}

/// The pictures of all workloads together take this much of a page, bytes, and each workload's the same part of it. What
/// is beyond that is a link to the picture's own file.
const INLINE_BYTES: usize = 3_000_000;

/// The pictures of a workload: those that every reader looks at, and those for one who doubts.
fn pictures(run: &Run, workload: &Workload, allowance: usize) -> Value {
    let mut left = Some(allowance);
    // The most telling ones first, until the room is used up.
    let mut markup = |picture: Picture, rooms: &[Room]| -> Option<Value> {
        let mut drawings = rooms.iter().filter_map(|room| picture.draw(run, workload, *room));
        let first = drawings.next()?;
        let (name, heading, caption) = (picture.as_str(), picture.heading(), first.caption.clone());
        // What is only linked needs no markup.
        if left.is_some() {
            let forms = forms(&std::iter::once(first).chain(drawings).collect::<Vec<_>>());
            left = left.and_then(|left| left.checked_sub(forms.iter().map(String::len).sum()));
            if left.is_some() {
                let forms: Vec<Value> = forms.into_iter().map(Value::from_safe_string).collect();
                return Some(context! { class => name, heading, caption, forms });
            }
        }
        let link = format!("charts/{name}-{}.svg", slug::slug(&workload.name));
        Some(context! { class => name, heading, caption, link })
    };
    // Side by side on a desk, one below the other on a phone: the first is drawn for both, the second is narrow in both.
    let scaling = markup(Picture::Scaling, &[Room::Wide, Room::Narrow]);
    let split = markup(Picture::Split, &[Room::Wide]);
    let knows_share = workload.share_of_runtime.is_some();
    let mut shown = vec![Picture::Steps, Picture::Memory];
    let mut folded = vec![Picture::Rounds, Picture::Latency];
    if knows_share { &mut shown } else { &mut folded }.push(Picture::Amdahl);
    let mut draw = |pictures: Vec<Picture>| -> Vec<Value> {
        pictures.into_iter().filter_map(|picture| markup(picture, &[Room::Narrow])).collect()
    };
    let (mut shown, mut folded) = (draw(shown), draw(folded));
    // They stand in pairs.
    if shown.len() % 2 == 1 && !folded.is_empty() {
        shown.push(folded.remove(0));
    }
    context! { scaling, split, shown, folded }
}

/// The forms of one picture. What its marks stand for is the same in all, and stands in the first.
fn forms(drawings: &[Drawing]) -> Vec<String> {
    let purposes = std::iter::once(Use::Page).chain(std::iter::repeat(Use::Twin));
    drawings.iter().zip(purposes).map(|(drawing, purpose)| drawing.svg(purpose)).collect()
}

/// The two forms of a picture as markup; the page shows the one that fits.
fn picture(drawn: [Option<Drawing>; 2]) -> Value {
    let [Some(wide), Some(narrow)] = drawn else { return Value::from(()) };
    let forms: Vec<Value> = forms(&[wide, narrow]).into_iter().map(Value::from_safe_string).collect();
    context! { forms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_markup_and_the_rest_is_text() {
        assert_eq!(said(Marks::Code, "<b> takes 3 ms: `a < b`"), "&lt;b&gt; takes 3\u{a0}ms: <code>a &lt; b</code>");
        assert_eq!(said(Marks::Literal, "`x`"), "`x`");
    }

    #[test]
    fn digests_are_written_as_browsers_read_them() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn the_script_is_a_few_kilobytes_and_stays_within_its_element() {
        assert!(SCRIPT.len() < 8 * 1024, "{}", SCRIPT.len());
        assert!(!SCRIPT.contains("</"));
        for outside in ["fetch(", "XMLHttpRequest", "localStorage", "sessionStorage", "cookie", "http", "innerHTML"] {
            assert!(!SCRIPT.contains(outside), "{outside}");
        }
    }
}
