//! What plotters draws, as pixels, with a font of its own: no library of the system is asked for anything.

use std::convert::Infallible;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use thiserror::Error;
use tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};
use ttf_parser::{Face, FaceParsingError, GlyphId, OutlineBuilder};
use unicode_bidi::{BidiInfo, Level};

use super::drawing::Shape;
use super::paint::{UNITS, paint};
use super::svg::FOOT;

/// Pixels of the file for each of the picture's, so that it is sharp on a wall.
const SCALE: f64 = 2.0;
/// The file's pixels at most: larger pictures get fewer for each of their own.
const MOST_PIXELS: f64 = 3e7;

/// Why a picture could not be made.
#[derive(Debug, Error)]
pub enum PngError {
    /// The font that the tool brings cannot be read, which is a defect of the tool.
    #[error("the tool's own font: {0}")]
    Font(#[from] FaceParsingError),
    /// A picture without an extent, or with too much of one.
    #[error("a picture of {0} by {1} pixels cannot be drawn")]
    Extent(u32, u32),
    /// The file's content could not be made.
    #[error("{0}")]
    Encoding(String),
}

/// The shapes on white as the content of a PNG file.
pub fn png(shapes: &[Shape], width: f64, height: f64) -> Result<Vec<u8>, PngError> {
    let scale = SCALE.min((MOST_PIXELS / (width * height)).sqrt());
    let [across, down] = [width, height].map(|length| (length * scale).round() as u32);
    let mut pixels = Pixmap::new(across, down).ok_or(PngError::Extent(across, down))?;
    pixels.fill(Color::WHITE);
    let brush = Brush {
        pixels: &mut pixels,
        size: ((width * UNITS) as u32, (height * UNITS) as u32),
        scale: (scale / UNITS) as f32,
        regular: Face::parse(dejavu::sans::regular(), 0)?,
        bold: Face::parse(dejavu::sans::bold(), 0)?,
    };
    paint(brush, shapes).map_err(|error| PngError::Encoding(error.to_string()))?;
    pixels.encode_png().map_err(|error| PngError::Encoding(error.to_string()))
}

/// What plotters draws with.
struct Brush<'pixels> {
    pixels: &'pixels mut Pixmap,
    size: (u32, u32),
    scale: f32,
    regular: Face<'static>,
    bold: Face<'static>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Brush<'_> {
    fn fill(&mut self, path: Option<Path>, colour: BackendColor) -> Drawn {
        let scale = Transform::from_scale(self.scale, self.scale);
        if let Some(path) = path {
            self.pixels.fill_path(&path, &ink(colour), FillRule::Winding, scale, None);
        }
        Ok(())
    }

    fn stroke<S: BackendStyle>(&mut self, path: Option<Path>, style: &S) -> Drawn {
        let scale = Transform::from_scale(self.scale, self.scale);
        let width = style.stroke_width() as f32;
        let stroke = Stroke { width, line_cap: LineCap::Butt, line_join: LineJoin::Miter, ..Stroke::default() };
        if let Some(path) = path {
            self.pixels.stroke_path(&path, &ink(style.color()), &stroke, scale, None);
        }
        Ok(())
    }
}

impl DrawingBackend for Brush<'_> {
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

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let dot = Rect::from_xywh(x as f32, y as f32, 1.0, 1.0);
        self.fill(dot.map(PathBuilder::from_rect), color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let corners = [from, (to.0, from.1), to, (from.0, to.1)];
        if fill { self.fill_polygon(corners, style) } else { self.stroke(outline(corners, true), style) }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.stroke(outline(path, false), style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let circle = PathBuilder::from_circle(x as f32, y as f32, radius as f32);
        if fill { self.fill(circle, style.color()) } else { self.stroke(circle, style) }
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        self.fill(outline(vert, true), style.color())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let face = if matches!(style.style(), FontStyle::Bold) { &self.bold } else { &self.regular };
        let size = style.size() as f32;
        let em = size / f32::from(face.units_per_em());
        let glyphs = glyphs(face, text);
        let width = glyphs.last().map_or(0.0, |(_, _, end)| *end) * em;
        let left = match style.anchor().h_pos {
            HPos::Left => x as f32,
            HPos::Center => x as f32 - width / 2.0,
            HPos::Right => x as f32 - width,
        };
        let mut letters = Letters { path: PathBuilder::new(), em, left, foot: y as f32 + size * FOOT as f32 };
        for (glyph, begin, _) in glyphs {
            letters.left = left + begin * em;
            face.outline_glyph(glyph, &mut letters);
        }
        self.fill(letters.path.finish(), style.color())
    }
}

fn ink(colour: BackendColor) -> Paint<'static> {
    let (red, green, blue) = colour.rgb;
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(red, green, blue, (colour.alpha * 255.0).round() as u8);
    paint
}

