//! Multiply two square matrices by the definition: n³ multiplications and additions, lists of rows in and out.
//!
//! What it teaches: where a library beats both. The conversion of n² numbers is lost in n³ operations, but not soon:
//! at 256 rows it still has a third of the hybrid's time. And a BLAS, as numpy brings it, beats this loop several
//! times over on arrays, and needs no port. From lists to lists most of numpy's time is their conversion, and little
//! of the advantage is left. Three things make the gap: it works in blocks that stay in the caches, where this loop
//! reads the whole right matrix again for each row; it keeps a tile of the product in registers, where this one writes
//! each element n times; and it picks instructions of 32 or 64 bytes with fused multiplication when it starts, where
//! this is built for any processor of its kind and has 16 bytes a time. All three are what a crate such as `faer` or
//! `matrixmultiply` has done already: who needs fast products takes one of these, or numpy.
//!
//! Fairness: the workload sets the variables that keep a BLAS to one thread, as all others have. numpy is measured
//! twice: from lists to lists, as the baseline, and on arrays, which its caller is assumed to hold. The twin adds a
//! row times a column by a builtin. In Rust the inner loop runs along the rows of both matrices instead, so that it is
//! vectorised; each element still adds the same products in the same order.
//!
//! The inputs hold whole numbers, small enough that every partial sum is exact: the results agree to the last bit
//! whoever adds. Outcomes: shapes that do not fit and ragged rows are a `ValueError`, what is no list of lists of
//! numbers a `TypeError`, an integer beyond the floats an `OverflowError`.

use rustworthy_worker::{Failure, Input, Value, Workload};

/// A list of rows.
pub type Matrix = Vec<Vec<f64>>;

/// The workload; its input is the left and the right matrix.
pub struct MatrixMultiply;

impl Workload for MatrixMultiply {
    const NAME: &'static str = "matrix_multiply";
    const SAMPLE_SIZE: u64 = 32;
    type Input = (Matrix, Matrix);
    type Output = Matrix;

    fn prepare(input: Input) -> Result<(Matrix, Matrix), Failure> {
        let [left, right] = input.into_arguments()?;
        Ok((matrix(left)?, matrix(right)?))
    }

    fn sample() -> (Matrix, Matrix) {
        let matrix: Matrix =
            (0..32_u32).map(|row| (0..32).map(|column| f64::from(row * 7 + column)).collect()).collect();
        (matrix.clone(), matrix)
    }

    fn run((left, right): &(Matrix, Matrix)) -> Result<Matrix, Failure> {
        matrix_multiply(left, right)
    }
}

fn matrix(rows: Value) -> Result<Matrix, Failure> {
    rows.into_list()?.into_iter().map(Value::into_floats).collect()
}

/// The product.
///
/// # Errors
/// `ValueError` for matrices that have no product.
pub fn matrix_multiply(left: &[Vec<f64>], right: &[Vec<f64>]) -> Result<Matrix, Failure> {
    if left.iter().any(|row| row.len() != right.len()) {
        let message = "a row of the left matrix has not as many numbers as the right one has rows";
        return Err(Failure::value_error(message));
    }
    let width = right.first().map_or(0, Vec::len);
    if right.iter().any(|row| row.len() != width) {
        return Err(Failure::value_error("the rows of the right matrix are of different lengths"));
    }
    let product_row = |row: &Vec<f64>| {
        let mut sums = vec![0.0; width];
        for (factor, terms) in row.iter().zip(right) {
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += factor * term;
            }
        }
        sums
    };
    Ok(left.iter().map(product_row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_rows_times_columns() {
        let left = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]];
        let right = [vec![1.0, 0.0], vec![0.0, 1.0], vec![1.0, 1.0]];
        assert_eq!(matrix_multiply(&left, &right), Ok(vec![vec![4.0, 5.0], vec![10.0, 11.0]]));
    }

    #[test]
    fn nothing_has_the_shape_of_the_twin() {
        assert_eq!(matrix_multiply(&[], &[]), Ok(vec![]));
        assert_eq!(matrix_multiply(&[vec![], vec![]], &[]), Ok(vec![vec![], vec![]]));
        assert_eq!(matrix_multiply(&[], &[vec![], vec![]]), Ok(vec![]));
    }

    #[test]
    fn shapes_must_fit() {
        let class = |left: &[Vec<f64>], right: &[Vec<f64>]| matrix_multiply(left, right).unwrap_err().class;
        assert_eq!(class(&[vec![1.0, 2.0], vec![3.0]], &[vec![1.0], vec![2.0]]), "ValueError");
        assert_eq!(class(&[vec![1.0, 2.0]], &[vec![1.0, 2.0], vec![3.0]]), "ValueError");
        assert_eq!(class(&[vec![1.0, 2.0]], &[vec![1.0, 2.0]]), "ValueError");
    }
}
