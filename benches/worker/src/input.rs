//! What a workload is prepared from: the arguments that Python made, read from the input cache.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::protocol::{Encoding, InputJob, InputSource, Pass};
use crate::{Failure, Value};

/// Where the input file is.
const FILE: &str = "RUSTWORTHY_INPUT";
/// How it is written; by default its extension says.
const ENCODING: &str = "RUSTWORTHY_INPUT_ENCODING";
/// The point at which the input was made.
const SIZE: &str = "RUSTWORTHY_SIZE";
/// The seed it was made with.
const SEED: &str = "RUSTWORTHY_SEED";
/// Whether the implementation gets the values or the file's path.
const PASS: &str = "RUSTWORTHY_PASS";

/// The arguments of a workload, with the size and seed they were made at.
#[derive(Clone, Debug)]
pub struct Input {
    /// The point at which the input was made, in the workload's unit.
    pub size: u64,
    /// The seed it was made with.
    pub seed: u64,
    arguments: Vec<Value>,
}

impl Input {
    /// The input that a job names.
    ///
    /// # Errors
    /// When the file cannot be read, is not what its encoding says, or only Python can make the input.
    pub fn from_job(job: &InputJob) -> Result<Input, Failure> {
        let arguments = match &job.source {
            None => Vec::new(),
            Some(InputSource::File { path, encoding }) => load(path, *encoding, job.pass)?,
            Some(InputSource::Callable { call, .. }) => {
                return Err(Failure::type_error(format!(
                    "the input of `{call}` has no canonical form, so that only Python can make it"
                )));
            }
        };
        Ok(Input { size: job.size, seed: job.seed, arguments })
    }

    /// The input that the environment names; `None` when it names none, and a workload uses its sample.
    ///
    /// # Errors
    /// As [`Input::from_job`], and `ValueError` for a variable that does not read.
    pub fn from_env() -> Result<Option<Input>, Failure> {
        match InputVariables::from_env()? {
            Some(variables) => variables.load().map(Some),
            None => Ok(None),
        }
    }

    /// The size that the environment asks for; `None` when it names no input.
    ///
    /// # Errors
    /// `ValueError` for a variable that does not read.
    pub fn size_from_env() -> Result<Option<u64>, Failure> {
        Ok(InputVariables::from_env()?.map(|variables| variables.size))
    }

    /// An input made in Rust, for tests and for benches with inputs of their own.
    pub fn from_arguments(size: u64, arguments: Vec<Value>) -> Input {
        Input { size, seed: 0, arguments }
    }

    /// The arguments, to look at.
    pub fn arguments(&self) -> &[Value] {
        &self.arguments
    }

    /// The arguments, exactly this many: `let [values] = input.into_arguments()?;`
    ///
    /// # Errors
    /// `TypeError` when there are more or fewer, as Python's own.
    pub fn into_arguments<const COUNT: usize>(self) -> Result<[Value; COUNT], Failure> {
        <[Value; COUNT]>::try_from(self.arguments)
            .map_err(|given| Failure::type_error(format!("takes {COUNT} arguments, got {}", given.len())))
    }

    /// The only argument, text.
    ///
    /// # Errors
    /// As [`Input::into_arguments`] and [`Value::into_text`].
    pub fn into_text(self) -> Result<String, Failure> {
        let [argument] = self.into_arguments()?;
        argument.into_text()
    }

    /// The only argument, bytes.
    ///
    /// # Errors
    /// As [`Input::into_arguments`] and [`Value::into_bytes`].
    pub fn into_bytes(self) -> Result<Vec<u8>, Failure> {
        let [argument] = self.into_arguments()?;
        argument.into_bytes()
    }

    /// The only argument, the path of a file.
    ///
    /// # Errors
    /// As [`Input::into_text`].
    pub fn into_path(self) -> Result<PathBuf, Failure> {
        self.into_text().map(PathBuf::from)
    }
}

/// The environment's variables, validated.
#[derive(Debug, PartialEq)]
struct InputVariables {
    file: Option<PathBuf>,
    encoding: Option<Encoding>,
    size: u64,
    seed: u64,
    pass: Pass,
}

impl InputVariables {
    fn from_env() -> Result<Option<InputVariables>, Failure> {
        InputVariables::read(&|name| env::var_os(name).filter(|value| !value.is_empty()))
    }

