// The dashboard's own icons: strokes on a field of 24.

const PATHS = {
  overview: "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
  devices: "M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4",
  charts: "M4 4v16h16M7 15l4-5 3 3 5-7",
  alarms: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
  rules: "M4 7h9M17 7h3M4 17h3M11 17h9M13 5v4h4V5zM7 15v4h4v-4z",
  schedules: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  console: "M3 5h18v14H3zM7 10l3 2.5L7 15M12.5 15H17",
  groups: "M3 7h7l2 2h9v10H3z",
  users: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.5 2.7-6 6-6s6 2.5 6 6M15.5 4.3a3.5 3.5 0 0 1 0 6.4M17 14.3c2.4.7 4 2.9 4 5.7",
  discovered: "M12 12l5-5M12 3a9 9 0 1 0 9 9M12 7a5 5 0 1 0 5 5M12 12h.01",
  audit: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7",
  settings: "M4 6h8M16 6h4M4 12h3M11 12h9M4 18h10M18 18h2M14 4v4M9 10v4M16 16v4",
  health: "M3 12h4l2.5-6 4 12 2.5-6h5",
  account: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-4 3.6-6.5 7.5-6.5s6.9 2.5 7.5 6.5",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  warn: "M12 4L2.8 20h18.4zM12 10v4.5M12 17.4v.1",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.6v.1",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  down: "M5 9l7 7 7-7",
  up: "M5 15l7-7 7 7",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  menu: "M4 7h16M4 12h16M4 17h16",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  refresh: "M20 6v5h-5M4 18v-5h5M19 11a7.5 7.5 0 0 0-13-3.5M5 13a7.5 7.5 0 0 0 13 3.5",
  play: "M7 5l12 7-12 7z",
  pause: "M8 5v14M16 5v14",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  edit: "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  weak: "M12 3l7.5 3v6c0 4.5-3 7.5-7.5 9-4.5-1.5-7.5-4.5-7.5-9V6zM12 8.5v4.5M12 15.8v.1",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  eyeoff: "M4 4l16 16M9.5 6c.8-.3 1.6-.5 2.5-.5 6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7M6 8a16 16 0 0 0-3.5 4S6 18.5 12 18.5c1.5 0 2.8-.4 4-1",
  power: "M12 3v8M7 6.5a7.5 7.5 0 1 0 10 0",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  upload: "M12 16V5M7 9l5-5 5 5M4 20h16",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3L19 19M5 19l1.7-1.7M17.3 6.7L19 5",
  key: "M8 9a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM11.3 10.5L19 3M15.5 6.5l3 3",
  logout: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  send: "M4 12L20 4l-5 16-4-6.5zM11 13.5L20 4",
  move: "M4 12h15M14 7l5 5-5 5",
  read: "M20 6v5h-5M19.5 11A8 8 0 1 0 20 15",
  light: "M9 18h6M10 21h4M8 14.5A6 6 0 1 1 16 14.5V16H8z",
  wait: "M7 3h10M7 21h10M8 3c0 5 8 5 8 9s-8 4-8 9M16 3c0 5-8 5-8 9s8 4 8 9",
  label: "M4 4h8l8 8-8 8-8-8zM8 8h.01",
  keys: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  gauge: "M4 18a8.5 8.5 0 1 1 16 0M12 14l4-5",
  octagon: "M8.2 3h7.6L21 8.2v7.6L15.8 21H8.2L3 15.8V8.2zM12 8v5M12 16v.1",
  diamond: "M12 3l9 9-9 9-9-9zM12 8.5v4.5M12 15.8v.1",
  flag: "M6 21V4M6 4.5h13l-3.5 4.5 3.5 4.5H6",
  book: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration unless it has a title. */
export function Icon({ name, size = 18, title, class: classes = "" }: { name: IconName; size?: number; title?: string; class?: string }) {
  return (
    <svg
      class={`icon ${name === "more" ? "is-dots" : ""} ${classes}`} viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor"
      stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" focusable="false"
      {...(title ? { role: "img", "aria-label": title } : { "aria-hidden": "true" })}
    >
      {title && <title>{title}</title>}
      <path d={PATHS[name]} />
    </svg>
  );
}
