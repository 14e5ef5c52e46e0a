//! Ten questions on bills, which `docs/focus.md` shows. Their texts are those that DuckDB is asked.

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// Its SQL, with a comment that says what it asks.
    pub sql: &'static str,
}

macro_rules! questions {
    ($($number:literal $name:literal),* $(,)?) => {
        /// All of them.
        pub const ALL: &[Question] = &[$(Question {
            name: $name,
            sql: include_str!(concat!("../../../focus/foreign/questions/", $number, "-", $name, ".sql")),
        }),*];
    };
}

questions! {
    "01" "payable",
    "02" "tax-and-credits",
    "03" "open-and-closed",
    "04" "projects",
    "05" "top-resources",
    "06" "unit-costs",
    "07" "untagged",
    "08" "month-over-month",
    "09" "savings",
    "10" "exceptions",
}

impl Question {
    /// The question of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|question| question.name == name).copied()
    }

    /// What it asks.
    #[must_use]
    pub fn about(self) -> String {
        let comment = self.sql.lines().map_while(|line| line.strip_prefix("-- "));
        comment.collect::<Vec<_>>().join(" ")
    }
}
