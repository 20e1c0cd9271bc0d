// Pages that come together: what is opened first.
export { default as overview } from "../pages/overview";
export { default as devices } from "../pages/devices";
