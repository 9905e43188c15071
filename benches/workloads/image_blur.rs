//! Turn an RGB picture grey and blur it with a box of 5 by 5 pixels: bytes in, bytes out.
//!
//! Grey is the weighted sum of ITU-R BT.601 in 16 binary places, as Pillow computes it. The box runs over rows, then
//! over columns, each pass rounded to the nearest whole number; outside the picture its edge is repeated. A mean of
//! five integers never lies halfway between two others, so that there is one nearest: the results are equal to the
//! last bit, Pillow's among them.
//!
//! What it teaches: the signature decides. Bytes that Rust reads where they lie, with the result written into the
//! object that Python gets, cost next to nothing at the boundary; copies in and out cost a little; a list of numbers
//! costs more than the blur. And Pillow and numpy, written in C, have most of the factor without a port to maintain;
//! this loop is faster still, since it does one thing, of one box, for which the compiler knows the divisor.
//!
//! Fairness: one thread everywhere, the same rounding, no picture decoded from a file. The twin takes its sums from
//! running ones, which costs an interpreter least; this one adds five values for each pixel, which a compiler turns
//! into vector instructions. Built for any processor of its kind it has 16 bytes to a vector. numpy brings code for
//! wider ones and chooses when it starts; `RUSTFLAGS="-C target-cpu=native"` lets this do the same.
//!
//! Outcomes: a negative side, or bytes that do not fit the sides, are a `ValueError`, a side beyond 64 bits an
//! `OverflowError`, pixels that are no bytes a `TypeError`; a picture without pixels is empty.

use rustworthy_worker::{Failure, Input, Value, Workload};

/// The workload; its input is the picture.
pub struct ImageBlur;

/// Red, green and blue of each pixel, row by row.
#[derive(Debug)]
pub struct Picture {
    width: i64,
    height: i64,
    pixels: Vec<u8>,
}

/// One byte a pixel.
#[derive(Debug, PartialEq)]
pub struct Grey(Vec<u8>);

impl rustworthy_worker::Canonical for Grey {
    fn canonical(&self) -> Value {
        Value::Bytes(self.0.clone())
    }
}

impl Workload for ImageBlur {
    const NAME: &'static str = "image_blur";
    const SAMPLE_SIZE: u64 = 10_000;
    type Input = Picture;
    type Output = Grey;

    fn prepare(input: Input) -> Result<Picture, Failure> {
        let [width, height, pixels] = input.into_arguments()?;
        Ok(Picture { width: width.into_int()?, height: height.into_int()?, pixels: pixels.into_bytes()? })
    }

    fn sample() -> Picture {
        Picture { width: 100, height: 100, pixels: (0..=250).cycle().take(30_000).collect() }
    }

    fn run(picture: &Picture) -> Result<Grey, Failure> {
        image_blur(picture.width, picture.height, &picture.pixels).map(Grey)
    }
}

/// The box reaches so many pixels to each side.
const RADIUS: usize = 2;
const WIDTH: u16 = 2 * RADIUS as u16 + 1;

/// The grey, blurred picture: one byte a pixel.
///
/// # Errors
/// As [`Sides::of`].
pub fn image_blur(width: i64, height: i64, pixels: &[u8]) -> Result<Vec<u8>, Failure> {
    let sides = Sides::of(width, height, pixels)?;
    let mut blurred = vec![0; sides.width * sides.height];
    blur_into(&sides, pixels, &mut blurred);
    Ok(blurred)
}

