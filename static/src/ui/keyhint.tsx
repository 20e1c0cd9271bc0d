import { t } from "../lib/i18n";

/** A key, or two in a row. */
export function KeyHint({ keys }: { keys: string }) {
  const parts = keys.split(" ");
  return (
    <span class="keyhint">
      {parts.map((part, i) => <>{i > 0 && <span class="small muted"> {t("keys.then")} </span>}<kbd>{part}</kbd></>)}
    </span>
  );
}
