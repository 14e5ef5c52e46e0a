//! An odd invoice, and what is known of it. Amounts are cents.

use cloud_billing_focus::reconcile::Status;
use fastrand::Rng;

use crate::json;

const USAGE: &[&str] = &[
    "ATLAS_AWS_INSTANCE_M10",
    "ATLAS_NDS_GCP_PIT_RESTORE_STORAGE",
    "VOYAGE_RERANK_2_API",
    "ATLAS_SUPPORT",
    "CLOUD_MANAGER_BASIC",
    "BRAND_NEW_THING",
];
const CREDITS: &[&str] = &["CREDIT", "CLASSIC_COUPON"];

/// What is wrong with a bill, each on its own. Zero is nothing.
#[derive(Debug, Default)]
struct Mismatches {
    /// The subtotal is more than its lines by this.
    subtotal: i128,
    /// The header has less credits than the lines have by this.
    credits: i128,
    /// What lines take off that are no credits.
    reductions: i128,
    /// A field of the header without which nothing can be said.
    missing_field: Option<&'static str>,
    /// A line has no price: one of usage, one of a credit.
    missing_usage: bool,
    missing_credit: bool,
    /// What is billed is none of what it can mean.
    odd_billed: bool,
}

impl Mismatches {
    /// About a third of all bills has none.
    fn new(rng: &mut Rng, given: i128, most: i128) -> Self {
        let mut mismatches = Self::default();
        for _ in 0..rng.usize(..3) {
            match rng.u8(..10) {
                0..3 => mismatches.subtotal = rng.i128(-most..=most),
                3..5 if given > 0 => mismatches.credits = rng.i128(1..=given),
                5..7 => mismatches.reductions = rng.i128(1..=most),
                7 => mismatches.missing_field = rng.choice(["subtotalCents", "creditsCents", "salesTaxCents"]),
                8 if rng.bool() => mismatches.missing_usage = true,
                8 => mismatches.missing_credit = true,
                9 => mismatches.odd_billed = true,
                _ => {}
            }
        }
        mismatches
    }

    fn missing(&self, field: &str) -> bool {
        self.missing_field == Some(field)
    }
}

#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) text: String,
    /// How many lines it has, and how many of them are about no period.
    pub(crate) lines: usize,
    pub(crate) odd_periods: u64,
    mismatches: Mismatches,
    /// The sum of all lines with a price.
    line_items: i128,
    tax: i128,
    /// What the header has of credits more than the lines.
    more_credits: i128,
    /// What is to be paid, if no field is missing, and whether another field says the same.
    payable: i128,
    confirmed: bool,
}

