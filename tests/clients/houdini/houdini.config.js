// Houdini 2 needs Node.js 22. Version 1.5 can't print numbers with a later version of graphql than 15.8, see package.json.
/** @type {import('houdini').ConfigFile} */
export default {
  schemaPath: "schema.graphql",
  runtimeDir: "generated",
  include: ["src/**/*.gql"],
  scalars: {
    Date: { type: "string", marshal: (day) => day, unmarshal: (day) => day },
    Locale: { type: "string", marshal: (locale) => locale, unmarshal: (locale) => locale },
    DateTime: { type: "Date", marshal: (time) => time.toISOString(), unmarshal: (time) => new Date(time) },
  },
};
