use super::*;

fn weight(weight: f64) -> Result<u32, Vec<crate::user_error::UserErrorCode>> {
    let mut errors = UserErrors::default();
    match read_weight(weight, &mut errors) {
        Some(weight) => Ok(weight.hundredths()),
        None => Err(errors.into_vec().iter().map(|error| error.code).collect()),
    }
}

#[test]
fn a_weight_is_whole_hundredths_from_one_to_ten_thousand() {
    for hundredths in 1..=10_000_u32 {
        assert_eq!(weight(f64::from(hundredths) / 100.0), Ok(hundredths));
    }
    for too_precise in [1.005, 0.333, 99.999] {
        assert_eq!(weight(too_precise), Err(vec![Invalid]), "{too_precise}");
    }
    for outside in [
        0.0,
        -1.0,
        100.01,
        1e300,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        0.001,
        0.005,
        100.004,
    ] {
        assert_eq!(weight(outside), Err(vec![OutOfRange]), "{outside}");
    }
}
