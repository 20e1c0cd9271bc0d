/** Draws once per animation frame at most, and less often when there is much to draw. */
export class Drawing {
  private waiting = 0;
  private timer = 0;
  private last = 0;

  constructor(private readonly run: () => void, private readonly pause: () => number) {}

  soon(): void {
    if (this.waiting || this.timer) return;
    const wait = this.last + this.pause() - performance.now();
    if (wait > 4) {
      this.timer = window.setTimeout(() => {
        this.timer = 0;
        this.now();
      }, wait);
    } else this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.now();
    });
  }

  now(): void {
    this.last = performance.now();
    this.run();
  }

  stop(): void {
    cancelAnimationFrame(this.waiting);
    window.clearTimeout(this.timer);
  }
}
