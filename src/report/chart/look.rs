//! How marks and texts look, as classes of a style sheet: a letter each instead of attributes, and one place where light
//! turns into dark.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::NOTE;
use super::colour::Colour;
use super::paint::UNITS;
use super::svg::number;

/// A colour as plotters hands it on.
pub type Rgb = (u8, u8, u8);

/// What marks have in common that share a path. Lengths are in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A line of that width.
    Stroke(Rgb, u32),
    /// A line of that width in dashes of that length.
    Dashes(Rgb, u32, u32),
    /// A surface.
    Fill(Rgb),
    /// Discs of that radius.
    Discs(Rgb, u32),
}

/// A class of the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A surface of that colour.
    Fill(Colour),
    /// A line of that colour.
    Line(Colour),
    /// A line with round ends.
    Round,
    /// A line so many pixels wide.
    Width(u32),
    /// A line in dashes of so many pixels.
    Dash(u32),
    /// A text so many pixels high.
    Size(u32),
    /// A bold text.
    Bold,
    /// A text that is centred on its place.
    Middle,
    /// A text that ends there.
    End,
}

impl Class {
    /// Every class, for a page that holds many pictures.
    pub fn all() -> impl Iterator<Item = Class> {
        let colours = Colour::ALL.into_iter().flat_map(|colour| [Class::Fill(colour), Class::Line(colour)]);
        let widths = WIDTHS.map(Class::Width);
        let more = DASHES.map(Class::Dash).into_iter().chain(SIZES.map(Class::Size));
        colours.chain([Class::Round, Class::Bold, Class::Middle, Class::End]).chain(widths).chain(more)
    }

    /// Its name: of a colour a small letter for surfaces and its capital for lines.
    fn name(self) -> String {
        match self {
            Class::Fill(colour) => colour.letter().to_string(),
            Class::Line(colour) => colour.letter().to_ascii_uppercase().to_string(),
            Class::Round => "o".to_owned(),
            Class::Width(pixels) => format!("w{pixels}"),
            Class::Dash(pixels) => format!("d{pixels}"),
            Class::Size(pixels) => format!("t{pixels}"),
            Class::Bold => "b".to_owned(),
            Class::Middle => "c".to_owned(),
            Class::End => "e".to_owned(),
        }
    }

    /// What it stands for, its colour written as told.
    fn rule(self, within: &str, paint: impl Fn(Colour) -> String) -> String {
        let declared = match self {
            Class::Fill(colour) => format!("fill:{}", paint(colour)),
            Class::Line(colour) => format!("stroke:{}", paint(colour)),
            Class::Round => "stroke-linecap:round".to_owned(),
            Class::Width(pixels) => format!("stroke-width:{pixels}"),
            Class::Dash(pixels) => format!("stroke-dasharray:{pixels}"),
            Class::Size(pixels) => format!("font-size:{pixels}px"),
            Class::Bold => "font-weight:bold".to_owned(),
            Class::Middle => "text-anchor:middle".to_owned(),
            Class::End => "text-anchor:end".to_owned(),
        };
        format!("{within}.{}{{{declared}}}", self.name())
    }

    fn has_colour(self) -> bool {
        match self {
            Class::Fill(_) | Class::Line(_) => true,
            Class::Round
            | Class::Width(_)
            | Class::Dash(_)
            | Class::Size(_)
            | Class::Bold
            | Class::Middle
            | Class::End => false,
        }
    }
}

/// Widths, dashes and sizes that have a class, pixels; any other is an attribute.
const WIDTHS: std::ops::RangeInclusive<u32> = 2..=9;
const DASHES: [u32; 4] = [2, 3, 4, 6];
const SIZES: [u32; 2] = [13, 16];

/// The classes of an element, and attributes for what has none.
#[derive(Default)]
pub struct Dress {
    /// In the order in which they are written.
    pub classes: Vec<Class>,
    attributes: String,
}

impl Dress {
    /// Gives it that class where it is one of those, else the attribute.
    fn length(&mut self, units: u32, class: fn(u32) -> Class, known: impl IntoIterator<Item = u32>, attribute: &str) {
        let pixels = units / UNITS as u32;
        if units.is_multiple_of(UNITS as u32) && known.into_iter().any(|known| known == pixels) {
            self.classes.push(class(pixels));
        } else {
            let _ = write!(self.attributes, " {attribute}=\"{}\"", number(units as i32));
        }
    }

