//! How to convert.

/// How to choose where a text has alternatives (`{red|green}`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Random {
    /// Always the first.
    #[default]
    First,
    /// At random, the same for the same seed.
    Seeded(u64),
}

/// How to convert.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// Go on without nodes whose type the object info does not know, instead of failing.
    pub allow_unknown: bool,
    /// How to choose between alternatives in texts.
    pub random: Random,
    /// The time that `%date:…%` in file names stands for; without it such a pattern stays as it is.
    pub now: Option<LocalTime>,
}

/// Local time as a clock on the wall shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, such as 2026.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
}
