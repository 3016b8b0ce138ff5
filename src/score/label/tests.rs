use super::*;

#[test]
fn a_label_uses_the_singular_for_one() {
    let label = |count, basis| label(None, count, basis);
    assert_eq!(
        label(0, Basis::Critics),
        "No score yet - based on 0 Critics"
    );
    assert_eq!(label(1, Basis::Critics), "No score yet - based on 1 Critic");
    assert_eq!(label(1, Basis::Reviews), "No score yet - based on 1 Review");
    assert_eq!(
        label(11, Basis::Reviews),
        "No score yet - based on 11 Reviews"
    );
}
