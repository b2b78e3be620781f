//! The table on the terminal.

/// What a value is measured against.
pub enum Aim {
    /// The value is to be this or less.
    AtMost(f64),
}

/// Prints each row as soon as it is known.
pub struct Table;

impl Table {
    /// Says on which machine this is and how busy it is with other things.
    pub fn begin() -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let processors = std::thread::available_parallelism().map_or(0, usize::from);
        println!(
            "{processors} processors, load before the start: {}",
            load.split(' ').take(3).collect::<Vec<_>>().join(" ")
        );
        Self
    }

    /// A heading.
    pub fn chapter(&mut self, text: &str) {
        println!("\n{text}");
    }

    /// A line of text under a heading.
    pub fn line(&mut self, text: &str) {
        println!("  {text}");
    }

    /// A value, its unit, and whether the aim is met.
    pub fn row(&mut self, what: &str, value: f64, unit: &str, aim: Option<Aim>) {
        let verdict = match aim {
            None => String::new(),
            Some(Aim::AtMost(most)) if value <= most => format!("aim {most}: met"),
            Some(Aim::AtMost(most)) => format!("aim {most}: MISSED"),
        };
        println!("  {what:<58}{value:>10.2} {unit:<8}{verdict}");
    }
}

/// The middle one of the values; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
