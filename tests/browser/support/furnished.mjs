// A hub that has been in use: devices in every state, a day of readings, alarms, commands, a schedule with runs, people. Fixed names.
import { Device } from "./device.mjs";
import { Stage } from "./stage.mjs";
import { until } from "./until.mjs";

const MINUTE = 60_000, DAY = 1_440 * MINUTE;
/** A curve over the day: middle, swing, hour of the greatest. */
const day = (middle, swing, peak) => (at) => middle + swing * Math.cos(((at % DAY) / DAY - peak / 24) * 2 * Math.PI) + Math.sin(at / 777_777) * swing * 0.08;

const climate = (middle) => ({ temperature: [day(middle, 5, 14), "C"], humidity: [day(68, 11, 4), "%"] });
const describe = {
  climate: ["S:temperature:number:C:-20:60", "S:humidity:number:%:0:100", "A:heating:boolean::", "A:vent:number:0:100"],
  water: ["S:flow:number:l/min:0:80", "S:soil:number:%:0:100", "A:valve:number:0:100", "A:pump:boolean::", "A:rinse:button::"],
  room: ["S:temperature:number:C:-20:60", "S:presence:boolean:::", "A:light:boolean::", "A:blind:number:0:100"],
};

const DEVICES = [
  { group: "greenhouse", id: "100001", name: "Climate north", labels: ["climate", "north"], describe: describe.climate, past: climate(21), sensors: { temperature: 22.4, humidity: 64 }, actuators: { heating: "false", vent: 35 } },
  { group: "greenhouse", id: "100002", name: "Climate south", labels: ["climate", "south"], describe: describe.climate, past: climate(24), sensors: { temperature: 31.2, humidity: 51 }, actuators: { heating: "false", vent: 80 } },
  { group: "greenhouse", id: "100003", name: "Irrigation beds 1 to 4", labels: ["water"], describe: describe.water, past: { soil: [day(44, 9, 8), "%"] }, sensors: { flow: 12.5, soil: 38 }, actuators: { valve: 40, pump: "true", rinse: "0" } },
  { group: "greenhouse", id: "100004", name: "Greenhouse 7, row 12, bed B: drip irrigation with flow meter, replaced in March", labels: ["water", "north", "drip-irrigation-with-flow-meter"], describe: describe.water, sensors: { flow: 0 }, away: true },
  { group: "greenhouse", id: "100005", name: "Weather mast", login: "legacy", describe: ["S:wind:number:m/s:0:60", "S:rain:number:mm:0:"], past: { wind: [day(6, 3, 15), "m/s"] }, sensors: { wind: 7.2, rain: 0 } },
  { group: "home", id: "200001", name: "Living room", labels: ["rooms"], describe: describe.room, past: { temperature: [day(20.5, 1.4, 19), "C"] }, sensors: { temperature: 20.8, presence: true }, actuators: { light: "true", blind: 60 } },
  { group: "home", id: "200002", name: "Front door", describe: ["S:open:boolean:::", "S:battery:number:%:0:100", "A:lock:boolean::"], sensors: { open: false, battery: 17 }, actuators: { lock: "true" } },
  { group: "home", id: "200003", name: "Garage", away: true, describe: ["A:gate:boolean::"] },
  { group: "workshop", id: "300001", name: "Compressor", describe: ["S:pressure:number:bar:0:16", "A:motor:boolean::"], past: { pressure: [day(7.5, 0.6, 11), "bar"] }, sensors: { pressure: 7.8 }, actuators: { motor: "true" } },
  { group: "workshop", id: "300002", name: "Extractor", never: true },
  { group: "workshop", id: "300003", name: "Old lathe", never: true, disabled: true },
];

/** A stage with all of it; `ids` name what has a page of its own. */
export async function furnish() {
  const stage = await Stage.set({ HUB_COMMANDS__EXPIRE_SECONDS: "3", HUB_COMMANDS__ANSWER_SECONDS: "3", HUB_NOTIFY__HUB_NAME: "Willow Farm" });
  for (const group of ["greenhouse", "home", "workshop"]) await stage.group(group);
  stage.named = {};
  for (const { past = {}, away, never, disabled, ...parts } of DEVICES) {
    const device = (stage.named[parts.name] = await stage.device(parts));
    for (const [sensor, [curve, unit]] of Object.entries(past)) {
      const rows = Array.from({ length: 288 }, (_, i) => Date.now() - (288 - i) * 5 * MINUTE).map((at) => [at, curve(at).toFixed(2)]);
      stage.hub.importReadings(device.address, sensor, unit, rows);
    }
    if (!never) await device.connect();
    for (const sensor of parts.describe ?? []) {
      const [sort, name, , unit] = sensor.split(":");
      if (sort === "S" && !never && name in (parts.sensors ?? {})) device.event(name, parts.sensors[name], unit);
    }
    if (away) device.send(0, 20, "night"), await device.close();
    if (disabled) await stage.admin.patch(`/devices/${device.address}`, { disabled: true });
  }
  await addAlarms(stage);
  await addCommands(stage);
  await addSchedules(stage);
  await addPeople(stage);
  return stage;
}

