// The token of the user: its field in the masthead, where it is stored, and whose it is.

/** The form of a token. The server decides whether it is valid; this only keeps out what no header can carry. */
const SENDABLE = /^[\x21-\x7e]+$/;

const VIEWER_QUERY = "query PlaygroundViewer { viewer { role name tokenExpiresAt critic { name } } }";

/** A place for the token until the window is closed. Other windows and the next session do not have it. */
class SessionToken {
  #key;
  #value = "";

  constructor(path) {
    // Several servers may share an origin, each below a path of its own.
    this.#key = `marquee:token:${path}`;
    try {
      this.#value = sessionStorage.getItem(this.#key) ?? "";
    } catch {
      // The browser forbids storage. The token is kept until the page is left.
    }
  }

  get value() {
    return this.#value;
  }

  set value(token) {
    this.#value = token;
    try {
      if (token) sessionStorage.setItem(this.#key, token);
      else sessionStorage.removeItem(this.#key);
    } catch {
      // As above.
    }
  }
}

/** The field of the token. `onChange` is called after the token has changed. */
export class Access {
  #token;
  #send;
  #onChange;
  #panel = document.getElementById("access");
  #field = document.getElementById("token");
  #forget = document.getElementById("forget-token");
  #problem = document.getElementById("token-problem");
  #viewer = document.getElementById("viewer");

  constructor(endpoint, onChange) {
    this.#token = new SessionToken(endpoint.pathname);
    this.#send = sender(endpoint);
    this.#onChange = onChange;
    document.getElementById("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter(this.#field.value);
    });
    this.#forget.addEventListener("click", () => this.#enter(""));
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
  }

  /** Returns the headers of the token, unless the user has written other ones. */
  headers(written = {}) {
    const isWritten = Object.keys(written).some((name) => name.toLowerCase() === "authorization");
    return this.#token.value && !isWritten ? { ...written, ...this.#authorization() } : written;
  }

  /** Sends a document with the token and returns its result. */
  query(document) {
    return this.#send(document, this.#authorization());
  }

  /** Shows whose the token is. Returns whether the server accepts it. */
  async identify() {
    const token = this.#token.value;
    this.#forget.hidden = !token;
    const { data, errors } = await this.query(VIEWER_QUERY);
    // The token has changed meanwhile.
    if (token !== this.#token.value) return false;
    if (data?.viewer) {
      this.#viewer.textContent = describe(data.viewer);
      this.#show("");
      return true;
    }
    const message = errors?.[0]?.message ?? "the server's response can't be read";
    const isRefused = errors?.[0]?.extensions?.code === "UNAUTHENTICATED";
    if (token && isRefused) {
      this.#viewer.textContent = "token not accepted";
      this.#show(`The server does not accept this token: ${message}. Enter another one, or forget it.`);
    } else if (isRefused) {
      this.#viewer.textContent = "anonymous, which may not read";
      this.#show("This server shows nothing without a token. Enter one.");
    } else {
      this.#viewer.textContent = "unknown";
      this.#problem.textContent = token ? `The server can't say whose token this is: ${message}.` : "";
    }
    return false;
  }

  #authorization() {
    return this.#token.value ? { Authorization: `Bearer ${this.#token.value}` } : {};
  }

  async #enter(text) {
    const token = text.trim().replace(/^bearer\s+/i, "");
    if (token && !SENDABLE.test(token)) {
      this.#show("This is not a token: it has blanks or letters that no token has. Copy the whole line that begins with marquee_.");
      return;
    }
    this.#token.value = token;
    this.#field.value = "";
    const isAccepted = await this.identify();
    if (isAccepted) this.#close();
    this.#onChange();
  }

  /** Shows a problem, and opens the panel if it is closed. */
  #show(problem) {
    this.#problem.textContent = problem;
    this.#field.setAttribute("aria-invalid", String(problem !== ""));
    if (problem) this.#panel.open = true;
  }

  #close() {
    const hasFocus = this.#panel.contains(document.activeElement);
    this.#panel.open = false;
    if (hasFocus) this.#panel.querySelector("summary").focus();
  }
}

/** Returns whose a token is, in words. */
function describe({ role, name, tokenExpiresAt, critic }) {
  if (role === "ANONYMOUS") return "anonymous";
  const parts = [name ? `token ${name}` : "token without a name", `role ${role.toLowerCase()}`];
  if (critic) parts.push(`for ${critic.name}`);
  if (tokenExpiresAt) parts.push(`until ${new Date(tokenExpiresAt).toLocaleString()}`);
  return parts.join(", ");
}

/** Returns the function that sends a document to the endpoint. A failure to send is an error among the errors. */
function sender(endpoint) {
  return async (query, headers) => {
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/graphql-response+json, application/json",
          ...headers,
        },
        body: JSON.stringify({ query }),
      });
      return await response.json();
    } catch (error) {
      return { errors: [{ message: String(error?.message ?? error) }] };
    }
  };
}
