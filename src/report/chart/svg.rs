//! What plotters draws, as SVG of few and short elements: a page holds hundreds of pictures.
//!
//! Marks of one look become one path where none lies between them, in tenths of a pixel and relative coordinates; texts of
//! one look become one group, above all marks. How a look is written stands in [`super::look`].

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write as _;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};

use super::NOTE;
use super::drawing::{Shape, Stroke};
use super::look::{Class, Look, Rgb};
use super::paint::{UNITS, length, paint, place};

/// How far below its middle a text's foot lies, as a share of its size.
pub const FOOT: f64 = 0.32;

/// What was drawn.
pub struct Marks {
    /// The elements, without the document around them.
    pub body: String,
    /// The classes that they are of.
    pub classes: BTreeSet<Class>,
}

/// The shapes as elements.
pub fn marks(shapes: &[Shape], width: f64, height: f64) -> Marks {
    let mut sheet = Sheet::default();
    let size = ((width * UNITS) as u32, (height * UNITS) as u32);
    for alike in shapes.chunk_by(|one, next| dashes(one).is_none() && dashes(next).is_none()) {
        match alike.first().and_then(dashes) {
            // SVG has dashes of its own; plotters would draw each of them.
            Some((look, points)) => sheet.line(look, &points),
            None => {
                // A string takes every write and no font is ever asked for, so what plotters may complain of cannot be.
                let painted = paint(Pen { sheet: &mut sheet, size }, alike);
                debug_assert!(painted.is_ok(), "{painted:?}");
            }
        }
    }
    sheet.end()
}

/// A dashed line's look and its points; `None` of other shapes.
fn dashes(shape: &Shape) -> Option<(Look, Vec<BackendCoord>)> {
    match shape {
        Shape::Line { points, colour, width, stroke: Stroke::Dashed(dash) } => {
            let look = Look::Dashes(colour.rgb(), length(f64::from(*width)), length(f64::from(*dash)));
            Some((look, points.iter().copied().map(place).collect()))
        }
        Shape::Line { .. } | Shape::Area { .. } | Shape::Box { .. } | Shape::Disc { .. } | Shape::Text { .. } => None,
    }
}

/// A text as text, between tags and in quotes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What texts have in common that share a group.
#[derive(Clone, PartialEq)]
struct Lettering {
    colour: Rgb,
    size: f64,
    bold: bool,
    anchor: Option<Class>,
}

/// A path, and where it was drawn: left, top, right and bottom, units.
struct Element {
    look: Look,
    data: String,
    bounds: [i32; 4],
}

/// What was drawn so far.
#[derive(Default)]
struct Sheet {
    elements: Vec<Element>,
    texts: Vec<(Lettering, String)>,
}

/// How many paths back one is looked for that takes more of its look: rows of a chart repeat after fewer.
const LOOK_BACK: usize = 16;

impl Sheet {
    /// Adds to a path of that look, or begins one. A mark may go under those drawn since where it touches none of them.
    fn add(&mut self, look: Look, path: &str, points: &[BackendCoord], reach: i32) {
        let bounds = bounds(points, reach);
        for element in self.elements.iter_mut().rev().take(LOOK_BACK) {
            if element.look == look {
                element.data.push_str(path);
                element.bounds = around(element.bounds, bounds);
                return;
            }
            if touch(element.bounds, bounds) {
                break;
            }
        }
        self.elements.push(Element { look, data: path.to_owned(), bounds });
    }

    fn line(&mut self, look: Look, points: &[BackendCoord]) {
        let mut points = without_idle(points);
        if points.len() <= 2 {
            snap(&mut points);
        }
        self.add(look, &path_of(&points), &points, look.reach(points.len()));
    }

