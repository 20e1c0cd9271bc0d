// A thousand readings a second before an open page: no long pauses; and, with LONG=1, the traffic of eight hours without growth.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, test } from "node:test";
import { Stage } from "./support/stage.mjs";
import { seen, until } from "./support/until.mjs";

const PER_SECOND = 1_000, TURN_MS = 10, WATCHED_MS = 6_000, DEVICES = 14, SENSORS = 10;
/** What a frame may take, and what is asserted: on a machine that builds something meanwhile a page waits for its turn. */
const FRAME_MS = 50, BUSY_MS = Number(process.env.LONGEST_MS ?? 300), BUSY_SHARE = 0.1;
/** 14 devices with a reading each three seconds, for eight hours. */
const EIGHT_HOURS = Math.round((DEVICES * 8 * 3600) / 3);

let stage, devices;

before(async () => {
  stage = await Stage.set();
  await stage.group("plant");
  devices = [];
  for (let i = 0; i < DEVICES; i++) {
    const describe = Array.from({ length: SENSORS }, (_, s) => `S:sensor${s}:number:C::`);
    devices.push(await (await stage.device({ group: "plant", id: `d${i}`, name: `Machine ${i}`, describe })).connect());
  }
});
after(() => stage?.end());

/** Sends readings of `from` at the rate until `goOn` says no; answers how many. Late turns are made up for. */
async function traffic(from, goOn) {
  const begin = performance.now();
  let sent = 0;
  while (goOn(sent)) {
    const due = Math.floor(((performance.now() - begin) / 1000) * PER_SECOND);
    // Never so many at once that the hub's bounds are what is measured.
    for (const end = Math.min(due, sent + 100); sent < end; sent++) from[sent % from.length].event(`sensor${Math.floor(sent / from.length) % SENSORS}`, 20 + Math.sin(sent / 900) * 5, "C");
    await pause(TURN_MS);
  }
  return { sent, rate: Math.round(sent / ((performance.now() - begin) / 1000)) };
}

/** All long tasks of the page from now on. */
const noteTasks = (page) => page.evaluate(() => {
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: "longtask" });
});

const PAGES = { "device page": () => `/devices/${devices[0].address}`, overview: () => "/", console: () => "/console?group=plant" };

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: no long pause at ${PER_SECOND} readings a second`, async (t) => {
    const { page, context } = await stage.open(path());
    await seen(page.getByRole("heading", { level: 1 }));
    // The device page has all of them to show: of the others it would be sent nothing.
    const from = name === "device page" ? devices.slice(0, 1) : devices;
    let over = false;
    const run = traffic(from, () => !over);
    await until("the first of them are shown", async () => name === "overview" || /sensor\d/.test(await page.locator("main").innerText()));
    await noteTasks(page);
    const frames = await page.evaluate((ms) => new Promise((resolve) => {
      const end = performance.now() + ms;
      let n = 0;
      const frame = () => (n++, performance.now() < end ? requestAnimationFrame(frame) : resolve(n));
      requestAnimationFrame(frame);
    }), WATCHED_MS);
    over = true;
    const { rate } = await run;
    const tasks = await page.evaluate(() => window.tasks);
    const worst = Math.max(0, ...tasks), sum = tasks.reduce((a, b) => a + b, 0);
    t.diagnostic(`${rate} readings a second: ${Math.round(frames / (WATCHED_MS / 1000))} frames a second, ${tasks.length} tasks over ${FRAME_MS} ms, the longest ${worst} ms`);
    assert.ok(rate > PER_SECOND * 0.7, `only ${rate} a second were sent`);
    assert.ok(worst < BUSY_MS, `a task of ${worst} ms`);
    assert.ok(sum < WATCHED_MS * BUSY_SHARE, `${sum} ms in long tasks`);
    await context.close();
  });
}

/** What is alive in the page, in bytes and DOM nodes. */
async function alive(cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const { nodes } = await cdp.send("Memory.getDOMCounters");
  return { kib: Math.round(usedSize / 1024), nodes };
}

test("the traffic of eight hours leaves the pages as large as they were", { skip: process.env.LONG !== "1" && "takes minutes: LONG=1" }, async (t) => {
  const open = [];
  for (const [name, path] of Object.entries(PAGES)) {
    const { page, context } = await stage.open(path());
    await seen(page.getByRole("heading", { level: 1 }));
    open.push({ name, cdp: await context.newCDPSession(page), context });
  }
  // What is bounded (2,000 lines, the chart's window) is to be full before it is measured first.
  await traffic(devices, (sent) => sent < EIGHT_HOURS / 10);
  for (const one of open) one.before = await alive(one.cdp);
  const { rate } = await traffic(devices, (sent) => sent < (EIGHT_HOURS * 9) / 10);
  for (const one of open) {
    one.after = await alive(one.cdp);
    t.diagnostic(`${one.name}: ${JSON.stringify(one.before)} after a tenth, ${JSON.stringify(one.after)} at the end, at ${rate} readings a second`);
  }
  for (const { name, before: first, after: last, context } of open) {
    assert.ok(last.kib < first.kib * 1.15 + 1024, `${name}: from ${first.kib} to ${last.kib} KiB`);
    assert.ok(last.nodes < first.nodes * 1.25 + 500, `${name}: from ${first.nodes} to ${last.nodes} nodes`);
    await context.close();
  }
});

test("the pages complained of nothing", () => stage.quiet());
