//! The schema as text: what changes in it is seen in review.

#[test]
fn the_schema_is_as_it_was() {
    insta::assert_snapshot!("schema.graphql", marquee::graphql::schema::sdl());
}
