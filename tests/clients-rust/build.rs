//! Registers the schema, which the test has fetched from the server.

fn main() {
    cynic_codegen::register_schema("marquee")
        .from_sdl_file("schema.graphql")
        .expect("schema.graphql is the schema of the server")
        .as_default()
        .expect("the schema is valid");
}
