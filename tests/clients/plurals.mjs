// Prints the plural categories and the numbers of languages by ICU, which is independent of the server's library.
// Usage: node plurals.mjs LIMIT LANGUAGE...
const [limit, ...languages] = process.argv.slice(2);

const counts = Array.from({ length: Number(limit) + 1 }, (_, count) => count);
const ofLanguage = (language) => {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return {
    categories: counts.map((count) => plural.select(count)),
    numbers: counts.map((count) => number.format(count)),
  };
};
console.log(JSON.stringify(Object.fromEntries(languages.map((language) => [language, ofLanguage(language)]))));