impl Bill {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let most = 10_i128.pow(rng.u32(1..18));
        let mut lines = Lines::default();
        let charges: i128 = (0..rng.usize(..8)).map(|_| lines.priced(rng, USAGE, most)).sum();
        let given: i128 = (0..rng.usize(..3)).map(|_| -lines.priced(rng, CREDITS, -most)).sum();
        let taken_back = if rng.u8(..8) == 0 { lines.priced(rng, CREDITS, most) } else { 0 };
        let mismatches = Mismatches::new(rng, given, most);
        lines.mismatched(rng, &mismatches);
        let more_credits = if mismatches.credits == 0 && rng.bool() { rng.i128(1..=most) } else { 0 };
        let header = Header {
            subtotal: charges + taken_back + mismatches.subtotal,
            credits: given - mismatches.credits + more_credits,
            tax: if rng.bool() { rng.i128(1..=most) } else { 0 },
            balance: rng.bool().then(|| rng.i128(1..=most)),
        };
        let billed = header.billed(rng, mismatches.odd_billed);
        let paid = header.paid(rng);
        let all_paid = paid.iter().copied().sum::<Option<i128>>().filter(|_| !paid.is_empty());
        Self {
            text: header.text(rng, billed, &paid, &lines.texts, &mismatches),
            lines: lines.texts.len(),
            odd_periods: lines.odd_periods,
            line_items: charges - given + taken_back - mismatches.reductions,
            tax: header.tax,
            more_credits,
            payable: header.payable(),
            confirmed: billed == Some(header.payable()) || all_paid == Some(header.payable()),
            mismatches,
        }
    }

    pub(crate) fn is_untouched(&self) -> bool {
        let Mismatches { subtotal, credits, reductions, missing_field, missing_usage, missing_credit, odd_billed } =
            self.mismatches;
        subtotal == 0
            && credits == 0
            && reductions == 0
            && missing_field.is_none()
            && !(missing_usage || missing_credit || odd_billed)
    }

    pub(crate) fn payable(&self) -> Option<i128> {
        self.mismatches.missing_field.is_none().then_some(self.payable)
    }

    pub(crate) fn residue(&self) -> Option<i128> {
        let Mismatches { subtotal, credits, reductions, missing_credit, .. } = self.mismatches;
        let no_row = if missing_credit { self.more_credits } else { 0 };
        self.payable().map(|_| subtotal + credits + reductions - no_row)
    }

    fn is_known(&self) -> bool {
        let Mismatches { missing_field, missing_usage, missing_credit, .. } = self.mismatches;
        missing_field.is_none() && !missing_usage && !missing_credit
    }

    fn is_doubtful(&self) -> bool {
        self.mismatches.reductions != 0 && !self.confirmed
    }

    pub(crate) fn has_residue_row(&self) -> bool {
        self.is_known() && self.residue() != Some(0) && !self.is_doubtful()
    }

    pub(crate) fn status(&self) -> Status {
        let differs = self.residue() != Some(0);
        match () {
            () if !self.is_known() => Status::Unknown,
            () if self.mismatches.odd_billed || differs && self.is_doubtful() => Status::Unexplained,
            () if differs => Status::Residue,
            () => Status::Exact,
        }
    }

    pub(crate) fn rows_total(&self) -> i128 {
        let has_credit_row = !self.mismatches.missing_credit && !self.mismatches.missing("creditsCents");
        let credits = if has_credit_row { self.more_credits } else { 0 };
        let tax = if self.mismatches.missing("salesTaxCents") { 0 } else { self.tax };
        let residue = self.residue().filter(|_| self.has_residue_row()).unwrap_or(0);
        self.line_items - credits + tax + residue
    }
}

/// The amounts of the header as they are meant.
struct Header {
    subtotal: i128,
    credits: i128,
    tax: i128,
    balance: Option<i128>,
}

impl Header {
    fn payable(&self) -> i128 {
        self.subtotal - self.credits + self.tax
    }

    /// One of the four things that it can mean, or another amount.
    fn billed(&self, rng: &mut Rng, odd: bool) -> Option<i128> {
        let with_balance = self.payable() - self.balance.unwrap_or(0);
        let meanings = [self.subtotal, self.subtotal + self.tax, self.payable(), with_balance];
        match rng.usize(..5) {
            _ if odd => meanings.iter().max().map(|most| most + 1),
            which => meanings.get(which).copied(),
        }
    }

    fn paid(&self, rng: &mut Rng) -> Vec<Option<i128>> {
        let payable = self.payable();
        match rng.u8(..6) {
            0 => vec![Some(payable)],
            1 => vec![Some(payable - 7), Some(7)],
            2 => vec![Some(payable), None],
            3 => vec![Some(payable + 1)],
            _ => vec![],
        }
    }

    fn text(
        &self,
        rng: &mut Rng,
        billed: Option<i128>,
        paid: &[Option<i128>],
        lines: &[String],
        mismatches: &Mismatches,
    ) -> String {
        let credits = if rng.bool() { self.credits } else { -self.credits };
        let mut fields = vec![
            ("id", "\"32b6e34b3d91647abb20e7b8\"".to_owned()),
            ("orgId", "\"5f3c1a2b4d6e8f9012345678\"".to_owned()),
            ("startDate", "\"2026-10-01T00:00:00Z\"".to_owned()),
            ("endDate", "\"2026-11-01\"".to_owned()),
            (
                "linkedInvoices",
                "[{}, {\"id\": 7, \"lineItems\": [{\"sku\": \"X\", \"totalPriceCents\": 99}]}]".to_owned(),
            ),
            ("somethingNew", json::anything(rng)),
        ];
        for (key, cents) in [
            ("subtotalCents", Some(self.subtotal)),
            ("creditsCents", Some(credits)),
            ("salesTaxCents", Some(self.tax)),
            ("amountBilledCents", billed),
            ("startingBalanceCents", self.balance),
        ] {
            match cents.filter(|_| !mismatches.missing(key)) {
                Some(cents) => fields.push((key, json::integer(rng, cents))),
                None if rng.bool() => fields.push((key, "null".to_owned())),
                None => {}
            }
        }
        let payment =
            |cents: &Option<i128>| cents.map_or("{}".to_owned(), |cents| format!("{{\"amountPaidCents\": {cents}}}"));
        fields.push(("payments", json::list(rng, &paid.iter().map(payment).collect::<Vec<_>>())));
        let mut lines = lines.to_vec();
        rng.shuffle(&mut lines);
        if rng.u8(..4) == 0 {
            lines.insert(rng.usize(..=lines.len()), "null".to_owned());
        }
        fields.push(("lineItems", json::list(rng, &lines)));
        json::object(rng, fields)
    }
}

