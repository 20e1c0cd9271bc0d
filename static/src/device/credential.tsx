// A serial is shown once: here, with what to do with it next.

import { t } from "../lib/i18n";
import { link } from "../lib/routes";
import type { Credential } from "../lib/types";
import { Button, CopyButton, Dialog, Facts, LinkButton, Note, Secret } from "../ui";

/** As the example device and programs read it. */
function credentialJson(c: Credential): string {
  return JSON.stringify({ address: c.address, group: c.group, type: c.type, id: c.id, serial: c.serial, login: c.login });
}

export function CredentialDialog({ credential, title, rotated, onClose }: {
  credential: Credential; title: string; rotated?: boolean; onClose: () => void;
}) {
  const file = `data:application/json;charset=utf-8,${encodeURIComponent(credentialJson(credential))}`;
  return (
    <Dialog
      title={title} onClose={onClose} locked
      actions={(
        <>
          {!rotated && <LinkButton href={link(`/devices/${credential.address}`)}>{t("credential.open")}</LinkButton>}
          <Button kind="primary" onClick={onClose}>{t("credential.kept")}</Button>
        </>
      )}
    >
      <Note tone="warn" icon="key">{t("credential.once")}</Note>
      <div class="stack-tight">
        <span class="field-label">{t("credential.serial")}</span>
        <Secret text={credential.serial} label={t("credential.serial")} />
      </div>
      <Facts
        items={[
          [t("device.address"), <span class="mono">{credential.address}</span>],
          [t("device.type_id"), <span class="mono">{credential.type}/{credential.id}</span>],
        ]}
      />
      <div class="stack-tight">
        <h3>{t("credential.next")}</h3>
        <ol class="next-steps">
          <li>{t("credential.step_board", { type: String(credential.type), id: credential.id })}</li>
          <li>{t("credential.step_login")}</li>
          <li>{t(rotated ? "credential.step_rotated" : "credential.step_online")}</li>
        </ol>
      </div>
      <div class="row">
        <LinkButton small icon="download" href={file} download={`device-${credential.address}.json`}>{t("credential.download")}</LinkButton>
        <CopyButton small text={credentialJson(credential)} label={t("credential.copy")} />
      </div>
    </Dialog>
  );
}
