//! What a SKU says by its name: what it measures, on whose cloud, which service it belongs to.

use std::borrow::Cow;
use std::collections::HashMap;

use super::meters::{METERS, Meter};
use super::service::{ATLAS, SUPPORT, Service};
use crate::{ChargeCategory, ChargeFrequency};

/// The most SKUs that are remembered. There are about five hundred; a text with more is odd.
const MOST: usize = 2_000;

/// How a SKU is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// By what is used.
    #[default]
    Usage,
    /// Each month, whatever is used.
    Plan,
    /// Once.
    Once,
    /// It gives something back.
    Credit,
}

impl Kind {
    fn of(sku: &str) -> Self {
        match sku {
            "CREDIT" | "CLASSIC_COUPON" => Self::Credit,
            "MINIMUM_CHARGE" | "ATLAS_SUPPORT" | "ATLAS_FREE_SUPPORT" => Self::Plan,
            "FLEX_CONSULTING" => Self::Once,
            _ if sku.starts_with("CLOUD_MANAGER_") => Self::Plan,
            _ => Self::Usage,
        }
    }

    /// The category of a charge with such a SKU.
    pub(super) const fn category(self, negative: bool) -> ChargeCategory {
        match self {
            Self::Credit => ChargeCategory::Credit,
            Self::Plan | Self::Once => ChargeCategory::Purchase,
            Self::Usage if negative => ChargeCategory::Adjustment,
            Self::Usage => ChargeCategory::Usage,
        }
    }

    const fn frequency(self, support: bool) -> ChargeFrequency {
        match self {
            Self::Credit | Self::Once => ChargeFrequency::OneTime,
            Self::Plan => ChargeFrequency::Recurring,
            Self::Usage if support => ChargeFrequency::Recurring,
            Self::Usage => ChargeFrequency::UsageBased,
        }
    }
}

/// What the name of a SKU says.
#[derive(Clone, Debug)]
pub(super) struct Sku {
    pub(super) kind: Kind,
    pub(super) service: &'static Service,
    /// What is measured. `None` without a SKU.
    pub(super) meter: Option<Cow<'static, str>>,
    /// On whose cloud it runs.
    pub(super) host: Option<&'static str>,
    pub(super) frequency: ChargeFrequency,
}

impl Sku {
    /// What a line without a SKU is taken for.
    pub(super) const NONE: Self =
        Self { kind: Kind::Usage, service: &ATLAS, meter: None, host: None, frequency: ChargeFrequency::UsageBased };

    fn of(sku: &str) -> Self {
        let known = METERS.iter().find(|meter| has_words(sku, meter.words));
        let meter = known.map_or_else(|| Cow::Owned(without_sizes(sku)), |Meter { name, .. }| Cow::Borrowed(*name));
        let kind = Kind::of(sku);
        let service = known.map_or(&ATLAS, |meter| meter.service);
        let host = sku.split('_').find_map(provider);
        Self { kind, service, meter: Some(meter), host, frequency: kind.frequency(*service == SUPPORT) }
    }
}

/// The SKUs of an invoice. Each is looked at once.
#[derive(Debug, Default)]
pub(super) struct Skus(HashMap<Box<str>, Sku>);

impl Skus {
    pub(super) fn get(&mut self, sku: &str) -> Sku {
        if let Some(known) = self.0.get(sku) {
            return known.clone();
        }
        let new = Sku::of(sku);
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(sku.into(), new.clone());
        new
    }
}

/// The name of a cloud as MongoDB's own report spells it. `text` is a word of a SKU or a provider of the API.
pub(super) fn provider(text: &str) -> Option<&'static str> {
    match text {
        "AWS" => Some("AWS"),
        "AZURE" => Some("Azure"),
        "GCP" => Some("GCP"),
        _ => None,
    }
}

/// The size of what is rented, such as `M40` or `S20`: the first word of letters and digits after `INSTANCE`.
pub(super) fn instance_type(sku: &str) -> Option<&str> {
    let (_, sizes) = sku.split_once("INSTANCE_")?;
    sizes.split('_').find(|word| is_size(word))
}

/// Whether a SKU has these words one after the other. Words are joined by `_`.
fn has_words(sku: &str, words: &str) -> bool {
    let outside = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b'_');
    let bytes = sku.as_bytes();
    sku.match_indices(words).any(|(at, _)| {
        outside(at.checked_sub(1).and_then(|before| bytes.get(before))) && outside(bytes.get(at + words.len()))
    })
}

