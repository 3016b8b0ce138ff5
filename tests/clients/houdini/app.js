// What a page does: it reads a list, loads its other pages, and changes a review.

import filmReviews from "./generated/artifacts/FilmReviews.js";
import updateReview from "./generated/artifacts/UpdateReview.js";
import { HoudiniClient } from "./generated/runtime/index.js";
import { setMockConfig } from "./generated/runtime/lib/config.js";
import config from "./houdini.config.js";

export { filmReviews, updateReview };

/** Returns a client with the token of an editor. */
export function connect(url, token) {
  setMockConfig(config);
  return new HoudiniClient({ url, fetchParams: () => ({ headers: { Authorization: `Bearer ${token}` } }) });
}