    fn read(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<InputVariables>, Failure> {
        let number = |name: &str| -> Result<Option<u64>, Failure> {
            let Some(text) = variable(name) else { return Ok(None) };
            let number = text.to_str().and_then(|text| text.parse().ok());
            number.map(Some).ok_or_else(|| unreadable(name, &text, "a whole number"))
        };
        let file = variable(FILE).map(PathBuf::from);
        let size = number(SIZE)?;
        if file.is_none() && size.is_none() {
            return Ok(None);
        }
        let encoding = match variable(ENCODING) {
            None => file.as_deref().map(by_extension),
            Some(name) => match name.to_str() {
                Some("tagged") => Some(Encoding::Tagged),
                Some("text") => Some(Encoding::Text),
                Some("bytes") => Some(Encoding::Bytes),
                _ => return Err(unreadable(ENCODING, &name, "tagged, text or bytes")),
            },
        };
        let pass = match variable(PASS) {
            None => Pass::Value,
            Some(name) => match name.to_str() {
                Some("value") => Pass::Value,
                Some("path") => Pass::Path,
                _ => return Err(unreadable(PASS, &name, "value or path")),
            },
        };
        Ok(Some(InputVariables { file, encoding, size: size.unwrap_or(1), seed: number(SEED)?.unwrap_or(0), pass }))
    }

    fn load(self) -> Result<Input, Failure> {
        let arguments = match (&self.file, self.encoding) {
            (Some(file), Some(encoding)) => load(file, encoding, self.pass)?,
            _ => Vec::new(),
        };
        Ok(Input { size: self.size, seed: self.seed, arguments })
    }
}

fn unreadable(name: &str, value: &OsString, wanted: &str) -> Failure {
    Failure::value_error(format!("the environment variable {name} is {}, not {wanted}", value.display()))
}

/// The encoding that wrote a file of this name; what it does not know is a file of the user's, taken as bytes.
fn by_extension(file: &Path) -> Encoding {
    let extension = file.extension().and_then(|extension| extension.to_str());
    let is_its = |encoding: &Encoding| extension == Some(encoding.extension());
    [Encoding::Tagged, Encoding::Text].into_iter().find(is_its).unwrap_or(Encoding::Bytes)
}

fn load(file: &Path, encoding: Encoding, pass: Pass) -> Result<Vec<Value>, Failure> {
    let in_file = |failure: Failure| Failure { message: format!("{}: {}", file.display(), failure.message), ..failure };
    if pass == Pass::Path {
        let path = file
            .to_str()
            .ok_or_else(|| Failure::unicode_encode_error(format!("the path {} is not UTF-8", file.display())))?;
        return Ok(vec![Value::Str(path.to_owned())]);
    }
    let bytes = fs::read(file).map_err(|error| in_file(Failure::from(error)))?;
    match encoding {
        Encoding::Bytes => Ok(vec![Value::Bytes(bytes)]),
        Encoding::Text => match String::from_utf8(bytes) {
            Ok(text) => Ok(vec![Value::Str(text)]),
            Err(error) => Err(in_file(Failure::unicode_decode_error(error.to_string()))),
        },
        Encoding::Tagged => match Value::from_json(&bytes) {
            Ok(Value::Tuple(arguments)) => Ok(arguments),
            Ok(other) => {
                Err(in_file(Failure::value_error(format!("holds a {}, not a tuple of arguments", other.type_name()))))
            }
            Err(error) => Err(in_file(Failure::value_error(error.to_string()))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<InputVariables>, Failure> {
        InputVariables::read(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
    }

    fn temporary(name: &str, content: &[u8]) -> PathBuf {
        let path = env::temp_dir().join(format!("rustworthy-input-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn an_environment_that_names_no_input_leaves_the_sample() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(SEED, "7")]), Ok(None));
    }

    #[test]
    fn the_extension_says_how_a_file_is_written() {
        for (file, encoding) in [
            ("a.json", Encoding::Tagged),
            ("a.txt", Encoding::Text),
            ("a.bin", Encoding::Bytes),
            ("a.csv", Encoding::Bytes),
        ] {
            assert_eq!(read(&[(FILE, file)]).unwrap().unwrap().encoding, Some(encoding));
        }
        assert_eq!(read(&[(FILE, "a.json"), (ENCODING, "bytes")]).unwrap().unwrap().encoding, Some(Encoding::Bytes));
    }

    #[test]
    fn a_variable_that_does_not_read_is_named() {
        for variables in
            [[(SIZE, "ten"), (PASS, "value")], [(SIZE, "1"), (PASS, "file")], [(SIZE, "1"), (ENCODING, "xml")]]
        {
            assert!(read(&variables).unwrap_err().message.contains("RUSTWORTHY_"), "{variables:?}");
        }
    }

    #[test]
    fn a_tagged_file_holds_a_tuple_of_arguments() {
        let file = temporary("tuple", br#"{"$":"tuple","v":[[0.5,1.0],3]}"#);
        let arguments = load(&file, Encoding::Tagged, Pass::Value).unwrap();
        let [values, count] = Input::from_arguments(1, arguments).into_arguments().unwrap();
        assert_eq!(values.into_floats(), Ok(vec![0.5, 1.0]));
        assert_eq!(count.into_int(), Ok(3));
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn what_is_no_tuple_is_refused() {
        let file = temporary("list", b"[1]");
        assert_eq!(load(&file, Encoding::Tagged, Pass::Value).unwrap_err().class, "ValueError");
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_path_is_handed_on_unread() {
        let arguments = load(Path::new("/nowhere/at-all.txt"), Encoding::Text, Pass::Path).unwrap();
        assert_eq!(Input::from_arguments(1, arguments).into_path(), Ok(PathBuf::from("/nowhere/at-all.txt")));
    }

    #[test]
    fn too_many_arguments_are_a_type_error() {
        let input = Input::from_arguments(1, vec![Value::None, Value::None]);
        assert_eq!(input.into_text().unwrap_err().class, "TypeError");
    }
}
