//! A chart of latency by the size of the catalogue.

use std::{fmt::Write as _, fs, path::Path};

use crate::{
    big_catalogue::BigCatalogue,
    catalogue::Catalogue,
    load,
    measure::{Server, additions},
    operations::{PAGES, Subject},
    table::Row,
};

/// The numbers of reviews of the catalogues.
const SIZES: [u32; 4] = [10_000, 100_000, 1_000_000, 5_000_000];

/// The measurements of a catalogue, in milliseconds.
struct Point {
    reviews: u32,
    film_page: f64,
    film_page_statement: f64,
    browse: f64,
    browse_statement: f64,
    add_review: f64,
}

/// Measures every size with one client, prints the results, and draws them to `docs/growth.svg`.
pub fn measure() {
    let points: Vec<Point> = SIZES.iter().map(|size| point(*size)).collect();
    println!(
        "| reviews | film page ms | its statement ms | browse ms | its statement ms | addReview ms |"
    );
    println!("|---|---|---|---|---|---|");
    for point in &points {
        println!(
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} |",
            point.reviews,
            point.film_page,
            point.film_page_statement,
            point.browse,
            point.browse_statement,
            point.add_review
        );
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/growth.svg");
    fs::write(file, draw(&points)).unwrap();
}

fn point(reviews: u32) -> Point {
    let catalogue = Catalogue(BigCatalogue::open_or_generate(reviews));
    let [film, browse] = [&PAGES[0], &PAGES[1]];
    // The server keeps PostgreSQL running for pgbench.
    let server = Server::of(&catalogue, &["--answer-cache=0"]);
    let [film_page_statement, browse_statement] =
        [film, browse].map(|page| catalogue.pgbench(page, 1).milliseconds);
    let median = |row: Row| row.p50_milliseconds;
    let [film_page, browse] = [film, browse].map(|page| median(server.measure("cold", page, 1)));
    let slugs = catalogue.slugs(Subject::Film);
    let requests = additions(&catalogue, &slugs, 100);
    load::wrk(&server.url, &requests, 1, load::WARM_UP);
    let add_review = load::wrk(&server.url, &requests, 1, load::SECONDS).p50;
    drop(server);
    catalogue.clean();
    Point {
        reviews,
        film_page,
        film_page_statement,
        browse,
        browse_statement,
        add_review,
    }
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 56.0;

/// A line of the chart: its name, its color, and its value for a point.
type Line = (&'static str, &'static str, fn(&Point) -> f64);

/// The logarithmic axes of the chart.
struct Axes {
    /// The decimal logarithms of the least and the greatest number of reviews.
    sizes: (f64, f64),
    /// The decimal logarithms of the least and the greatest latency, in milliseconds.
    latencies: (f64, f64),
}

impl Axes {
    fn x(&self, reviews: f64) -> f64 {
        let (first, last) = self.sizes;
        MARGIN + (reviews.log10() - first) / (last - first) * (WIDTH - 3.0 * MARGIN)
    }

    fn y(&self, ms: f64) -> f64 {
        let (bottom, top) = self.latencies;
        HEIGHT - MARGIN - (ms.log10() - bottom) / (top - bottom) * (HEIGHT - 2.0 * MARGIN)
    }

    /// Draws a horizontal line for each power of ten, and the sizes below.
    fn draw(&self, svg: &mut String) {
        let mut ms = 0.1;
        while ms <= 10_f64.powf(self.latencies.1) * 1.001 {
            let line_y = self.y(ms);
            let _ = writeln!(
                svg,
                "<line x1=\"{MARGIN}\" x2=\"{}\" y1=\"{line_y:.1}\" y2=\"{line_y:.1}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{ms}</text>",
                WIDTH - 2.0 * MARGIN,
                MARGIN - 8.0,
                line_y + 4.0
            );
            ms = (ms * 10.0 * 1_000.0).round() / 1_000.0;
        }
        for size in SIZES {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{} reviews</text>",
                self.x(f64::from(size)),
                HEIGHT - MARGIN + 20.0,
                match size {
                    1_000_000.. => format!("{} million", size / 1_000_000),
                    size => format!("{},000", size / 1_000),
                }
            );
        }
    }

    /// Draws a line through the points, with its name and last value.
    fn draw_line(&self, svg: &mut String, points: &[Point], (name, color, value): Line) {
        let coordinates: Vec<String> = points
            .iter()
            .map(|point| {
                let (x, y) = (self.x(f64::from(point.reviews)), self.y(value(point)));
                format!("{x:.1},{y:.1}")
            })
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            coordinates.join(" ")
        );
        if let Some(point) = points.last() {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{name} {:.2}</text>",
                WIDTH - 2.0 * MARGIN + 8.0,
                self.y(value(point)) + 4.0,
                value(point)
            );
        }
    }
}

/// Draws a chart of medians by size, both on logarithmic scales.
fn draw(points: &[Point]) -> String {
    let lines: [Line; 3] = [
        ("film page", "#2563eb", |point| point.film_page),
        ("browse", "#d97706", |point| point.browse),
        ("addReview", "#059669", |point| point.add_review),
    ];
    let largest = points
        .iter()
        .flat_map(|point| lines.map(|(_, _, value)| value(point)));
    let top = largest.fold(1.0_f64, f64::max).log10().ceil();
    let axes = Axes {
        sizes: (f64::from(SIZES[0]).log10(), f64::from(SIZES[3]).log10()),
        latencies: (-1.0, top),
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#444\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n<text x=\"{MARGIN}\" y=\"24\" font-size=\"14\">Median latency by the size of the catalogue, one client, without caches (ms)</text>\n"
    );
    axes.draw(&mut svg);
    for line in lines {
        axes.draw_line(&mut svg, points, line);
    }
    svg + "</svg>\n"
}
