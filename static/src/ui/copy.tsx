// Text to be taken elsewhere.

import { useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Button } from "./button";
import { toast } from "./toast";

/** Pages that came over plain HTTP have no clipboard of their own; the old way works there. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "sr-only";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function CopyButton({ text, label, small }: { text: string; label?: string; small?: boolean }) {
  const [done, setDone] = useState(false);
  return (
    <Button
      small={small} icon={done ? "check" : "copy"}
      onClick={() => void copyText(text).then((copied) => {
        if (!copied) return toast(t("ui.copy_failed"), "warn");
        setDone(true);
        setTimeout(() => setDone(false), 2_000);
      })}
    >
      {done ? t("ui.copied") : (label ?? t("ui.copy"))}
    </Button>
  );
}

/** Something to be kept, such as a serial or a link. */
export function Secret({ text, label }: { text: string; label: string }) {
  return (
    <div class="secret">
      <code class="secret-text" aria-label={label} data-testid="secret">{text}</code>
      <CopyButton text={text} />
    </div>
  );
}
