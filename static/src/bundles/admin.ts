// Pages that come together: those of administration, and one's own account.
export { default as groups } from "../pages/groups";
export { default as users } from "../pages/users";
export { default as discovered } from "../pages/discovered";
export { default as audit } from "../pages/audit";
export { default as settings } from "../pages/settings";
export { default as health } from "../pages/health";
export { default as account } from "../pages/account";