fn outline(points: impl IntoIterator<Item = BackendCoord>, closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (x, y) in points {
        // A path begins where it first goes to.
        if path.is_empty() { path.move_to(x as f32, y as f32) } else { path.line_to(x as f32, y as f32) }
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// The glyphs of a line from left to right, each with its begin and its end in the font's own units.
fn glyphs(face: &Face, text: &str) -> Vec<(GlyphId, f32, f32)> {
    let mut at = 0.0;
    let mut before: Option<GlyphId> = None;
    let mut glyphs = Vec::new();
    for character in in_sight(text).chars() {
        // The first glyph of a font is the one for what it lacks.
        let glyph = face.glyph_index(character).unwrap_or_default();
        at += before.map_or(0.0, |before| kerning(face, before, glyph));
        let begin = at;
        at += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
        glyphs.push((glyph, begin, at));
        before = Some(glyph);
    }
    glyphs
}

/// The text in the order of sight: what is written from right to left is turned round.
fn in_sight(text: &str) -> String {
    let order = BidiInfo::new(text, Some(Level::ltr()));
    order.paragraphs.iter().map(|line| order.reorder_line(line, line.range.clone())).collect()
}

fn kerning(face: &Face, left: GlyphId, right: GlyphId) -> f32 {
    let Some(table) = face.tables().kern else { return 0.0 };
    let mut plain = table.subtables.into_iter().filter(|table| table.horizontal && !table.variable);
    f32::from(plain.find_map(|table| table.glyphs_kerning(left, right)).unwrap_or(0))
}

/// Turns outlines in the font's units, upwards, into a path in the picture's, downwards.
struct Letters {
    path: PathBuilder,
    em: f32,
    left: f32,
    foot: f32,
}

impl Letters {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.left + x * self.em, self.foot - y * self.em)
    }
}

impl OutlineBuilder for Letters {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::super::colour::Colour;
    use super::super::drawing::{Anchor, Drawing};
    use super::*;

    /// The pixels of a picture: across, down, and the darkest channel of each.
    fn drawn(drawing: &Drawing) -> (u32, u32, Vec<u8>) {
        let content = png(drawing.shapes(), drawing.width, drawing.height).unwrap();
        let pixels = Pixmap::decode_png(&content).unwrap();
        let darkest = pixels.pixels().iter().map(|pixel| pixel.red().min(pixel.green()).min(pixel.blue())).collect();
        (pixels.width(), pixels.height(), darkest)
    }

    /// The columns that hold ink, first and last.
    fn inked((across, _, pixels): &(u32, u32, Vec<u8>)) -> (usize, usize) {
        let columns: Vec<usize> =
            pixels.iter().enumerate().filter(|(_, dark)| **dark < 200).map(|(at, _)| at % *across as usize).collect();
        (*columns.iter().min().unwrap(), *columns.iter().max().unwrap())
    }

    fn written(text: &str, anchor: Anchor) -> Drawing {
        let mut drawing = Drawing::new(300.0, "");
        drawing.height = 30.0;
        drawing.text((150.0, 15.0), text, 300.0, 13.0, Colour::Ink, anchor);
        drawing
    }

    #[test]
    fn a_picture_is_white_where_nothing_is_drawn_and_twice_as_large() {
        let mut drawing = Drawing::new(40.0, "");
        drawing.height = 20.0;
        drawing.add(Shape::Box { from: (10.0, 5.0), to: (20.0, 15.0), colour: Colour::Ink });
        let (across, down, pixels) = drawn(&drawing);
        assert_eq!((across, down), (80, 40));
        assert_eq!((pixels[0], pixels[20 * 80 + 30]), (255, 0x1b));
        assert_eq!(pixels.iter().filter(|dark| **dark == 0x1b).count(), 20 * 20);
    }

    #[test]
    fn texts_lie_about_their_places() {
        let [start, middle, end] =
            [Anchor::Start, Anchor::Middle, Anchor::End].map(|anchor| inked(&drawn(&written("HHHH 4.92×", anchor))));
        assert!(start.0 >= 300 && end.1 <= 300, "{start:?} {end:?}");
        assert!((middle.0 + middle.1).abs_diff(600) <= 4, "{middle:?}");
        // Room is kept for letters at least as wide as these.
        assert!(((start.1 - start.0) as f64) / SCALE < crate::report::text::pixels("HHHH 4.92×", 13.0));
    }

    #[test]
    fn what_charts_and_names_are_written_with_is_in_the_font() {
        let face = Face::parse(dejavu::sans::regular(), 0).unwrap();
        for character in "×÷→←…·µ±≥–“”’é ß Ω Ж א ع ა".chars() {
            assert!(face.glyph_index(character).is_some(), "{character}");
        }
        assert!(!drawn(&written("日本", Anchor::Start)).2.iter().all(|dark| *dark == 255), "a box for what it lacks");
    }

    #[test]
    fn hebrew_reads_from_the_right() {
        assert_eq!(in_sight("a שלום b"), "a םולש b");
    }

    #[test]
    fn the_longest_picture_stays_within_the_pixels_there_are() {
        let mut drawing = Drawing::new(960.0, "");
        drawing.height = 40_000.0;
        let (across, down, _) = drawn(&drawing);
        assert!(f64::from(across) * f64::from(down) <= MOST_PIXELS * 1.001);
    }
}
