use super::*;

#[test]
fn the_cache_is_bounded_in_bytes() {
    let cache = ApqCache::new(100_000);
    for number in 0..5_000 {
        let text = format!("{{ a{number} }} # {}", "x".repeat(number % 700));
        cache.insert(DocumentHash::of(&text), text);
        assert!(cache.cache.weight() <= 100_000);
    }
    assert!(cache.cache.len() > 50);
    let large = "x".repeat(200_000);
    let hash = DocumentHash::of(&large);
    cache.insert(hash, large);
    assert_eq!(cache.get(hash), None);
}

#[test]
fn with_a_capacity_of_zero_nothing_is_cached() {
    let cache = ApqCache::new(0);
    let hash = DocumentHash::of("{ a }");
    cache.insert(hash, "{ a }".to_owned());
    assert_eq!(cache.get(hash), None);
}