/// A size is one or two letters and digits: `M40`, `SP10`, `P2`; or digits alone.
fn is_size(word: &str) -> bool {
    let digits = word.trim_start_matches(|char: char| char.is_ascii_uppercase());
    word.len() - digits.len() <= 2 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A SKU without words of providers and sizes.
fn without_sizes(sku: &str) -> String {
    let tells = |word: &&str| !matches!(*word, "ATLAS" | "NDS") && provider(word).is_none() && !is_size(word);
    let words: Vec<&str> = sku.split('_').filter(tells).collect();
    if words.is_empty() { sku.to_owned() } else { words.join("_") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use super::*;

    /// All that the vendor listed at some time.
    const KNOWN: &str = include_str!("skus.txt");

    fn known() -> impl Iterator<Item = &'static str> {
        KNOWN.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    #[test]
    fn each_known_sku_has_a_meter() {
        let mut meters: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for sku in known() {
            let facts = Sku::of(sku);
            let service = if *facts.service == ATLAS { "" } else { facts.service.name };
            meters.entry(format!("{} {service}", facts.meter.unwrap())).or_default().push(sku);
        }
        let text = meters.iter().fold(String::new(), |mut text, (meter, skus)| {
            let _ = writeln!(text, "{}\n    {}", meter.trim_end(), skus.join("\n    "));
            text
        });
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_meter_is_out_of_use() {
        for meter in METERS {
            let first = |sku: &&str| METERS.iter().find(|meter| has_words(sku, meter.words)) == Some(meter);
            assert!(known().any(|sku| first(&sku)), "{}", meter.words);
        }
        assert!(
            known().all(|sku| sku == "METERING_E2E_BILLING" || METERS.iter().any(|meter| has_words(sku, meter.words)))
        );
    }

    #[test]
    fn a_sku_names_one_cloud_at_most() {
        for sku in known() {
            let clouds: Vec<&str> = sku.split('_').filter_map(provider).collect();
            assert!(clouds.len() <= 1, "{sku}");
            assert_eq!(Sku::of(sku).host, clouds.first().copied(), "{sku}");
        }
        assert_eq!(Sku::of("ATLAS_AWS_INSTANCE_M10").host, Some("AWS"));
        assert_eq!(Sku::of("ATLAS_NDS_GCP_PIT_RESTORE_STORAGE").host, Some("GCP"));
        assert_eq!(Sku::of("ATLAS_AWSOME_THING").host, None);
    }

    #[test]
    fn categories_and_frequencies() {
        use ChargeCategory::{Adjustment, Credit, Purchase, Usage};
        use ChargeFrequency::{OneTime, Recurring, UsageBased};
        for (sku, charge, negative, frequency) in [
            ("CREDIT", Credit, Credit, OneTime),
            ("CLASSIC_COUPON", Credit, Credit, OneTime),
            ("MINIMUM_CHARGE", Purchase, Purchase, Recurring),
            ("ATLAS_SUPPORT", Purchase, Purchase, Recurring),
            ("ATLAS_FREE_SUPPORT", Purchase, Purchase, Recurring),
            ("CLOUD_MANAGER_PREMIUM", Purchase, Purchase, Recurring),
            ("FLEX_CONSULTING", Purchase, Purchase, OneTime),
            ("ATLAS_NDS_BACKFILL_SUPPORT", Usage, Adjustment, Recurring),
            ("ATLAS_AWS_INSTANCE_M10", Usage, Adjustment, UsageBased),
            ("SOMETHING_NEW", Usage, Adjustment, UsageBased),
        ] {
            let facts = Sku::of(sku);
            assert_eq!(facts.kind.category(false), charge, "{sku}");
            assert_eq!(facts.kind.category(true), negative, "{sku}");
            assert_eq!(facts.frequency, frequency, "{sku}");
        }
        // A purchase is never charged by usage.
        assert!(known().map(Sku::of).all(|facts| facts.kind == Kind::Usage || facts.frequency != UsageBased));
    }

    #[test]
    fn an_unknown_sku_is_its_own_meter() {
        for (sku, meter) in [
            ("ATLAS_AWS_VECTOR_CACHE_M40_LARGE", "VECTOR_CACHE_LARGE"),
            ("ATLAS_AWS_M40", "ATLAS_AWS_M40"),
            ("x", "x"),
            ("", ""),
        ] {
            assert_eq!(Sku::of(sku).meter.unwrap(), meter);
        }
    }

    #[test]
    fn sizes_of_instances() {
        for (sku, size) in [
            ("ATLAS_AWS_INSTANCE_M40_LOW_CPU_PAUSED", Some("M40")),
            ("ATLAS_AZURE_INSTANCE_R400", Some("R400")),
            ("ATLAS_AWS_SEARCH_INSTANCE_S20_COMPUTE_NVME", Some("S20")),
            ("ATLAS_GCP_STREAM_PROCESSING_INSTANCE_SP10", Some("SP10")),
            ("ATLAS_AZURE_STORAGE_P10", None),
            ("ATLAS_INSTANCE_M0", Some("M0")),
        ] {
            assert_eq!(instance_type(sku), size);
        }
        for sku in known().filter(|sku| sku.contains("INSTANCE_")) {
            assert!(instance_type(sku).is_some(), "{sku}");
        }
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut skus = Skus::default();
        for number in 0..=MOST {
            skus.get(&format!("NEW_{number}"));
        }
        assert!(skus.0.len() <= MOST);
    }
}
