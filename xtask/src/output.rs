//! Printing results. A reader may close the pipe early (`cargo xtask ... | head`): the rest of the output is dropped,
//! and the command goes on.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

/// Prints like `println!`, but does not panic on a closed pipe.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::text(&format!("{}\n", format_args!($($text)*))) };
}
pub(crate) use say;

/// Prints a text that has its own line ends.
pub(crate) fn text(text: &str) {
    if cfg!(test) {
        // The test harness captures `print!` only.
        return print!("{text}");
    }
    print(&mut io::stdout().lock(), format_args!("{text}"));
}

/// Writes and flushes. Anything but a closed pipe, such as a full disk, ends the program: the output is its result.
fn print(to: &mut impl Write, text: Arguments<'_>) {
    if let Err(error) = to.write_fmt(text).and_then(|()| to.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("cannot print: {error}");
        std::process::exit(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(usize);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            Err(ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_stops_nothing() {
        let mut pipe = Closed(0);
        print(&mut pipe, format_args!("{}", "one"));
        print(&mut pipe, format_args!("two\n"));
        assert_eq!(pipe.0, 2);
    }
}
