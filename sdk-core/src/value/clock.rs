//! What the system's clock says. A target without one does not compile this file: reading the time would panic there.

use std::time::SystemTime;

use super::{BillingMonth, Timestamp};

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
        let nearest = if time < SystemTime::UNIX_EPOCH { Self::MIN } else { Self::MAX };
        // The calendar ends before the clock does.
        let day = Timestamp::from_system_time(time).map(Timestamp::date);
        day.and_then(|day| Self::containing(day).ok()).unwrap_or(nearest)
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
        assert_eq!([at(300_000_000_000), at(1 << 60)], ["9999-12", "9999-12"]);
        let before = |seconds| BillingMonth::at(SystemTime::UNIX_EPOCH - Duration::from_secs(seconds)).to_string();
        assert_eq!([before(1), before(100_000_000_000), before(1 << 60)], ["1969-12", "0000-01", "0000-01"]);
        assert!(BillingMonth::current() > "2026-01".parse().unwrap());
    }
}
