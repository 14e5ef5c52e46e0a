//! The setters for polling.

/// Implements the setters for a type with a field `polling`.
macro_rules! polling_setters {
    ($type:ty) => {
        impl $type {
            /// Sets the time limit for the whole wait.
            pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_deadline(deadline);
                self
            }

            /// Sets the time limit of one poll, from connecting to the end of a buffered body.
            pub fn poll_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_poll_timeout(timeout);
                self
            }

            /// Sets the wait after the first poll. Waits double, and each is up to a fifth longer at random.
            pub fn first_wait(mut self, wait: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_first_wait(wait);
                self
            }

            /// Sets the longest wait.
            pub fn max_wait(mut self, wait: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_max_wait(wait);
                self
            }
        }
    };
}

pub(crate) use polling_setters;
