// What a first visit costs: the time to the first paint, and the script that all pages together need.
import assert from "node:assert/strict";
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

test("all pages together need little script, sent compressed and kept for good", async (t) => {
  const { page } = await stage.open("/");
  const scripts = new Map();
  const all = [];
  page.on("response", (response) => {
    if (/\.js$/.test(new URL(response.url()).pathname)) all.push(response.request().sizes().then(({ responseBodySize }) => scripts.set(response.url(), { size: responseBodySize, headers: response.headers() })));
  });
  await page.reload();
  for (const path of [...PAGES, "/devices/1", "/alarms/1", "/rules/1", "/schedules/1", "/charts?s=1:a"]) {
    await page.goto(`/#${path}`);
    await settled(page);
  }
  await Promise.all(all);
  const kib = [...scripts.values()].reduce((sum, { size }) => sum + size, 0) / 1024;
  t.diagnostic(`${scripts.size} scripts, ${kib.toFixed(1)} KiB over the wire`);
  assert.ok(scripts.size > 3 && kib < SCRIPT_KIB, `${kib} KiB`);
  for (const [url, { headers }] of scripts) {
    assert.equal(headers["content-encoding"], "gzip", url);
    assert.match(headers["cache-control"], /immutable/, url);
  }
  assert.match((await fetch(stage.hub.web)).headers.get("cache-control"), /no-cache|no-store/, "the page itself is asked for each time");
});

test("the pages complained of nothing", () => stage.quiet());