/// The sides of a picture that is whole.
#[derive(Clone, Copy, Debug)]
pub struct Sides {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Sides {
    /// The sides, held against the bytes there are.
    ///
    /// # Errors
    /// `ValueError` where a side is negative, or there are not three bytes a pixel.
    pub fn of(width: i64, height: i64, pixels: &[u8]) -> Result<Sides, Failure> {
        let (Ok(width), Ok(height)) = (usize::try_from(width), usize::try_from(height)) else {
            return Err(Failure::value_error("a side is negative"));
        };
        match width.checked_mul(height).and_then(|count| count.checked_mul(3)) {
            Some(bytes) if bytes == pixels.len() => Ok(Sides { width, height }),
            _ => Err(Failure::value_error(format!(
                "{width} by {height} pixels have 3 bytes each, and there are {} bytes",
                pixels.len()
            ))),
        }
    }
}

/// Writes the grey, blurred picture to `blurred`, which has a byte a pixel.
pub fn blur_into(sides: &Sides, pixels: &[u8], blurred: &mut [u8]) {
    let Sides { width, height } = *sides;
    if width == 0 || height == 0 {
        return;
    }
    let mut rows = vec![0; width * height];
    // A row with its edges repeated.
    let mut padded = vec![0_u16; width + 2 * RADIUS];
    for (row, colours) in rows.chunks_exact_mut(width).zip(pixels.chunks_exact(3 * width)) {
        grey(colours, &mut padded[RADIUS..RADIUS + width]);
        let (first, last) = (padded[RADIUS], padded[RADIUS + width - 1]);
        padded[..RADIUS].fill(first);
        padded[RADIUS + width..].fill(last);
        mean(std::array::from_fn(|start| &padded[start..start + width]), row);
    }
    let row = |number: usize| &rows[number * width..][..width];
    for (number, line) in blurred.chunks_exact_mut(width).enumerate() {
        // The box's rows, the picture's edge repeated.
        let within = |offset: usize| (number + offset).saturating_sub(RADIUS).min(height - 1);
        mean(std::array::from_fn(|offset| row(within(offset))), line);
    }
}

/// The shades of a row.
fn grey(colours: &[u8], shades: &mut [u16]) {
    let (colours, _) = colours.as_chunks::<3>();
    for (shade, [red, green, blue]) in shades.iter_mut().zip(colours) {
        let sum = u32::from(*red) * 19_595 + u32::from(*green) * 38_470 + u32::from(*blue) * 7_471 + 32_768;
        *shade = (sum >> 16) as u16;
    }
}

/// The mean of five lines at each place, rounded to the nearest.
fn mean<T: Copy + Into<u16>>(lines: [&[T]; WIDTH as usize], means: &mut [u8]) {
    let length = means.len();
    // Equal lengths that the compiler knows of, so that it leaves out the checks and takes many places at once.
    let [a, b, c, d, e] = lines.map(|line| &line[..length]);
    for place in 0..length {
        let sum: u16 = a[place].into() + b[place].into() + c[place].into() + d[place].into() + e[place].into();
        means[place] = ((sum + RADIUS as u16) / WIDTH) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 3] = [255, 0, 0];

    #[test]
    fn a_picture_of_one_colour_stays_so() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 2), (7, 5)] {
            let blurred = image_blur(width, height, &RED.repeat((width * height) as usize)).unwrap();
            assert_eq!(blurred, vec![76; (width * height) as usize], "{width} by {height}");
        }
    }

    #[test]
    fn a_dot_becomes_a_box() {
        let mut pixels = vec![0; 3 * 7 * 7];
        pixels[3 * 24..3 * 25].fill(255);
        let blurred = image_blur(7, 7, &pixels).unwrap();
        let rows: Vec<&[u8]> = blurred.chunks(7).collect();
        for (number, row) in rows.into_iter().enumerate() {
            let shade = if (1..=5).contains(&number) { 10 } else { 0 };
            assert_eq!(row, [0, shade, shade, shade, shade, shade, 0], "row {number}");
        }
    }

    #[test]
    fn a_picture_without_pixels_is_empty() {
        for (width, height) in [(0, 0), (0, 7), (7, 0)] {
            assert_eq!(image_blur(width, height, b""), Ok(Vec::new()));
        }
    }

    #[test]
    fn bytes_that_do_not_fit_the_sides_are_refused() {
        for (width, height, bytes) in [(2, 2, 11), (2, 2, 13), (-1, -1, 3), (-1, 0, 0), (1 << 62, 1 << 62, 0)] {
            let failure = image_blur(width, height, &vec![0; bytes]).unwrap_err();
            assert_eq!(failure.class, "ValueError", "{width} by {height}");
        }
    }
}
