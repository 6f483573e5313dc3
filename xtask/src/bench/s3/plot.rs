//! The times as a picture: a group of bars a scenario, on a logarithmic axis.

use super::peer::OURS;
use super::rounds::Measured;

const WIDTH: f64 = 960.0;
/// Where the bars begin, right of the names.
const LEFT: f64 = 210.0;
const RIGHT: f64 = 80.0;
const BAR: f64 = 16.0;
const GAP: f64 = 4.0;
/// Above each scenario's bars, with its title.
const TITLE: f64 = 40.0;

/// A bar.
struct Bar {
    name: String,
    seconds: f64,
    is_ours: bool,
}

/// The times of everybody whose run left the right bucket.
pub(crate) fn svg(results: &[Measured]) -> String {
    let groups: Vec<_> = results.iter().map(|measured| (measured.scenario.name, bars(measured))).collect();
    let all = || groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.seconds);
    let least = power_below(all().fold(f64::INFINITY, f64::min).clamp(0.001, 1.0));
    let most = -power_below(1.0 / all().fold(0.0, f64::max).max(1.0));
    let place = |seconds: f64| LEFT + (seconds.log10() - least) / (most - least).max(1.0) * (WIDTH - LEFT - RIGHT);
    let mut body = String::new();
    let mut y = 10.0;
    for (name, bars) in &groups {
        y += TITLE;
        body.push_str(&format!("<text x=\"10\" y=\"{:.0}\" class=\"title\">{}</text>\n", y - 14.0, escape(name)));
        for bar in bars {
            body.push_str(&drawn(bar, y, place));
            y += BAR + GAP;
        }
    }
    let mut power = least;
    let mut axis = String::new();
    while power <= most {
        let (x, label) = (place(10_f64.powf(power)), 10_f64.powf(power));
        axis.push_str(&format!(
            "<line x1=\"{x:.1}\" y1=\"20\" x2=\"{x:.1}\" y2=\"{y:.0}\"/>\n<text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{label} s</text>\n",
            y + 18.0
        ));
        power += 1.0;
    }
    let height = y + 30.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" viewBox=\"0 0 {WIDTH} {height:.0}\">\n\
         <style>text{{font:12px sans-serif;fill:#333}}.title{{font-weight:bold;font-size:14px}}line{{stroke:#ddd}}\
         rect{{fill:#9aa5b1}}.ours{{fill:#1f7a4d}}</style>\n<rect width=\"{WIDTH}\" height=\"{height:.0}\" style=\"fill:#fff\"/>\n\
         {axis}{body}</svg>\n"
    )
}

/// The greatest power of ten that is no greater, as its exponent.
fn power_below(seconds: f64) -> f64 {
    seconds.log10().floor()
}

fn bars(measured: &Measured) -> Vec<Bar> {
    let right = measured.outcomes.iter().filter(|outcome| outcome.is_right());
    let bar = right.map(|outcome| Bar {
        name: outcome.name.clone(),
        seconds: outcome.median(|cost| cost.wall),
        is_ours: outcome.peer == OURS,
    });
    let mut bars: Vec<_> = bar.collect();
    bars.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    bars
}

fn drawn(bar: &Bar, y: f64, place: impl Fn(f64) -> f64) -> String {
    let end = place(bar.seconds.max(0.001)).max(LEFT + 1.0);
    let class = if bar.is_ours { " class=\"ours\"" } else { "" };
    let base = y + BAR - 4.0;
    format!(
        "<text x=\"{:.0}\" y=\"{base:.0}\" text-anchor=\"end\">{}</text>\n\
         <rect x=\"{LEFT}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"{BAR}\"{class}/>\n\
         <text x=\"{:.1}\" y=\"{base:.0}\">{:.2} s</text>\n",
        LEFT - 8.0,
        escape(&bar.name),
        end - LEFT,
        end + 6.0,
        bar.seconds
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::svg;
    use crate::bench::s3::rounds::{Measured, Outcome};
    use crate::bench::s3::run::Cost;
    use crate::bench::s3::scenario::ALL;
    use crate::bench::s3::server::Counts;

    #[test]
    fn the_fastest_comes_first_and_a_tenfold_time_is_as_far_as_any_other() {
        let outcome = |peer: &'static str, wall| {
            let cost = Cost { code: 0, wall, user: wall, system: 0.0, peak: 30.0 };
            let (name, counts) = (peer.to_owned(), Counts::default());
            Outcome { peer, setting: "", name, costs: vec![cost], counts, served: vec![0.1], wrong: 0, failure: None }
        };
        let outcomes = vec![outcome("aws", 10.0), outcome("rclone", 1.0), outcome("slipway", 0.1)];
        let text = svg(&[Measured { scenario: ALL[0], runs: 1, outcomes }]);
        let at = |name: &str| text.find(&format!(">{name}<")).unwrap();
        assert!(at("slipway") < at("rclone") && at("rclone") < at("aws"), "{text}");
        let widths: Vec<_> = text.split("<rect x=\"210\"").skip(1).map(|bar| bar.split('"').nth(3).unwrap()).collect();
        assert_eq!(widths, ["1.0", "335.0", "670.0"]);
        assert_eq!(text.matches("class=\"ours\"").count(), 1);
    }
}
