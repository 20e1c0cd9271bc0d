// News between two animation frames: the newest of each thing, and every frame up to a bound.

import type { FrameItem, NewsItem } from "./types";

/** More than any list keeps. */
const MOST_FRAMES = 4_000;

function keyOf(item: NewsItem): string {
  switch (item.e) {
    case "presence":
    case "device":
      return `${item.e} ${item.address}`;
    case "command":
      return `c ${item.command.id}`;
    case "alarm":
      return `a ${item.alarm.id} ${item.what}`;
    case "reading":
      return `r ${item.address} ${item.unit} ${item.sensor}`;
    case "schedule":
    case "rule":
      return `${item.e} ${item.id}`;
    case "group":
      return `g ${item.group}`;
    default:
      return item.e;
  }
}

export class Gathered {
  /** Frames that were left out. */
  missed = 0;
  private items = new Map<string, NewsItem>();
  private frames: FrameItem[] = [];

  put(item: NewsItem): void {
    if (item.e === "frame") {
      this.frames.push(item);
      if (this.frames.length > MOST_FRAMES) {
        this.missed += this.frames.length - MOST_FRAMES / 2;
        this.frames = this.frames.slice(-MOST_FRAMES / 2);
      }
      return;
    }
    const key = keyOf(item);
    // To the end: what came last is told last.
    this.items.delete(key);
    this.items.set(key, item);
  }

  take(): { items: NewsItem[]; frames: FrameItem[]; missed: number } {
    const taken = { items: [...this.items.values()], frames: this.frames, missed: this.missed };
    this.items = new Map();
    this.frames = [];
    this.missed = 0;
    return taken;
  }
}
