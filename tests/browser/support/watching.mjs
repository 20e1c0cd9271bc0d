// What a page shows, and when: noted inside the page, by the clock that this program has too.

/** To be called before the page is opened: notes the arrival of each message of the live socket. */
export const noteNews = (context) =>
  context.addInitScript(() => {
    const Plain = window.WebSocket;
    window.arrived = [];
    window.WebSocket = class extends Plain {
      constructor(...args) {
        super(...args);
        this.addEventListener("message", ({ data }) => window.arrived.push({ at: performance.timeOrigin + performance.now(), data }));
      }
    };
  });

/** Notes each text that the first element of `selector` shows from now on. */
export const noteTexts = (page, selector) =>
  page.evaluate((wanted) => {
    const shown = (window.shown ??= {});
    const texts = (shown[wanted] = []);
    const look = () => {
      const text = document.querySelector(wanted)?.textContent ?? "";
      if (texts.at(-1)?.text !== text) texts.push({ text, at: performance.timeOrigin + performance.now() });
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, selector);

export const notedTexts = (page, selector) => page.evaluate((wanted) => window.shown[wanted], selector);

/** When the message came that holds `text`. */
export const arrival = (page, text) => page.evaluate((wanted) => window.arrived.find(({ data }) => data.includes(wanted))?.at, text);

/** Now, as a page tells it. */
export const now = () => performance.timeOrigin + performance.now();

/** {median, worst, n} of numbers, rounded. */
export function figures(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const round = (n) => Math.round(n * 10) / 10;
  return { n: sorted.length, median: round(sorted[Math.floor(sorted.length / 2)]), worst: round(sorted.at(-1)) };
}
