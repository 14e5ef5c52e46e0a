//! Progress while something loads: on standard error, and only if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar whose length is set when it is known.
pub(crate) fn bar(what: &'static str) -> ProgressBar {
    show(ProgressBar::new(0), what, "{prefix:<36} [{bar:32}] {pos}/{len}")
}

/// A spinner, for work whose length is not known.
pub(crate) fn spinner(what: &'static str) -> ProgressBar {
    let spinner = show(ProgressBar::new_spinner(), what, "{prefix:<36} {spinner} {elapsed}");
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn show(bar: ProgressBar, what: &'static str, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.with_prefix(what)
}
