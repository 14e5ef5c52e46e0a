//! What the system's clock says. A target without one does not compile this file: reading the time would panic there.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::{BillingMonth, Date};

impl BillingMonth {
    /// The month that it is now, in UTC and by the system's clock. The last one that is over is
    /// [`previous`](Self::previous) to it.
    ///
    /// `wasm32-unknown-unknown` has no clock, and not this method.
    pub fn current() -> Self {
        Self::at(SystemTime::now())
    }

    /// The month of a point in time, or the nearest that there is.
    fn at(time: SystemTime) -> Self {
        let day = Date::from_naive(DateTime::<Utc>::from(time).date_naive());
        Self::containing(day).unwrap_or(if day.year() < 0 { Self::MIN } else { Self::MAX })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_month_of_a_point_in_time() {
        let at = |seconds| BillingMonth::at(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!([at(0), at(951_868_799), at(951_868_800)], ["1970-01", "2000-02", "2000-03"]);
        assert_eq!(at(300_000_000_000), "9999-12");
        assert!(BillingMonth::current() > "2026-01".parse().unwrap());
    }
}
