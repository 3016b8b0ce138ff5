use super::*;

#[test]
fn reviews_need_a_film() {
    let size = |films, reviews| Size {
        films,
        critics: 0,
        publications: 0,
        reviews,
    };
    assert_eq!(size(0, 1).check(), Err(SizeError::ReviewsWithoutFilms));
    assert_eq!(size(0, 0).check(), Ok(size(0, 0)));
    assert_eq!(size(1, 9).check(), Ok(size(1, 9)));
}
