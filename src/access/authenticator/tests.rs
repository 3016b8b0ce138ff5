use super::*;

#[test]
fn a_use_is_recorded_once_a_minute() {
    let authenticator = Authenticator::default();
    let start = Instant::now();
    let (one, other) = (ApiTokenId(1), ApiTokenId(2));
    assert!(authenticator.is_use_record_due(one, start));
    assert!(!authenticator.is_use_record_due(one, start + Duration::from_secs(59)));
    assert!(authenticator.is_use_record_due(other, start + Duration::from_secs(59)));
    assert!(authenticator.is_use_record_due(one, start + Duration::from_mins(1)));
    for id in 3..5000 {
        authenticator.is_use_record_due(
            ApiTokenId(id),
            start + Duration::from_hours(id.unsigned_abs()),
        );
    }
    assert!(authenticator.recorded_uses.lock().len() <= CLEANUP_THRESHOLD);
}
