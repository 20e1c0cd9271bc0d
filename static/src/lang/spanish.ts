// Spanish, of all pages; each part has exactly the keys of the English one.

import account from "./es/account";
import admin from "./es/admin";
import alarms from "./es/alarms";
import charts from "./es/charts";
import console from "./es/console";
import devices from "./es/devices";
import schedules from "./es/schedules";
import shell from "./es/shell";

export const words: Record<string, string> = {
  ...shell, ...devices, ...charts, ...alarms, ...schedules, ...console, ...admin, ...account,
};