const rule = (name, group, scope, sensor, op, raise, clear, severity) => ({
  name, group, scope, check: { kind: "threshold", sensor, op, raise, clear }, unit: "", severity, enabled: true, on_delay_ms: 0, off_delay_ms: 0, act: null, local: false,
});

async function addAlarms(stage) {
  const { admin, named } = stage;
  const hot = await admin.post("/rules", rule("Too hot", "greenhouse", "label climate", "temperature", ">", 30, 28, "major"));
  await admin.post("/rules", rule("Battery low", "home", "group", "battery", "<", 20, 25, "minor"));
  await admin.post("/rules", rule("Pressure lost", "workshop", `device ${named.Compressor.address}`, "pressure", "<", 5, 6, "critical"));
  await admin.post("/rules", { ...rule("Soil dry", "greenhouse", "label water", "soil", "<", 20, 25, "warning"), enabled: false });
  named["Climate south"].event("temperature", 31.6, "C");
  named["Front door"].event("battery", 16, "%");
  named.Compressor.event("pressure", 4.2, "bar");
  const open = async () => (await admin.get("/alarms?open=true")).items;
  await until("three alarms are open", async () => (await open()).length === 3);
  const alarms = Object.fromEntries((await open()).map((one) => [one.name, one]));
  await admin.post(`/alarms/${alarms["Pressure lost"].id}/acknowledge`, { note: "A hose came off; it is on again." });
  named.Compressor.event("pressure", 7.7, "bar");
  await admin.post(`/alarms/${alarms["Battery low"].id}/acknowledge`, { note: "New cells are ordered." });
  await until("one has cleared", async () => (await open()).length === 2);
  Object.assign(stage, { rule: hot.id, alarm: alarms["Too hot"].id });
}

async function addCommands(stage) {
  const { admin, named } = stage;
  const order = (name, type, fields, more) => admin.post("/commands", { target: String(named[name].address), type, fields, ...more });
  const state = async (answer, wanted) => until(wanted, async () => (await admin.get(`/commands/${answer.items[0].id}`)).state === wanted);
  const north = named["Climate north"];
  await state(await order("Climate north", 3, ["vent", "55"]), "succeeded");
  await state(await order("Climate north", 1, ["temperature"]), "succeeded");
  north.refuses = "JAMMED";
  await state(await order("Climate north", 3, ["vent", "90"]), "rejected");
  north.refuses = "";
  north.answers = false;
  await state(await order("Climate north", 3, ["heating", "true"]), "timed_out");
  north.answers = true;
  await state(await order("Climate north", 3, ["vent", "60"]), "succeeded");
  await order("Garage", 3, ["gate", "false"], { expires_in_ms: DAY });
}

async function addSchedules(stage) {
  const { admin, named } = stage;
  const schedule = (name, group, timing, act) => admin.post("/schedules", { name, group, timing: { zone: "Europe/Madrid", ...timing }, act: { kind: "command", ...act } });
  const airing = await schedule("Air while it is warm", "greenhouse", { every_ms: 1_000 }, { target: String(named["Climate south"].address), type: 3, fields: ["vent", "80"] });
  await schedule("Lights off at night", "home", { cron: "0 30 23 * * *" }, { target: "@rooms", type: 3, fields: ["light", "false"] });
  await schedule("Water the beds", "greenhouse", { cron: "0 0 6 * * MON-FRI" }, { target: "@water", type: 3, fields: ["valve", "70"] });
  await until("it has run", async () => (await admin.get(`/schedules/${airing.id}/runs`)).items.filter(({ outcome }) => outcome === "ordered").length >= 3);
  await admin.patch(`/schedules/${airing.id}`, { paused: true });
  stage.schedule = airing.id;
}

async function addPeople(stage) {
  const { admin, hub } = stage;
  await stage.user("ana", "operator", ["greenhouse", "home"]);
  await stage.user("bruno", "group_administrator", ["workshop"]);
  await stage.user("carla", "viewer", ["home"]);
  hub.json("user", "add", "dario", "--role", "viewer", "--group", "workshop");
  await admin.post("/me/tokens", { name: "Nightly export", scope: "read", groups: ["greenhouse"], expires_ms: Date.now() + 90 * DAY });
  await admin.put("/retention", { group: "greenhouse", sensor: "humidity", raw_days: 30, minute_days: 365, hour_days: 3650 });
  await admin.post("/channels", { group: "greenhouse", name: "On call", to: { kind: "webhook", url: "http://127.0.0.1:9/alarms" }, severity: "major" });
  // Somebody who is not registered knocks.
  const stranger = new Device(hub.devices, { type: 733, id: "A7-00412", serial: "0123456789abcdef0123456789abcdef" });
  await stranger.connect().catch(() => undefined);
  await stranger.close();
}
