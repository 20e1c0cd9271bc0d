// What a first visit costs: the time to the first paint, and the script that all pages together need.
import assert from "node:assert/strict";
import { get } from "node:http";
import { gunzipSync } from "node:zlib";
import { after, before, test } from "node:test";
import { PAGES, settled } from "./support/pages.mjs";
import { Stage } from "./support/stage.mjs";
import { figures } from "./support/watching.mjs";

const SCRIPT_KIB = 150, PAINT_MS = 1_000;
let stage;

before(async () => {
  stage = await Stage.set();
});
after(() => stage?.end());

test("the first paint comes within a second, with nothing kept from before", async (t) => {
  const paints = [];
  for (let i = 0; i < 5; i++) {
    const { page, context } = await stage.open("/");
    await settled(page);
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
    await context.close();
  }
  const { median, worst } = figures(paints);
  t.diagnostic(`first contentful paint: median ${median} ms, worst ${worst} ms of ${paints.length}`);
  assert.ok(median < PAINT_MS, `${median} ms`);
});

/** One file as a browser asks for it: {bytes over the wire, headers, text}. */
function fetched(path) {
  return new Promise((resolve, reject) => {
    get(new URL(path, stage.hub.web), { headers: { "accept-encoding": "gzip" } }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      const bytes = Buffer.concat(parts);
      const { statusCode: status, headers } = answer;
      resolve({ status, headers, size: bytes.length, text: String(headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes) });
    }).on("error", reject);
  });
}

test("all pages together need little script, sent compressed and kept for good", async (t) => {
  const scripts = new Map();
  const wanted = [...(await fetched("/")).text.matchAll(/(assets\/[\w.-]+\.js)"/g)].map(([, name]) => name);
  // Each names those that it loads, at once or when a page is opened.
  for (let name; (name = wanted.pop()); ) {
    if (scripts.has(name)) continue;
    const script = await fetched(name);
    assert.equal(script.status, 200, name);
    scripts.set(name, script);
    wanted.push(...[...script.text.matchAll(/["']\.\/([\w.-]+\.js)["']/g)].map(([, next]) => `assets/${next}`));
  }
  const kib = [...scripts.values()].reduce((sum, { size }) => sum + size, 0) / 1024;
  t.diagnostic(`${scripts.size} scripts, ${kib.toFixed(1)} KiB over the wire`);
  assert.ok(scripts.size > 3 && kib < SCRIPT_KIB, `${kib} KiB`);
  for (const [name, { headers }] of scripts) {
    assert.equal(headers["content-encoding"], "gzip", name);
    assert.match(headers["cache-control"], /immutable/, name);
  }
  assert.match((await fetch(stage.hub.web)).headers.get("cache-control"), /no-cache|no-store/, "the page itself is asked for each time");
});

test("no page loads a script that its files do not name", async () => {
  const { page } = await stage.open("/");
  const others = [];
  page.on("request", (request) => {
    if (request.resourceType() === "script" && !/\/assets\/[\w.-]+\.js$/.test(request.url())) others.push(request.url());
  });
  for (const path of PAGES) {
    await page.goto(`/#${path}`);
    await settled(page);
  }
  assert.deepEqual(others, []);
});

test("the pages complained of nothing", () => stage.quiet());
