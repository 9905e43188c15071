//! A picture as a list of shapes, and its SVG.
//!
//! Charts say what to draw; only here it is drawn, by plotters. As data a picture can be tested: no label may lie on
//! another.

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::DashedPathElement;
use plotters::prelude::{
    Circle, DrawingArea, IntoDrawingArea, PathElement, Polygon, Rectangle, SVGBackend, ShapeStyle, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, TextStyle};

use super::NOTE;
use super::colour::{Colour, style_sheet};
use crate::report::text;

/// A place in a picture, pixels from its top left.
pub type Point = (f64, f64);

/// Where a text lies about its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// Without gaps.
    Solid,
    /// In dashes of so many pixels.
    Dashed(u32),
}

/// One shape.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<Point>,
        /// Its colour.
        colour: Colour,
        /// Its width, pixels.
        width: u32,
        /// Solid or dashed.
        stroke: Stroke,
    },
    /// A filled surface within points.
    Area {
        /// Its corners.
        points: Vec<Point>,
        /// Its colour.
        colour: Colour,
    },
    /// A filled rectangle.
    Box {
        /// A corner.
        from: Point,
        /// The opposite one.
        to: Point,
        /// Its colour.
        colour: Colour,
    },
    /// A circle.
    Disc {
        /// Its centre.
        at: Point,
        /// Its radius, pixels.
        radius: u32,
        /// The width of its outline; `None`: filled.
        outline: Option<u32>,
        /// Its colour.
        colour: Colour,
    },
    /// One line of text, its middle at the height of the place.
    Text {
        /// Its place.
        at: Point,
        /// What it says.
        text: String,
        /// The font's size, pixels.
        size: f64,
        /// Its colour.
        colour: Colour,
        /// How it lies about its place.
        anchor: Anchor,
        /// Whether it is bold.
        bold: bool,
    },
}

impl Shape {
    fn move_down(&mut self, pixels: f64) {
        match self {
            Shape::Line { points, .. } | Shape::Area { points, .. } => {
                points.iter_mut().for_each(|point| point.1 += pixels);
            }
            Shape::Box { from, to, .. } => {
                from.1 += pixels;
                to.1 += pixels;
            }
            Shape::Disc { at, .. } | Shape::Text { at, .. } => at.1 += pixels,
        }
    }
}

/// From the edge of a picture that stands alone to its title and caption, pixels.
const MARGIN: f64 = 16.0;
/// The height of its title, pixels.
const HEAD: f64 = 40.0;

/// Whether an SVG brings its own style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A file of its own.
    File,
    /// Part of a page that has the style sheet already.
    Page,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// Pixels across.
    pub width: f64,
    /// Pixels down.
    pub height: f64,
    /// Its title, for those who cannot see it.
    pub title: String,
    /// What it shows, for the same.
    pub description: String,
    /// How its numbers were made, for a picture that stands alone.
    pub caption: String,
    shapes: Vec<Shape>,
}

impl Drawing {
    /// An empty picture.
    pub fn new(width: f64, title: &str) -> Drawing {
        Drawing {
            width,
            height: 0.0,
            title: title.to_owned(),
            description: String::new(),
            caption: String::new(),
            shapes: Vec::new(),
        }
    }

    /// Adds a shape.
    pub fn add(&mut self, shape: Shape) {
        self.shapes.push(shape);
    }

    /// Adds a solid line of one pixel or more.
    pub fn line(&mut self, from: Point, to: Point, colour: Colour, width: u32) {
        self.add(Shape::Line { points: vec![from, to], colour, width, stroke: Stroke::Solid });
    }

    /// Adds a plain text, cut to `room` pixels.
    pub fn text(&mut self, at: Point, text: &str, room: f64, size: f64, colour: Colour, anchor: Anchor) {
        let text = text::cut_pixels(text, room, size);
        self.add(Shape::Text { at, text, size, colour, anchor, bold: false });
    }

    /// Adds a bold text, cut to `room` pixels.
    pub fn bold(&mut self, at: Point, text: &str, room: f64, size: f64) {
        let text = text::cut_pixels(text, room * 0.93, size);
        self.add(Shape::Text { at, text, size, colour: Colour::Ink, anchor: Anchor::Start, bold: true });
    }

