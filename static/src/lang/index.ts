// English, of all pages.

import account from "./en/account";
import admin from "./en/admin";
import alarms from "./en/alarms";
import charts from "./en/charts";
import console from "./en/console";
import devices from "./en/devices";
import schedules from "./en/schedules";
import shell from "./en/shell";

const all = { ...shell, ...devices, ...charts, ...alarms, ...schedules, ...console, ...admin, ...account };

export type Key = keyof typeof all;
export const words: Record<Key, string> = all;
