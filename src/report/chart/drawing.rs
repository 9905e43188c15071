//! A picture as a list of shapes, and its SVG.
//!
//! Charts say what to draw; [`super::paint`] draws it. As data a picture can be tested: no label may lie on another.

use super::NOTE;
use super::colour::Colour;
use super::look::{self, Look};
use super::value::{self, Value};
use super::{png, svg};
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
        radius: f64,
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

/// What an SVG brings with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A file of its own: the style sheet, a title and a caption.
    File,
    /// Part of a page that has all of these: the values of its marks.
    Page,
    /// The same picture for other room, beside it: only where the marks are.
    Twin,
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
    /// What all its values are of.
    pub subject: String,
    /// What its marks stand for, line by line.
    pub values: Vec<Value>,
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
            subject: String::new(),
            values: Vec::new(),
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
        match purpose {
            Use::File => self.framed().file(),
            Use::Page => {
                self.in_page(&format!(" data-words=\"{}\"", svg::escape(&value::words(&self.subject, &self.values))))
            }
            Use::Twin => self.in_page(""),
        }
    }

    /// The picture with its title and caption on white, as the content of a PNG file for slides.
    ///
    /// # Errors
    /// When it is larger than a picture can be.
    pub fn png(&self) -> Result<Vec<u8>, png::PngError> {
        let framed = self.framed();
        png::png(&framed.shapes, framed.width, framed.height)
    }

    /// The picture between its title and its caption.
    fn framed(&self) -> Drawing {
        let room = self.width - 2.0 * MARGIN;
        let mut framed = self.clone();
        framed.shapes.iter_mut().for_each(|shape| shape.move_down(HEAD));
        framed.bold((MARGIN, HEAD * 0.68), &self.title, room, 16.0);
        framed.height = self.height + HEAD;
        let caption = text::wrap_pixels(&self.caption, room, NOTE);
        for line in &caption {
            framed.height += 17.0;
            let place = (MARGIN, framed.height - 8.0);
            framed.text(place, line, self.width, NOTE, Colour::Muted, Anchor::Start);
        }
        framed.height += if caption.is_empty() { 0.0 } else { 12.0 };
        framed
    }

    fn file(&self) -> String {
        let (width, height) = (self.width.ceil(), self.height.ceil());
        let mut marks = svg::marks(&self.shapes, width, height);
        let ground = Look::Fill(Colour::Surface.rgb()).dress().said(&mut marks.classes);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"rw-chart\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">{}\n<style>{}</style>\n\
             <rect{ground} width=\"{width}\" height=\"{height}\" rx=\"6\"/>{}</svg>",
            format_args!("<title>{}</title>{}", svg::escape(&self.title), self.words()),
            look::of_file(&marks.classes),
            marks.body,
        )
    }

    /// There it stands on the page's own ground and takes the room that it is given. Its name is an attribute there:
    /// browsers show a title over whatever is pointed at.
    fn in_page(&self, words: &str) -> String {
        let (width, height) = (self.width.ceil(), self.height.ceil());
        let mut attributes = format!("aria-label=\"{}\"", svg::escape(&self.title));
        if !self.values.is_empty() {
            attributes += &format!(" data-marks=\"{}\"{words}", value::places(&self.values));
        }
        format!(
            "<svg class=\"rw-chart\" role=\"img\" viewBox=\"0 0 {width} {height}\" {attributes}>{}\n{}</svg>",
            self.words(),
            svg::marks(&self.shapes, width, height).body,
        )
    }

    fn words(&self) -> String {
        format!("<desc>{}</desc>", svg::escape(&self.description))
    }

    /// What it is made of.
    #[cfg(test)]
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
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