    /// The picture as an SVG that says what it is, scales with its place and follows light and dark. A file of its own
    /// also carries its title and caption.
    pub fn svg(&self, purpose: Use) -> String {
        let (head, foot, style) = match purpose {
            Use::File => {
                let caption = text::wrap_pixels(&self.caption, self.width - 2.0 * MARGIN, NOTE);
                (HEAD, caption, format!("<style>{}</style>\n", style_sheet()))
            }
            Use::Page => (0.0, Vec::new(), String::new()),
        };
        let mut framed = self.clone();
        framed.shapes.iter_mut().for_each(|shape| shape.move_down(head));
        if purpose == Use::File {
            framed.bold((MARGIN, head * 0.68), &self.title, self.width - 2.0 * MARGIN, 16.0);
        }
        framed.height = self.height + head;
        for line in &foot {
            framed.height += 17.0;
            let place = (MARGIN, framed.height - 8.0);
            framed.text(place, line, self.width, NOTE, Colour::Muted, Anchor::Start);
        }
        framed.height += if foot.is_empty() { 0.0 } else { 12.0 };
        framed.markup(&style)
    }

    fn markup(&self, style: &str) -> String {
        let size = (self.width.ceil() as u32, self.height.ceil() as u32);
        let mut body = String::new();
        {
            let area = SVGBackend::with_string(&mut body, size).into_drawing_area();
            // A string takes every write and no font is ever asked for, so what plotters may complain of cannot be.
            let drawn: Result<(), DrawingAreaErrorKind<_>> =
                self.shapes.iter().try_for_each(|shape| draw(&area, shape)).and_then(|()| area.present());
            debug_assert!(drawn.is_ok(), "{drawn:?}");
        }
        let shapes = body.split_once('>').map_or("", |(_, shapes)| shapes);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"rw-chart\" role=\"img\" width=\"{0}\" height=\"{1}\" \
             viewBox=\"0 0 {0} {1}\">\n<title>{2}</title>\n<desc>{3}</desc>\n{style}\
             <rect width=\"{0}\" height=\"{1}\" rx=\"6\" fill=\"#FFFFFF\"/>{shapes}",
            size.0,
            size.1,
            escape(&self.title),
            escape(&self.description),
        )
    }

    /// The boxes of all texts, left, top, right and bottom, with what they say.
    #[cfg(test)]
    pub fn labels(&self) -> Vec<([f64; 4], &str)> {
        self.shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Text { at: (x, y), text, size, anchor, .. } => {
                    let width = text::pixels(text, *size);
                    let left = match anchor {
                        Anchor::Start => *x,
                        Anchor::Middle => x - width / 2.0,
                        Anchor::End => x - width,
                    };
                    Some(([left, y - size / 2.0, left + width, y + size / 2.0], text.as_str()))
                }
                Shape::Line { .. } | Shape::Area { .. } | Shape::Box { .. } | Shape::Disc { .. } => None,
            })
            .collect()
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as plotters::prelude::DrawingBackend>::ErrorType>>;

fn draw<'a>(area: &Area<'a>, shape: &Shape) -> Drawn<'a> {
    match shape {
        Shape::Line { points, colour, width, stroke } => {
            let style = ShapeStyle { color: colour.light().to_rgba(), filled: false, stroke_width: *width };
            let points: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
            match stroke {
                Stroke::Solid => area.draw(&PathElement::new(points, style)),
                Stroke::Dashed(length) => area.draw(&DashedPathElement::new(points, *length, *length, style)),
            }
        }
        Shape::Area { points, colour } => {
            let points: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
            area.draw(&Polygon::new(points, colour.light().filled()))
        }
        Shape::Box { from, to, colour } => {
            area.draw(&Rectangle::new([pixel(*from), pixel(*to)], colour.light().filled()))
        }
        Shape::Disc { at, radius, outline, colour } => {
            let color = colour.light().to_rgba();
            let style = ShapeStyle { color, filled: outline.is_none(), stroke_width: outline.unwrap_or(0) };
            area.draw(&Circle::new(pixel(*at), *radius, style))
        }
        Shape::Text { at, text, size, colour, anchor, bold } => {
            let horizontal = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let weight = if *bold { FontStyle::Bold } else { FontStyle::Normal };
            // The backend divides a font's size by 1.24.
            let ink = colour.light();
            let style = TextStyle::from((FontFamily::SansSerif, size * 1.24, weight))
                .color(&ink)
                .pos(Pos::new(horizontal, VPos::Center));
            area.draw(&Text::new(text.as_str(), pixel(*at), style))
        }
    }
}

fn pixel((x, y): Point) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

fn escape(text: &str) -> String {
    minijinja::HtmlEscape(text).to_string()
}
