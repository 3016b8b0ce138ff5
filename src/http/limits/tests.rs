use proptest::prelude::*;

use super::*;

fn extension(error: &ServerError, name: &str) -> String {
    let extensions = error.extensions.as_ref().unwrap();
    extensions.get(name).unwrap().to_string()
}

#[test]
fn the_errors_beyond_the_limit_are_counted_in_one() {
    let limits = ResponseLimits {
        max_bytes: 0,
        max_errors: 2,
    };
    for (count, listed) in [(0, 0), (1, 1), (2, 2), (3, 3), (100, 3)] {
        let errors = vec![ServerError::new("no", None); count];
        let errors = limits.truncate_errors(errors);
        assert_eq!(errors.len(), listed, "{count}");
        if count > 2 {
            let last = &errors[2];
            let more = format!(
                "there are {} more errors; only the first 2 are listed",
                count - 2
            );
            assert_eq!(last.message, more);
            assert_eq!(extension(last, "code"), "\"TOO_MANY_ERRORS\"");
            assert_eq!(extension(last, "limit"), "2");
            assert_eq!(extension(last, "value"), count.to_string());
        }
    }
}

proptest! {
    #[test]
    fn a_response_is_complete_or_replaced_by_an_error_with_its_size(texts: Vec<String>, bytes in 0_usize..200) {
        let limits = ResponseLimits { max_bytes: bytes, max_errors: 1 };
        let expected = serde_json::to_vec(&texts).unwrap();
        match limits.write_bounded(|out| Ok(serde_json::to_writer(out, &texts)?)).unwrap() {
            Ok(written) => {
                prop_assert!(written.len() <= bytes);
                prop_assert_eq!(written, expected);
            }
            Err(error) => {
                prop_assert!(expected.len() > bytes);
                prop_assert_eq!(extension(&error, "value"), expected.len().to_string());
                prop_assert_eq!(extension(&error, "limit"), bytes.to_string());
            }
        }
    }
}
