//! The report as one page that asks nothing of the network and runs no script.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};

use super::chart::{self, Drawing, Room, Use};
use super::page::Page;
use crate::evidence::Run;

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
    let pictures: Vec<Value> = run
        .workloads
        .iter()
        .map(|workload| {
            let both = |draw: &dyn Fn(Room) -> Option<Drawing>| picture([draw(Room::Wide), draw(Room::Narrow)]);
            let scaling = both(&|room| chart::scaling(run, workload, room));
            let size = workload.headline_size();
            let split = both(&|room| chart::split(run, workload, size?, room));
            context! { scaling, split }
        })
        .collect();
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

/// The two forms of a picture as markup; the page shows the one that fits.
fn picture(forms: [Option<Drawing>; 2]) -> Value {
    let [Some(wide), Some(narrow)] = forms else { return Value::from(()) };
    let markup = |drawing: Drawing| Value::from_safe_string(drawing.svg(Use::Page));
    context! { wide => markup(wide), narrow => markup(narrow) }
}
