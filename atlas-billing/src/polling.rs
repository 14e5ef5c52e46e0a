//! The settings that all waiting has in common.

/// Gives a type with a field `polling` its setters.
macro_rules! polling_setters {
    ($type:ty) => {
        impl $type {
            /// Sets the time that waiting for the result may take in all, whatever the service does or does not do.
            pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_deadline(deadline);
                self
            }

            /// Sets the time that one poll may take, from connecting to the end of a body that is read whole.
            pub fn poll_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_poll_timeout(timeout);
                self
            }

            /// Sets the wait after the first poll. Waits double, and are up to a fifth longer at random.
            pub fn first_wait(mut self, wait: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_first_wait(wait);
                self
            }

            /// Sets the wait at which they stop to grow.
            pub fn max_wait(mut self, wait: ::std::time::Duration) -> Self {
                self.polling = self.polling.with_max_wait(wait);
                self
            }
        }
    };
}

pub(crate) use polling_setters;
