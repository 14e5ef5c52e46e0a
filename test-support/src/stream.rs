//! A stream that keeps what is written to it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Clones share what is kept, so that a test reads it after it gave one away.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// What was written.
    ///
    /// # Panics
    /// If a thread panicked while it wrote.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
