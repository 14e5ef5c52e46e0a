//! Finds an error of a given type in a chain of sources.

use std::error::Error;
use std::io;

/// Returns the first error of type `E` in the chain of sources. An I/O error does not list the error that it wraps as
/// its source, so this also looks inside I/O errors.
pub(crate) fn cause<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
