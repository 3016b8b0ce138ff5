use super::*;
use crate::catalogue::{
    CsvWriter, JsonWriter, UnwritableRecord, cells,
    record::{ExternalId, FilmRecord, FilmRef, ReviewRecord},
};

fn json(record: &Record) -> String {
    let mut writer = JsonWriter::new(Vec::new());
    writer.write(record).unwrap();
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// Returns the row without the header.
fn csv(record: &Record) -> String {
    let mut writer = CsvWriter::new(Vec::new()).unwrap();
    writer.write(record).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    text.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_review_is_written_without_defaults() {
    let line = r#"{"film_slug":"pusher-1996","film_year":1996,"score":80,"score_rule":"given","recommended":false,"excerpt":"\"a\",\nb"}"#;
    let (record, _) = row(line).unwrap();
    assert_eq!(json(&record), format!("{line}\n"));
    assert_eq!(
        csv(&record),
        "review,pusher-1996,,1996,,,,,80,,given,,false,false,,\"\"\"a\"\",\nb\",,,,,,,,,,,,,,,,,,,,,,,,,,\n"
    );
}

#[test]
fn a_film_is_written_with_its_lists() {
    let line = r#"{"kind":"film","film":"=1+1","directors":["a","b"],"genres":["c;d"],"external_ids":["imdb:tt1"]}"#;
    let (record, _) = row(line).unwrap();
    assert_eq!(json(&record), format!("{line}\n"));
    assert_eq!(
        csv(&record),
        "film,,=1+1,,,,,,,,,,,,,,,,,,,,a; b,\"[\"\"c;d\"\"]\",,,,,,,,,imdb:tt1,,,,,,,,,\n"
    );
}

#[test]
fn a_weight_is_written_with_as_few_decimals_as_it_has() {
    for weight in ["1", "0.5", "1.25", "0.01", "100"] {
        let line =
            format!("{{\"kind\":\"publication\",\"publication\":\"a\",\"weight\":{weight}}}\n");
        let (record, _) = row(&line).unwrap();
        assert_eq!(json(&record), line);
        assert_eq!(
            csv(&record),
            format!("publication,,,,,,,a,,,,,,,,,,,,,,,,,,,,,,,,,,{weight},,,,,,,,\n")
        );
    }
}

#[test]
fn a_published_score_and_a_critic_are_written() {
    for line in [
        r#"{"kind":"published_score","film":"a","score":81,"source":"b","measure":"percent_recommended","label":"c","review_count":4,"positive_count":3,"mixed_count":0,"negative_count":1}"#,
        r#"{"kind":"published_score","film":"a","score":79,"original_score":"7,9","source":"b","measure":"score","audience":"public","scale":10}"#,
        r#"{"kind":"critic","critic_slug":"ida","critic":"Ida","url":"http://a","external_ids":["a:b:c","d:e"]}"#,
    ] {
        assert_eq!(json(&row(line).unwrap().0), format!("{line}\n"));
    }
}

#[test]
fn the_header_of_an_export_has_every_column() {
    let header = CsvWriter::new(Vec::new()).unwrap().finish().unwrap();
    assert_eq!(
        String::from_utf8(header).unwrap(),
        "kind,film_slug,film,film_year,critic_slug,critic,publication_slug,publication,score,original_score,score_rule,\
         sentiment,recommended,top_critic,byline,excerpt,url,reviewed_on,source,external_id,release_date,runtime_minutes,\
         directors,genres,countries,cast,alternative_titles,poster_url,poster_width,poster_height,poster_alt,synopsis,\
         external_ids,weight,measure,audience,scale,label,review_count,positive_count,mixed_count,negative_count\n"
    );
}

#[test]
fn a_record_with_a_reference_by_external_id_cannot_be_written() {
    let film = FilmRef {
        external_id: Some(ExternalId {
            source: "a".to_owned(),
            id: "b".to_owned(),
        }),
        ..FilmRef::default()
    };
    let film_record = Record::Film(FilmRecord {
        film: film.clone(),
        ..FilmRecord::default()
    });
    let review = Record::Review(ReviewRecord {
        film,
        ..ReviewRecord::default()
    });
    for record in [film_record, review] {
        assert_eq!(cells(&record), Err(UnwritableRecord));
        let mut writer = JsonWriter::new(Vec::new());
        assert_eq!(
            writer.write(&record).unwrap_err().to_string(),
            "a catalogue file has no column for a reference to a film, critic or publication by an external id"
        );
        assert!(writer.finish().unwrap().is_empty());
    }
}