    fn end(self) -> Marks {
        let mut marks = Marks { body: String::new(), classes: BTreeSet::new() };
        for Element { look, data, .. } in self.elements {
            let style = look.dress().said(&mut marks.classes);
            let _ = write!(marks.body, "<path{style} d=\"{data}\"/>");
        }
        for (Lettering { colour, size, bold, anchor }, texts) in self.texts {
            let mut dress = Look::Fill(colour).dress();
            dress.font_size(size, NOTE);
            dress.classes.extend(bold.then_some(Class::Bold).into_iter().chain(anchor));
            let style = dress.said(&mut marks.classes);
            let _ = writeln!(marks.body, "<g{style}>{texts}</g>");
        }
        marks
    }
}

/// Puts straight edges on whole pixels, where they are sharp; what is bent stays as smooth as it is.
fn snap(points: &mut [BackendCoord]) {
    let whole = |units: i32| (f64::from(units) / UNITS).round() as i32 * UNITS as i32;
    for (x, y) in points {
        (*x, *y) = (whole(*x), whole(*y));
    }
}

/// Whether it is a rectangle that stands upright, and is wide and high enough to stay one on whole pixels.
fn is_upright(points: &[BackendCoord]) -> bool {
    let [left, top, right, bottom] = bounds(points, 0);
    let least = 2 * UNITS as i32;
    let at_corner =
        |point: &BackendCoord| (point.0 == left || point.0 == right) && (point.1 == top || point.1 == bottom);
    points.len() == 4 && points.iter().all(at_corner) && right - left >= least && bottom - top >= least
}

fn bounds(points: &[BackendCoord], reach: i32) -> [i32; 4] {
    let ends = |pick: fn(&BackendCoord) -> i32| {
        let values = || points.iter().map(pick);
        (values().min().unwrap_or(0) - reach, values().max().unwrap_or(0) + reach)
    };
    let ((left, right), (top, bottom)) = (ends(|point| point.0), ends(|point| point.1));
    [left, top, right, bottom]
}

fn around(one: [i32; 4], other: [i32; 4]) -> [i32; 4] {
    [one[0].min(other[0]), one[1].min(other[1]), one[2].max(other[2]), one[3].max(other[3])]
}

fn touch(one: [i32; 4], other: [i32; 4]) -> bool {
    one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3]
}

/// What plotters draws with.
struct Pen<'sheet> {
    sheet: &'sheet mut Sheet,
    size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Pen<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let path = format!("{}h.1v.1h-.1z", start(point));
        self.sheet.add(Look::Fill(color.rgb), &path, &[point], 1);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let corners = [from, (to.0, from.1), to, (from.0, to.1)];
        if fill { self.fill_polygon(corners, style) } else { self.draw_path(corners, style) }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        self.sheet.line(Look::Stroke(style.color().rgb, style.stroke_width()), &points);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let colour = style.color().rgb;
        let (look, path) = if fill {
            // A line to where it begins, with round ends.
            (Look::Discs(colour, radius), format!("{}h0", start(center)))
        } else {
            let (left, radius) = ((center.0 - radius as i32, center.1), radius as i32);
            let (r, d) = (number(radius), number(2 * radius));
            let path = format!("{}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0", start(left));
            (Look::Stroke(colour, style.stroke_width()), path)
        };
        self.sheet.add(look, &path, &[center], radius as i32 + look.reach(1));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        let mut points: Vec<BackendCoord> = vert.into_iter().collect();
        // All one way round: what overlaps in one path would else be a hole.
        let next = points.iter().cycle().skip(1);
        let area: i64 = points
            .iter()
            .zip(next)
            .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
            .sum();
        if area < 0 {
            points.reverse();
        }
        if is_upright(&points) {
            snap(&mut points);
        }
        self.sheet.add(Look::Fill(style.color().rgb), &format!("{}z", path_of(&points)), &points, 0);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => None,
            HPos::Center => Some(Class::Middle),
            HPos::Right => Some(Class::End),
        };
        let size = style.size() / UNITS;
        let bold = matches!(style.style(), FontStyle::Bold);
        let lettering = Lettering { colour: style.color().rgb, size, bold, anchor };
        // Half a pixel is not seen in a text's place.
        let (left, foot) = (f64::from(pos.0) / UNITS, f64::from(pos.1) / UNITS + size * FOOT);
        let element = format!("<text x=\"{left:.0}\" y=\"{foot:.0}\">{}</text>", escape(text));
        match self.sheet.texts.iter_mut().find(|(known, _)| *known == lettering) {
            Some((_, texts)) => texts.push_str(&element),
            None => self.sheet.texts.push((lettering, element)),
        }
        Ok(())
    }
}

