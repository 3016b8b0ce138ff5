//! The GraphQL schema as SDL: a snapshot makes every change of it visible in review.

#[test]
fn the_schema_matches_its_snapshot() {
    insta::assert_snapshot!("schema.graphql", marquee::graphql::schema::sdl());
}
