// The hub's API for Node: to arrange what a test needs, and to ask what a page would not.

export class Api {
  /** A caller without a session: everything is refused but the login. */
  constructor(web) {
    this.web = web;
    this.cookie = "";
    this.csrf = "";
  }

  /** A session of its own, opened by a one-time link such as `http://.../#/setup/TOKEN`. */
  static async bySetup(link, password) {
    const api = new Api(new URL(link).origin);
    api.keep(await api.ask("POST", "/setup", { token: link.split("/").at(-1), password }));
    return api;
  }

  static async byLogin(web, name, password) {
    const api = new Api(web);
    api.keep(await api.ask("POST", "/login", { name, password }));
    return api;
  }

  keep({ status, body, headers }) {
    if (status !== 200) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
    this.cookie = headers.get("set-cookie").split(";")[0];
    this.csrf = body.csrf;
    this.me = body;
  }

  /** One request as the pages make it, whatever comes of it: {status, body, headers}. */
  async ask(method, path, body, more = {}) {
    const headers = { cookie: this.cookie, origin: this.web, "x-csrf-token": this.csrf, ...more };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(`${this.web}/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get("content-type") ?? "");
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  }

  async must(method, path, body) {
    const { status, body: answer } = await this.ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }

  get = (path) => this.must("GET", path);
  post = (path, body) => this.must("POST", path, body);
  put = (path, body) => this.must("PUT", path, body);
  patch = (path, body) => this.must("PATCH", path, body);
  remove = (path) => this.must("DELETE", path);

  /** For a browser's context. */
  get cookies() {
    const [name, value] = this.cookie.split("=");
    return [{ name, value, url: this.web, httpOnly: true, sameSite: "Strict" }];
  }
}
