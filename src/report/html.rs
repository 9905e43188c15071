//! The report as one page that asks nothing of the network and runs no script.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};

use super::chart::{self, Drawing, Picture, Room, Use};
use super::page::Page;
use super::slug;
use crate::evidence::{Run, Workload};

const TEMPLATE: &str = include_str!("templates/report.html");
const STYLE: &str = include_str!("templates/report.css");

/// The report of a run.
///
/// # Errors
/// When the built-in template cannot be rendered, which tests rule out for every run they know of.
pub fn html(run: &Run) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    // The name's ending turns on escaping of everything that is not marked safe here.
    environment.add_template("report.html", TEMPLATE)?;
    environment.add_filter("kept", kept);
    let hero = [Room::Wide, Room::Narrow].map(|room| chart::speedups(run, room));
    let allowance = INLINE_BYTES / run.workloads.len().max(1);
    let pictures: Vec<Value> = run.workloads.iter().map(|workload| pictures(run, workload, allowance)).collect();
    let [light, dark] = chart::variables();
    let style = format!(
        ":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{STYLE}\n{}",
        chart::style_sheet()
    );
    environment.get_template("report.html")?.render(context! {
        page => Value::from(Serde(&Page::of(run))),
        hero => picture(hero),
        pictures,
        style => Value::from_safe_string(style),
    })
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
        let drawings: Vec<Drawing> = rooms.iter().filter_map(|room| picture.draw(run, workload, *room)).collect();
        let caption = drawings.first()?.caption.clone();
        let forms: Vec<String> = drawings.iter().map(|drawing| drawing.svg(Use::Page)).collect();
        left = left.and_then(|left| left.checked_sub(forms.iter().map(String::len).sum()));
        let name = picture.as_str();
        let link = left.is_none().then(|| format!("charts/{name}-{}.svg", slug::slug(&workload.name)));
        let forms: Vec<Value> = forms.into_iter().filter(|_| left.is_some()).map(Value::from_safe_string).collect();
        Some(context! { class => name, heading => picture.heading(), caption, forms, link })
    };
    // Side by side on a desk, one below the other on a phone: these are drawn for both.
    let both = [Room::Wide, Room::Narrow];
    let (scaling, split) = (markup(Picture::Scaling, &both), markup(Picture::Split, &both));
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

/// The two forms of a picture as markup; the page shows the one that fits.
fn picture(forms: [Option<Drawing>; 2]) -> Value {
    let [Some(wide), Some(narrow)] = forms else { return Value::from(()) };
    let markup = |drawing: Drawing| Value::from_safe_string(drawing.svg(Use::Page));
    context! { forms => [markup(wide), markup(narrow)] }
}
