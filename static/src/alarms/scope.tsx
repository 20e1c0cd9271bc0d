/** Whom a rule watches. */
import { t } from "../lib/i18n";
import { DeviceLink, Labels } from "../ui";
import { readScope } from "./words";

export function ScopeText({ scope }: { scope: string }) {
  const read = readScope(scope);
  if (read.kind === "device") return <DeviceLink address={read.address} />;
  return read.kind === "label" ? <Labels labels={[read.label]} /> : <span>{t("rules.scope.group")}</span>;
}