    /// Gives it the size of a text, which is the usual one where nothing is said.
    pub fn font_size(&mut self, pixels: f64, usual: f64) {
        if pixels != usual {
            self.length((pixels * UNITS) as u32, Class::Size, SIZES, "font-size");
        }
    }

    /// As attributes of an element; adds the classes to those that were used.
    pub fn said(self, used: &mut BTreeSet<Class>) -> String {
        let names: Vec<String> = self.classes.iter().map(|class| class.name()).collect();
        used.extend(self.classes);
        format!(" class=\"{}\"{}", names.join(" "), self.attributes)
    }
}

impl Look {
    /// How it is written.
    pub fn dress(self) -> Dress {
        let mut dress = Dress::default();
        let mut line = |rgb, width| {
            dress.classes.push(Class::Line(Colour::of(rgb)));
            if width != UNITS as u32 {
                dress.length(width, Class::Width, WIDTHS, "stroke-width");
            }
        };
        match self {
            Look::Fill(rgb) => dress.classes.push(Class::Fill(Colour::of(rgb))),
            Look::Stroke(rgb, width) => line(rgb, width),
            Look::Dashes(rgb, width, dash) => {
                line(rgb, width);
                dress.length(dash, Class::Dash, DASHES, "stroke-dasharray");
            }
            Look::Discs(rgb, radius) => {
                line(rgb, 2 * radius);
                dress.classes.insert(1, Class::Round);
            }
        }
        dress
    }

    /// How far it is painted beyond so many points, units.
    pub fn reach(self, points: usize) -> i32 {
        match self {
            // Corners of a bent line reach further than half its width, the sharpest that are drawn up to four times.
            Look::Stroke(_, width) | Look::Dashes(_, width, _) if points > 2 => 2 * width as i32,
            Look::Stroke(_, width) | Look::Dashes(_, width, _) => width.div_ceil(2) as i32,
            Look::Fill(_) => 0,
            Look::Discs(_, radius) => radius as i32,
        }
    }
}

/// What every picture has: the reader's own sans-serif font, and lines that are no surfaces.
fn ground() -> String {
    format!("fill:none;font:{NOTE}px system-ui,sans-serif;font-variant-numeric:tabular-nums")
}

/// The style sheet of a file of its own: the classes that it uses, in other colours where dark ones are preferred.
pub fn of_file(used: &BTreeSet<Class>) -> String {
    let rules = |mode: usize, coloured: bool| -> String {
        let wanted = used.iter().filter(|class| class.has_colour() || !coloured);
        wanted.map(|class| class.rule("", |colour| colour.hex()[mode].clone())).collect()
    };
    format!(
        ".rw-chart{{{}}}{}@media screen and (prefers-color-scheme:dark){{{}}}",
        ground(),
        rules(0, false),
        rules(1, true)
    )
}

/// The style sheet of a page, which has the colours as variables and switches them.
pub fn of_page() -> String {
    let rules: String =
        Class::all().map(|class| class.rule(".rw-chart ", |colour| format!("var(--{})", colour.name()))).collect();
    format!(".rw-chart{{{};background:var(--surface);border-radius:6px}}{rules}", ground())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_classes_have_a_name_in_common() {
        let names: BTreeSet<String> = Class::all().map(Class::name).collect();
        assert_eq!(names.len(), Class::all().count());
    }

    #[test]
    fn a_file_brings_the_classes_that_it_uses_in_light_and_dark() {
        let mut used = BTreeSet::new();
        let grid = Look::Stroke(Colour::Grid.rgb(), 20).dress().said(&mut used);
        assert_eq!(grid, " class=\"G w2\"");
        let css = of_file(&used);
        assert!(css.contains(".G{stroke:#E6E9ED}.w2{stroke-width:2}@media"), "{css}");
        assert!(css.ends_with("(prefers-color-scheme:dark){.G{stroke:#2A313A}}"), "{css}");
        assert!(of_page().contains(".rw-chart .G{stroke:var(--grid)}"));
    }

    #[test]
    fn what_no_class_stands_for_is_an_attribute() {
        let mut used = BTreeSet::new();
        let wide = Look::Dashes(Colour::Ink.rgb(), 115, 50).dress().said(&mut used);
        assert_eq!(wide, " class=\"I\" stroke-width=\"11.5\" stroke-dasharray=\"5\"");
        assert_eq!(used.len(), 1);
    }
}