/// The lines as JSON.
#[derive(Default)]
struct Lines {
    texts: Vec<String>,
    odd_periods: u64,
}

impl Lines {
    /// Adds a line whose price is between zero and `most`, or two with half of it that are equal to the letter. Returns the
    /// price.
    fn priced(&mut self, rng: &mut Rng, skus: &[&str], most: i128) -> i128 {
        let price = rng.i128(0..=most.abs()) * most.signum();
        if price % 2 != 0 || rng.bool() {
            self.push(rng, skus, Some(price));
            return price;
        }
        let before = self.odd_periods;
        self.push(rng, skus, Some(price / 2));
        self.odd_periods += self.odd_periods - before;
        self.texts.extend(self.texts.last().cloned());
        price
    }

    fn mismatched(&mut self, rng: &mut Rng, mismatches: &Mismatches) {
        if mismatches.reductions != 0 {
            self.push(rng, USAGE, Some(-mismatches.reductions));
        }
        if mismatches.missing_usage {
            self.push(rng, USAGE, None);
        }
        if mismatches.missing_credit {
            self.push(rng, CREDITS, None);
        }
    }

    fn push(&mut self, rng: &mut Rng, skus: &[&str], price: Option<i128>) {
        // Without a SKU it is usage.
        let sku = rng.choice(skus).filter(|_| skus == CREDITS || rng.u8(..9) > 0);
        let mut fields: Vec<(&str, String)> = sku.map(|sku| ("sku", format!("\"{sku}\""))).into_iter().collect();
        match price {
            Some(price) => fields.push(("totalPriceCents", json::integer(rng, price))),
            None if rng.bool() => fields.push(("totalPriceCents", "null".to_owned())),
            None => {}
        }
        fields.extend(self.period(rng));
        for key in ["note", "clusterName", "groupId", "groupName", "unit", "stitchAppName"] {
            if rng.bool() {
                fields.push((key, json::text(rng)));
            }
        }
        for key in ["quantity", "unitPriceDollars", "percentDiscount"] {
            if rng.u8(..3) == 0 {
                fields.push((key, rng.choice(["0.1", "6.035e-07", "42.0", "null"]).unwrap_or_default().to_owned()));
            }
        }
        if rng.u8(..4) == 0 {
            fields.push(("tierUpperBound", "1.7976931348623157E308".to_owned()));
        }
        if rng.u8(..4) == 0 {
            fields.push(("tags", format!("{{{}: [{}], \"k\": []}}", json::text(rng), json::text(rng))));
            fields.push(("region", json::anything(rng)));
        }
        self.texts.push(json::object(rng, fields));
    }

    /// A day, or what is none.
    fn period(&mut self, rng: &mut Rng) -> Vec<(&'static str, String)> {
        let day = rng.u8(1..28);
        let date = |day: u8| format!("\"2026-10-{day:02}T00:00:00Z\"");
        if rng.u8(..5) > 0 {
            return vec![("startDate", date(day)), ("endDate", date(day + 1))];
        }
        self.odd_periods += 1;
        match rng.u8(..4) {
            0 => vec![("startDate", date(day)), ("endDate", date(day))],
            1 => vec![("startDate", date(day + 1)), ("endDate", date(day))],
            2 => vec![("startDate", "\"\"".to_owned()), ("endDate", "17".to_owned())],
            _ => vec![("startDate", date(day))],
        }
    }
}
