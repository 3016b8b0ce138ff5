use super::*;

#[test]
fn the_cache_is_bounded_in_bytes() {
    let automatic = ApqCache::new(100_000);
    for number in 0..5_000 {
        let text = format!("{{ a{number} }} # {}", "x".repeat(number % 700));
        automatic.insert(DocumentHash::of(&text), text);
        assert!(automatic.cache.weight() <= 100_000);
    }
    assert!(automatic.cache.len() > 50);
    let large = "x".repeat(200_000);
    let hash = DocumentHash::of(&large);
    automatic.insert(hash, large);
    assert_eq!(automatic.get(hash), None);
}

#[test]
fn with_a_capacity_of_zero_nothing_is_cached() {
    let automatic = ApqCache::new(0);
    let hash = DocumentHash::of("{ a }");
    automatic.insert(hash, "{ a }".to_owned());
    assert_eq!(automatic.get(hash), None);
}
