// The hub in a browser that other sites are open in as well: foreign origins, requests without the token, the cookie, the policy of the pages.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { person } from "./support/browser.mjs";
import { PAGES, settled } from "./support/pages.mjs";
import { PASSWORD, Stage } from "./support/stage.mjs";
import { seen } from "./support/until.mjs";

let stage, host;

before(async () => {
  stage = await Stage.set();
  await stage.group("home");
  host = new URL(stage.hub.web).host;
});
after(() => stage?.end());

/** A request of raw bytes, since a browser and `fetch` write some headers themselves: {status, headers, body}. */
function raw(method, path, headers, body = "") {
  return new Promise((resolve, reject) => {
    const [name, port] = host.split(":");
    const socket = connect(Number(port), name);
    const lines = Object.entries({ Host: host, ...headers }).map(([key, value]) => `${key}: ${value}`);
    if (body) lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", reject);
    socket.on("data", (more) => {
      text += more;
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [first, ...rest] = text.slice(0, end).split("\r\n");
      const wanted = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (Buffer.byteLength(text.slice(end + 4)) < wanted) return;
      socket.destroy();
      resolve({ status: Number(first.split(" ")[1]), headers: rest.join("\n").toLowerCase(), body: text.slice(end + 4) });
    });
  });
}

const upgrade = (more) => raw("GET", "/api/v1/live", {
  Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": randomBytes(16).toString("base64"), Cookie: stage.admin.cookie, ...more,
});

test("a socket from a foreign origin is refused, with the cookie or without", async () => {
  assert.equal((await upgrade({ Origin: stage.hub.web })).status, 101);
  for (const origin of ["http://evil.example", "null", `https://${host}`, `http://${host}.evil.example`, "http://127.0.0.1:1", `http://${host}@evil.example`]) {
    const { status, body } = await upgrade({ Origin: origin });
    assert.equal(status, 403, origin);
    assert.equal(JSON.parse(body).code, "origin");
  }
  const none = await upgrade({});
  assert.equal(none.status, 403, "a browser always says its origin");
  assert.equal((await upgrade({ Origin: stage.hub.web, Cookie: "hub_session=forged" })).status, 401);
});

test("a change from a foreign origin is refused, and nothing is changed", async () => {
  const post = (headers) => raw("POST", "/api/v1/groups", { Cookie: stage.admin.cookie, ...headers }, '{"name":"evil"}');
  const token = { "X-CSRF-Token": stage.admin.csrf };
  for (const headers of [{ Origin: "http://evil.example", ...token }, { Origin: "null", ...token }, { ...token }, { "Sec-Fetch-Site": "cross-site", ...token }, { "Sec-Fetch-Site": "same-site", ...token }]) {
    const { status, body } = await post(headers);
    assert.equal(status, 403, JSON.stringify(headers));
    assert.equal(JSON.parse(body).code, "origin");
  }
  for (const wrong of ["", "x", stage.admin.csrf.slice(1), stage.admin.csrf.toUpperCase() + "A"]) {
    const { status, body } = await post({ Origin: stage.hub.web, ...(wrong && { "X-CSRF-Token": wrong }) });
    assert.equal(status, 403, wrong);
    assert.equal(JSON.parse(body).code, "csrf");
  }
  assert.deepEqual((await stage.admin.get("/groups")).items.map(({ name }) => name), ["home"]);
  assert.equal((await post({ "Sec-Fetch-Site": "same-origin", ...token })).status, 201);
});

test("a login from a foreign page is refused too", async () => {
  const body = JSON.stringify({ name: "admin", password: PASSWORD });
  assert.equal((await raw("POST", "/api/v1/login", { Origin: "http://evil.example" }, body)).status, 403);
  const good = await raw("POST", "/api/v1/login", { Origin: stage.hub.web }, body);
  assert.equal(good.status, 200);
  assert.match(good.headers, /set-cookie: hub_session=[^;]{20,}/);
  for (const part of ["httponly", "samesite=strict", "path=/"]) assert.ok(good.headers.includes(part), part);
});

test("no script sees the session", async () => {
  const { page, context } = await stage.open("/");
  await seen(page.getByRole("heading", { name: "Overview" }));
  assert.equal(await page.evaluate(() => document.cookie), "");
  const [cookie] = await context.cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes(stage.admin.csrf) && !kept.includes(cookie.value), kept);
});

const STRICT = {
  "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "connect-src": "'self'", "font-src": "'self'",
  "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
};

test("the policy of the pages is strict", async () => {
  const answer = await fetch(stage.hub.web);
  const policy = Object.fromEntries(answer.headers.get("content-security-policy").split(";").map((one) => one.trim().split(/\s+(.*)/s)).map(([name, value]) => [name, value ?? ""]));
  for (const [name, wanted] of Object.entries(STRICT)) {
    // Browsers of the day want the socket's scheme as well; the host is still this one.
    assert.ok(policy[name] === wanted || (name === "connect-src" && policy[name].startsWith(wanted)), `${name}: ${policy[name]}`);
  }
  assert.doesNotMatch(answer.headers.get("content-security-policy"), /unsafe|\*|https?:\/\/(?!127)/);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.match(answer.headers.get("referrer-policy") ?? "", /no-referrer|same-origin/);
  // The name of a format is no address.
  const html = (await answer.text()).replaceAll(/http:..www.w3.org.2000.svg/g, "");
  assert.doesNotMatch(html, /<script(?![^>]*src=)|\son\w+=|\sstyle=|https?:\/\//, "nothing inline, nothing from the outside");
});

test("no page violates the policy or loads anything of the outside", async () => {
  const someone = await person(stage.browser, stage.hub.web);
  await someone.context.addCookies(stage.admin.cookies);
  const { page } = someone;
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => window.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`));
  });
  await page.goto("/");
  for (const path of PAGES) {
    await page.goto(`/#${path}`);
    await settled(page);
    assert.deepEqual(await page.evaluate(() => window.violations), [], path);
  }
  // The net works: what the policy forbids is caught.
  await page.evaluate(() => {
    const image = document.createElement("img");
    image.src = "http://192.0.2.1/x.png";
    document.body.append(image);
  });
  await page.waitForFunction(() => window.violations.length > 0);
  assert.deepEqual(someone.complaints.filter((one) => !one.includes("192.0.2.1")), []);
  await someone.context.close();
});

test("the pages complained of nothing", () => stage.quiet());