/// Units as pixels.
pub(super) fn number(units: i32) -> String {
    let (sign, whole, tenth) = (if units < 0 { "-" } else { "" }, units.abs() / 10, units.abs() % 10);
    match (whole, tenth) {
        (whole, 0) => format!("{}{whole}", if whole == 0 { "" } else { sign }),
        (0, tenth) => format!("{sign}.{tenth}"),
        (whole, tenth) => format!("{sign}{whole}.{tenth}"),
    }
}

fn start((x, y): BackendCoord) -> String {
    pair("M", x, y)
}

/// A command with two numbers; a minus parts them as well as a space.
fn pair(command: &str, x: i32, y: i32) -> String {
    format!("{command}{}{}{}", number(x), if y < 0 { "" } else { " " }, number(y))
}

fn path_of(points: &[BackendCoord]) -> String {
    let mut path = points.first().map(|first| start(*first)).unwrap_or_default();
    for step in points.windows(2) {
        let (right, down) = (step[1].0 - step[0].0, step[1].1 - step[0].1);
        path += &match (right, down) {
            (0, 0) => continue,
            (right, 0) => format!("h{}", number(right)),
            (0, down) => format!("v{}", number(down)),
            (right, down) => pair("l", right, down),
        };
    }
    path
}

/// The line without the points that it passes by less than a unit: curves are drawn from many.
fn without_idle(points: &[BackendCoord]) -> Vec<BackendCoord> {
    let Some((first, last)) = points.first().zip(points.last()) else { return Vec::new() };
    let mut kept = vec![*first];
    let mut ranges = vec![(0, points.len() - 1)];
    // Depth first, the earlier part on top, so that ends of ranges come in the line's order.
    while let Some((from, to)) = ranges.pop() {
        let away = |index: &usize| distance(points[*index], points[from], points[to]);
        let furthest = (from + 1..to).max_by(|one, other| away(one).total_cmp(&away(other)));
        match furthest.filter(|index| away(index) >= 1.0) {
            Some(index) => ranges.extend([(index, to), (from, index)]),
            None => kept.push(points[to]),
        }
    }
    if points.len() == 1 { vec![*last] } else { kept }
}

/// From a point to the stretch between two others.
fn distance(point: BackendCoord, from: BackendCoord, to: BackendCoord) -> f64 {
    let minus = |a: BackendCoord, b: BackendCoord| (f64::from(a.0 - b.0), f64::from(a.1 - b.1));
    let ((x, y), (along, down)) = (minus(point, from), minus(to, from));
    let square = along * along + down * down;
    let share = if square > 0.0 { ((x * along + y * down) / square).clamp(0.0, 1.0) } else { 0.0 };
    (x - share * along).hypot(y - share * down)
}

