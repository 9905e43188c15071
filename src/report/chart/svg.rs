//! What plotters draws, as SVG of few and short elements: a page holds hundreds of pictures.
//!
//! Marks of one look that follow each other become one path, in tenths of a pixel and relative coordinates; texts of
//! one look become one group, above all marks.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};

use super::NOTE;
use super::drawing::Shape;
use super::paint::{UNITS, paint};

/// How far below its middle a text's foot lies, as a share of its size.
pub const FOOT: f64 = 0.32;

/// The shapes as elements, without the document around them.
pub fn marks(shapes: &[Shape], width: f64, height: f64) -> String {
    let mut sheet = Sheet::default();
    let size = ((width * UNITS) as u32, (height * UNITS) as u32);
    // A string takes every write and no font is ever asked for, so what plotters may complain of cannot be.
    let painted = paint(Pen { sheet: &mut sheet, size }, shapes);
    debug_assert!(painted.is_ok(), "{painted:?}");
    sheet.end()
}

/// A text as text.
pub fn escape(text: &str) -> String {
    minijinja::HtmlEscape(text).to_string()
}

/// What marks have in common that share a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// A line of that width, units.
    Stroke(Rgb, u32),
    /// A surface.
    Fill(Rgb),
    /// Discs of that radius, units.
    Discs(Rgb, u32),
}

type Rgb = (u8, u8, u8);

/// What texts have in common that share a group.
#[derive(Clone, PartialEq)]
struct Lettering {
    colour: Rgb,
    size: f64,
    bold: bool,
    anchor: &'static str,
}

/// What was drawn so far.
#[derive(Default)]
struct Sheet {
    body: String,
    open: Option<(Look, String)>,
    texts: Vec<(Lettering, String)>,
}

impl Sheet {
    /// Adds to the path of that look, or begins one.
    fn add(&mut self, look: Look, path: &str) {
        match &mut self.open {
            Some((open, data)) if *open == look => data.push_str(path),
            Some(_) | None => {
                self.close();
                self.open = Some((look, path.to_owned()));
            }
        }
    }

    fn close(&mut self) {
        let Some((look, data)) = self.open.take() else { return };
        let style = match look {
            Look::Stroke(colour, width) if f64::from(width) == UNITS => {
                format!("fill=\"none\" stroke=\"{}\"", hex(colour))
            }
            Look::Stroke(colour, width) => {
                format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", hex(colour), number(width as i32))
            }
            Look::Fill(colour) => format!("fill=\"{}\"", hex(colour)),
            Look::Discs(colour, radius) => format!(
                "stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\"",
                hex(colour),
                number(2 * radius as i32)
            ),
        };
        let _ = write!(self.body, "<path {style} d=\"{data}\"/>");
    }

    fn end(mut self) -> String {
        self.close();
        for (Lettering { colour, size, bold, anchor }, texts) in self.texts {
            let _ = write!(self.body, "<g fill=\"{}\"", hex(colour));
            if size != NOTE {
                let _ = write!(self.body, " font-size=\"{size}\"");
            }
            if bold {
                self.body.push_str(" font-weight=\"bold\"");
            }
            if !anchor.is_empty() {
                let _ = write!(self.body, " text-anchor=\"{anchor}\"");
            }
            let _ = writeln!(self.body, ">{texts}</g>");
        }
        self.body
    }
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
        self.sheet.add(Look::Fill(color.rgb), &path);
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
        self.sheet.add(Look::Stroke(style.color().rgb, style.stroke_width()), &path_of(&points));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let colour = style.color().rgb;
        if fill {
            // A line to where it begins, with round ends.
            self.sheet.add(Look::Discs(colour, radius), &format!("{}h0", start(center)));
        } else {
            let (left, radius) = ((center.0 - radius as i32, center.1), radius as i32);
            let (r, d) = (number(radius), number(2 * radius));
            let path = format!("{}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0", start(left));
            self.sheet.add(Look::Stroke(colour, style.stroke_width()), &path);
        }
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
        self.sheet.add(Look::Fill(style.color().rgb), &format!("{}z", path_of(&points)));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let size = style.size() / UNITS;
        let bold = matches!(style.style(), FontStyle::Bold);
        let lettering = Lettering { colour: style.color().rgb, size, bold, anchor };
        let foot = pos.1 + (size * FOOT * UNITS).round() as i32;
        let element = format!("<text x=\"{}\" y=\"{}\">{}</text>", number(pos.0), number(foot), escape(text));
        match self.sheet.texts.iter_mut().find(|(known, _)| *known == lettering) {
            Some((_, texts)) => texts.push_str(&element),
            None => self.sheet.texts.push((lettering, element)),
        }
        Ok(())
    }
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// Units as pixels.
fn number(units: i32) -> String {
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
        let drawn = svg.split_once("rx=\"6\" fill=\"#FFFFFF\"/>").unwrap().1;
        assert_eq!(
            drawn,
            "<path fill=\"none\" stroke=\"#E6E9ED\" d=\"M0 10h50M0 20h50\"/>\
             <path stroke=\"#1B1F24\" stroke-width=\"5\" stroke-linecap=\"round\" d=\"M5 5h0\"/>\
             <path fill=\"#1B1F24\" d=\"M0 0h1v2h-1zM1 0l-1 2v-2z\"/>\
             <g fill=\"#57606A\" text-anchor=\"end\"><text x=\"0\" y=\"13.8\">&lt;&amp;&gt;</text>\
             <text x=\"0\" y=\"23.8\">&lt;&amp;&gt;</text></g>\n</svg>"
        );
    }
}