#[cfg(test)]
mod tests {
    use super::super::colour::Colour;
    use super::super::drawing::{Anchor, Drawing};
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0, 10, -10, 5, -5, 123, -123].map(number), ["0", "1", "-1", ".5", "-.5", "12.3", "-12.3"]);
    }

    #[test]
    fn marks_of_one_look_are_one_element() {
        let mut drawing = Drawing::new(100.0, "title");
        drawing.height = 40.0;
        for y in [10.0, 20.0] {
            drawing.line((0.0, y), (50.0, y), Colour::Grid, 1);
            drawing.text((0.0, y), "<&>", 50.0, NOTE, Colour::Muted, Anchor::End);
        }
        drawing.add(Shape::Disc { at: (5.0, 5.0), radius: 2.5, outline: None, colour: Colour::Ink });
        drawing.add(Shape::Box { from: (0.0, 0.0), to: (1.0, 2.0), colour: Colour::Ink });
        // The other way round.
        drawing.add(Shape::Area { points: vec![(0.0, 0.0), (0.0, 2.0), (1.0, 0.0)], colour: Colour::Ink });
        let svg = drawing.svg(super::super::Use::Page);
        let drawn = svg.split_once("</desc>\n").unwrap().1;
        assert_eq!(
            drawn,
            "<path class=\"G\" d=\"M0 10h50M0 20h50\"/>\
             <path class=\"I o w5\" d=\"M5 5h0\"/>\
             <path class=\"i\" d=\"M0 0h1v2h-1zM1 0l-1 2v-2z\"/>\
             <g class=\"m e\"><text x=\"0\" y=\"14\">&lt;&amp;&gt;</text>\
             <text x=\"0\" y=\"24\">&lt;&amp;&gt;</text></g>\n</svg>"
        );
    }

    fn paths(drawing: &Drawing) -> Vec<String> {
        let svg = drawing.svg(super::super::Use::Page);
        svg.split("<path ").skip(1).map(|path| path.split("/>").next().unwrap().to_owned()).collect()
    }

    #[test]
    fn rows_of_marks_are_joined_and_nothing_is_hidden_by_that() {
        let mut drawing = Drawing::new(100.0, "title");
        drawing.height = 100.0;
        for row in [0.0, 30.0, 60.0] {
            drawing.add(Shape::Box { from: (0.0, row), to: (100.0, row + 20.0), colour: Colour::Grid });
            drawing.line((0.0, row + 10.0), (100.0, row + 10.0), Colour::Axis, 1);
        }
        assert_eq!(
            paths(&drawing),
            [
                "class=\"g\" d=\"M0 0h100v20h-100zM0 30h100v20h-100zM0 60h100v20h-100z\"",
                "class=\"A\" d=\"M0 10h100M0 40h100M0 70h100\""
            ]
        );
        // Over the line of the row above: it must not go under it.
        drawing.add(Shape::Box { from: (0.0, 65.0), to: (100.0, 75.0), colour: Colour::Grid });
        assert_eq!(paths(&drawing).len(), 3);
        // A line's width counts.
        let mut drawing = Drawing::new(100.0, "title");
        drawing.line((0.0, 10.0), (50.0, 10.0), Colour::Axis, 1);
        drawing.line((0.0, 20.0), (50.0, 20.0), Colour::Ink, 30);
        drawing.line((0.0, 30.0), (50.0, 30.0), Colour::Axis, 1);
        assert_eq!(paths(&drawing).len(), 3);
    }

    #[test]
    fn dashes_are_a_property_of_one_line() {
        let mut drawing = Drawing::new(100.0, "title");
        drawing.height = 40.0;
        for (y, dash) in [(10.0, 4), (20.0, 4), (30.0, 5)] {
            let points = vec![(0.0, y), (90.0, y)];
            drawing.add(Shape::Line { points, colour: Colour::Ink, width: 1, stroke: Stroke::Dashed(dash) });
        }
        assert_eq!(
            paths(&drawing),
            ["class=\"I d4\" d=\"M0 10h90M0 20h90\"", "class=\"I\" stroke-dasharray=\"5\" d=\"M0 30h90\""]
        );
    }

    #[test]
    fn a_curve_keeps_what_can_be_seen_of_it() {
        let curve: Vec<BackendCoord> = (0..=200).map(|x| (x * 20, (f64::from(x * x) * 0.1).round() as i32)).collect();
        let kept = without_idle(&curve);
        assert!(kept.len() < 60, "{}", kept.len());
        assert_eq!((kept.first(), kept.last()), (curve.first(), curve.last()));
        for point in &curve {
            let away = kept.windows(2).map(|pair| distance(*point, pair[0], pair[1])).fold(f64::INFINITY, f64::min);
            assert!(away < 1.0, "{point:?}: {away}");
        }
        let square = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (10, 0)];
        assert_eq!(without_idle(&square), square);
        assert_eq!(without_idle(&[(3, 4)]), [(3, 4)]);
        assert_eq!(without_idle(&[]), []);
    }
}
